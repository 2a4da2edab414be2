"""A library to a map: analyse, lay out, turn to the last map, write the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.arranged import entries_of
from groovecli.actions.context import Context, check_call, check_seed, log_songs
from groovecli.actions.map.groups import Groups, areas_of, column_of, given_groups, own_groups
from groovecli.actions.map.known import columns_of
from groovecli.actions.map.standing import Ground, standing
from groovecli.actions.similar.opened import Opened, open_library
from groovecli.checked import Checked, Places
from groovecli.datasets.tables import known_genres
from groovecli.files import check_writable
from groovecli.library.artists import first_artist
from groovecli.library.labels import genres_of
from groovecli.library.tracks import Rejected, reachable
from groovecli.library.walk import PassedOver, check_folder
from groovecli.messages import map as messages
from groovecli.messages.command import options_of
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath, StrPaths, as_paths
from groovecli.playlists.layout import Floats, reduced
from groovecli.playlists.neighbours import neighbours
from groovecli.playlists.playlist import Entry
from groovecli.playlists.reading import playlists_of
from groovecli.playlists.rows import compared_by
from groovecli.reports.map.content import Column, Content
from groovecli.reports.map.page import is_map, write_map
from groovecli.reports.web.frame import Foot


@dataclass(frozen=True)
class MapRequest(Checked):
    """Which library to draw as a map, and where to write the page.

    `playlists` are files, or folders of them, that are drawn as areas; without any, those are that
    `groove cluster` would make. The map begins at the last one of this library and model, unless
    `fresh` is given. A file at `out` that is no map is replaced only where `force` is given.
    """

    library: StrPath
    out: StrPath = "map.html"
    playlists: StrPaths = ()
    exclude: tuple[str, ...] = ()
    fresh: bool = False
    force: bool = False
    seed: int = 0
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None


@dataclass(frozen=True)
class Mapped:
    """The map that was written, and what could not be on it.

    `n_kept` songs were on the last map, too; None where there was none. `playlists` are drawn as areas.
    """

    model: str
    out: Path
    title: str
    n_songs: int
    n_kept: int | None
    n_bytes: int
    colours: tuple[str, ...]
    playlists: tuple[str, ...]
    notes: tuple[str, ...]
    left_out: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    passed_over: PassedOver


def run(request: MapRequest, context: Context) -> Mapped:
    """Draw a library as a map; see `MapRequest`.

    Raises
    ------
    UsageError
        `out` does not end in .html, or is another file; the seed is out of range.
    LibraryError
        There is no such library, no song in it that can be decoded, or a playlist can't be read.
    ModelError
        There is no such model, or it is damaged.
    StorageError
        The page can't be written there.
    Interrupted
        The user stopped it; what was heard is kept.
    """
    check_call("map_library", request, MapRequest, context)
    check_seed(request.seed)
    check_folder(library := Path(request.library))
    _check_out(Path(request.out), force=request.force)
    given = as_paths(request.playlists, "MapRequest", "playlists")
    for path in given:
        playlists_of(path)  # sooner than after minutes of listening
    model = context.load(request.model)
    opened = open_library(
        model,
        context,
        library=library,
        n_clips=request.n_clips,
        command="map MUSIC",
        exclude=request.exclude,
    )
    done = _map(request, model, opened, given, context)
    log_songs(context.catalog, "map", [library], done.n_songs, len(done.failed))
    return done


def _check_out(out: Path, *, force: bool) -> None:
    if out.suffix.lower() not in (".html", ".htm"):
        raise messages.no_page_ending(out)
    check_writable(out)
    if out.exists() and not force and not is_map(out):
        raise messages.no_map_there(out)


def _map(
    request: MapRequest, model: LoadedModel, opened: Opened, given: Sequence[Path], context: Context
) -> Mapped:
    library = Path(request.library)
    files = opened.files(range(len(opened)))
    tracks = [reachable(its) for its in files]
    known = known_genres(context.catalog, (track.id for track in tracks))
    entries = entries_of(tracks, genres_of(tracks, known, [library]), library)
    rows, metric = opened.vectors.rows, opened.vectors.metric
    points = reduced(compared_by(metric, rows))
    ids = [track.id for track in tracks]
    asked = Ground(library, opened.model, request.seed, request.fresh)
    laid = standing(points, ids, asked, context)
    near = neighbours(opened.vectors, points)
    if given:
        drawn = given_groups(given, files)
    else:
        assert opened.embedded is not None  # of a library
        rows_of = {track_id: row for row, track_id in enumerate(ids)}
        drawn = own_groups(model, opened.embedded, rows_of, asked, context)
    columns = tuple(columns_of(tracks, entries, library, context.catalog, context.monitor))
    order = np.array(sorted(range(len(tracks)), key=lambda row: _by_name(entries[row])), np.intp)
    content = _content(order, laid.places, near, entries, columns, drawn.groups)
    title = _finding(columns, near)
    n_same = sum(len(its) - 1 for its in files)
    notes = (
        *laid.notes,
        *([messages.same_sound(n_same)] if n_same else []),
        *drawn.notes,
    )
    out = Path(request.out)
    command = f"groove map {quote(str(library))} --out {quote(str(out))}"
    command += options_of(request, leave_out=("seed",))  # said beside it
    n_bytes = write_map(out, title, content, foot=Foot(command=command, seed=request.seed), notes=notes)
    return Mapped(
        model=opened.model,
        out=out,
        title=title,
        n_songs=len(tracks),
        n_kept=laid.n_kept,
        n_bytes=n_bytes,
        colours=tuple(column.title for column in content.columns),
        playlists=tuple(area.name for area in content.areas),
        notes=notes,
        left_out=opened.left_out,
        failed=(*opened.failed, *drawn.unread),
        passed_over=opened.passed_over,
    )


def _by_name(entry: Entry) -> tuple[bool, str, str, str]:
    """Songs by artist and title, those without an artist last."""
    artist = entry.artist.strip()
    return not artist, artist.casefold(), entry.shown_title.casefold(), str(entry.path)


def _content(
    order: NDArray[np.intp],
    places: Floats,
    near: NDArray[np.int64],
    entries: Sequence[Entry],
    columns: Sequence[Column],
    groups: Groups,
) -> Content:
    """All that is on the map, in the order of the list beside it."""
    new = np.empty(len(order), np.int64)
    new[order] = np.arange(len(order))
    moved = {name: new[rows].tolist() for name, rows in groups.items()}
    own = [Column(c.key, c.title, c.labels, c.of[order], c.is_ordered) for c in columns]
    where = 1 if own[0].key == "genre" else 0
    if moved:
        own.insert(where, column_of(moved, len(order)))
    songs = [entries[row] for row in order.tolist()]
    return Content(
        places=places[order],
        neighbours=new[near[order]],
        paths=[song.path for song in songs],
        titles=[song.shown_title for song in songs],
        seconds=[song.duration_s for song in songs],
        columns=tuple(own),
        areas=tuple(areas_of(moved, places[order])),
        artists={
            row: song.artist.strip()
            for row, song in enumerate(songs)
            if song.artist.strip() != first_artist(song.artist)
        },
    )


def _finding(columns: Sequence[Column], near: NDArray[np.int64]) -> str:
    """What the map shows in one line: how often songs near each other are of one genre."""
    n = len(near)
    genre = next((column for column in columns if column.key == "genre"), None)
    if genre is None or len(genre.labels) < 2 or n < 2:
        return messages.laid_out(n)
    is_other = near != np.arange(n)[:, None]
    is_counted = is_other & (genre.of[:, None] > 0) & (genre.of[near] > 0)
    if not is_counted.any():
        return messages.laid_out(n)
    share = float((genre.of[near] == genre.of[:, None])[is_counted].mean())
    counts = np.bincount(genre.of)[1:].astype(np.float64)
    m = counts.sum()
    by_chance = float((counts * (counts - 1)).sum() / (m * (m - 1))) if m > 1 else 0.0
    return messages.shared_genre(n, share, by_chance)
