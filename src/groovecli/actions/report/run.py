"""A library to its report: analyse, measure the space, count what it holds, write the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import numpy as np

from groovecli.actions.arranged import entries_of
from groovecli.actions.context import Context, check_call, check_seed, log_songs
from groovecli.actions.describe import describe_all
from groovecli.actions.once import songs_once
from groovecli.actions.report.holdings import MOST_OPENED, holdings, opened
from groovecli.actions.report.labels import Labels, artists_of, labels_of
from groovecli.actions.similar.opened import Opened, open_library
from groovecli.checked import Checked, Places
from groovecli.describe.description import SongDescription
from groovecli.describe.rows import known_descriptions
from groovecli.evaluation.health.measure import N_STEPS, Health, Listed, Songs, health
from groovecli.files import check_writable
from groovecli.library.tracks import Rejected, Track, reachable
from groovecli.library.walk import PassedOver, check_folder
from groovecli.messages import report as messages
from groovecli.messages.actions import stopped_embedding
from groovecli.messages.command import options_of
from groovecli.messages.map import no_page_ending
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath
from groovecli.playlists.eligible import Rules
from groovecli.playlists.playlist import Entry
from groovecli.reports.overview.content import Missing, Named, Overview
from groovecli.reports.overview.page import MARK, write_overview
from groovecli.reports.web.frame import Foot
from groovecli.reports.web.marks import is_page

MOST_MEASURED = 20_000
"""Songs of which near songs and playlists are measured; of more, that many are drawn."""


@dataclass(frozen=True)
class ReportRequest(Checked):
    """Of which library to write a report, and where.

    `genres` takes only songs of these, `exclude` leaves out files by patterns. `label_from` says where
    genres are from: "folder", "tag", or "" for whatever is known. `describe` measures tempo, key and
    loudness first. A file at `out` that is no report is replaced only where `force` is given.
    """

    library: StrPath
    out: StrPath = "report.html"
    genres: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    label_from: str = ""
    describe: bool = False
    force: bool = False
    seed: int = 0
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None


@dataclass(frozen=True)
class Reported:
    """The report that was written, and files that could not be in it."""

    overview: Overview
    out: Path
    n_bytes: int
    left_out: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    undescribed: tuple[Rejected, ...]
    passed_over: PassedOver


def run(request: ReportRequest, context: Context) -> Reported:
    """Write how healthy the space is on a library, and what the library holds; see `ReportRequest`.

    Raises
    ------
    UsageError
        `out` does not end in .html, or is another file; the seed is out of range, a genre is not there.
    LibraryError
        There is no such library, or no song in it that can be decoded.
    ModelError
        There is no such model, or it is damaged.
    StorageError
        The page can't be written there.
    Interrupted
        The user stopped it; what was heard and measured is kept.
    """
    check_call("report", request, ReportRequest, context)
    check_seed(request.seed)
    check_folder(library := Path(request.library))
    _check_out(Path(request.out), force=request.force)
    model = context.load(request.model)
    found = open_library(
        model,
        context,
        library=library,
        n_clips=request.n_clips,
        command="report MUSIC",
        exclude=request.exclude,
        genres=request.genres,
    )
    done = _report(request, model, found, context)
    log_songs(context.catalog, "report", [library], done.overview.n_songs, len(done.failed))
    return done


def _check_out(out: Path, *, force: bool) -> None:
    if out.suffix.lower() not in (".html", ".htm"):
        raise no_page_ending(out, "report.html")
    check_writable(out)
    if out.exists() and not force and not is_page(out, MARK):
        raise messages.no_report_there(out)


def _report(request: ReportRequest, model: LoadedModel, found: Opened, context: Context) -> Reported:
    library, out = Path(request.library), Path(request.out)
    files = found.files(range(len(found)))
    songs = [reachable(its) for its in files]
    undescribed: tuple[Rejected, ...] = ()
    if request.describe:
        measured = describe_all(songs, context.catalog, jobs=context.jobs, monitor=context.monitor)
        undescribed = measured.failed
    _check_stopped(context)
    labels = labels_of(songs, library, context.catalog, request.label_from)
    entries = entries_of(songs, labels.genres, library)
    every = [track for its in files for track in its]
    assert found.embedded is not None  # of a library
    once = songs_once(model, found.embedded, Rules(), context)
    of_id = {song.id: place for place, song in enumerate(songs)}
    listed = [of_id[found.embedded.tracks[number].id] for number in once.songs.kept.tolist()]
    overview = _overview(request, found, songs, every, listed, entries, labels, context)
    command = f"groove report {quote(str(library))} --out {quote(str(out))}"
    command += options_of(request, leave_out=("seed",))  # said beside it
    n_bytes = write_overview(out, overview, Foot(command=command, seed=request.seed))
    failed = (*found.failed, *once.unread)
    return Reported(overview, out, n_bytes, found.left_out, failed, undescribed, found.passed_over)


def _check_stopped(context: Context) -> None:
    if context.monitor.stopped:
        raise stopped_embedding()


def _overview(
    request: ReportRequest,
    found: Opened,
    songs: Sequence[Track],
    every: Sequence[Track],
    listed: Sequence[int],
    entries: Sequence[Entry],
    labels: Labels,
    context: Context,
) -> Overview:
    known = known_descriptions(context.catalog, (track.id for track in songs))
    said = [known.get(track.id) for track in songs]
    read = opened(every, request.seed, context.monitor)
    steps = iter(range(N_STEPS))

    def step() -> None:
        _check_stopped(context)
        context.monitor.progress("measure", next(steps), N_STEPS)

    places = _drawn(len(songs), request.seed)
    measured = health(
        _songs(found, entries, labels, places, listed), len(songs), seed=request.seed, step=step
    )
    context.monitor.progress("measure", N_STEPS, N_STEPS)
    _check_stopped(context)
    lists, n_apart = measured.hubs, len(songs) - len(listed)
    names = [entries[place] for place in places.tolist()]
    n_same = len(every) - len(songs)
    notes = (
        *([messages.sampled(len(places), len(songs))] if len(places) < len(songs) else []),
        *([messages.files_sampled(len(read.headers), len(every))] if len(every) > MOST_OPENED else []),
        *([messages.few_songs(len(songs))] if len(songs) < messages.FEW else []),
        *labels.notes,
        *([messages.in_no_playlist(n_apart)] if n_apart else []),
        *([messages.same_sound(n_same)] if n_same else []),
    )
    return Overview(
        title=_finding(measured),
        model=found.model,
        library=Path(request.library),
        n_songs=len(songs),
        n_files=len(every),
        n_described=sum(each is not None for each in said),
        duration_s=sum(track.duration_s for track in songs if np.isfinite(track.duration_s)),
        health=measured,
        hubs=tuple(_named(each, names) for each in (lists.hubs if lists else ())),
        orphans=tuple(_named(each, names) for each in (lists.orphans if lists else ())),
        held=tuple(holdings(songs, every, labels.genres, said, read)),
        missing=tuple(_missing(every, n_same, found, read.years, said)),
        failed=found.failed,
        notes=notes,
    )


def _drawn(n: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The songs that are measured, in their order."""
    if n <= MOST_MEASURED:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, MOST_MEASURED, replace=False))


def _songs(
    found: Opened,
    entries: Sequence[Entry],
    labels: Labels,
    places: np.ndarray[tuple[int], np.dtype[np.intp]],
    listed: Sequence[int],
) -> Songs:
    """The songs that are measured; `listed` are those that playlists are made of, of all."""
    numbers = places.tolist()
    row = {place: number for number, place in enumerate(numbers)}
    return Songs(
        rows=found.vectors.rows[places],
        metric=found.vectors.metric,
        artists=artists_of([entries[place] for place in numbers]),
        genres=tuple(labels.genres[place] for place in numbers),
        labels={what: tuple(each[place] for place in numbers) for what, each in labels.compared.items()},
        listed=np.array([row[place] for place in listed if place in row], np.intp),
    )


def _finding(measured: Health) -> str:
    if (near := measured.precision) is not None:
        return messages.shares_genre(near.corrected, near.by_chance, near.most)
    return messages.no_genres(measured.n_songs, measured.hubs.n_orphans if measured.hubs else None)


def _named(listed: Listed, names: Sequence[Entry]) -> Named:
    song = names[listed.song]
    near = None if listed.nearest is None else names[listed.nearest]
    return Named(listed, song.shown, song.path, (near.shown, near.path) if near else None)


def _missing(
    files: Sequence[Track],
    n_same: int,
    found: Opened,
    years: Sequence[int | None],
    said: Sequence[SongDescription | None],
) -> Sequence[Missing]:
    tags = [track.tags for track in files]
    every = (
        Missing("can't be read", "failed", len(found.failed)),
        Missing("silent", "silent", len(found.left_out)),
        Missing(
            "without any tag", "no_tags", sum(not any((t.artist, t.title, t.album, t.genre)) for t in tags)
        ),
        Missing("without an artist in the tags", "no_artist", sum(not t.artist for t in tags)),
        Missing("without a title in the tags", "no_title", sum(not t.title for t in tags)),
        Missing("without an album in the tags", "no_album", sum(not t.album for t in tags)),
        Missing("without a genre in the tags", "no_genre", sum(not t.genre for t in tags)),
        Missing("without a year in the tags", "no_year", sum(year is None for year in years)),
        Missing("with the same sound as another file", "same_sound", n_same),
        Missing(
            "without tempo, key and loudness measured", "not_described", sum(each is None for each in said)
        ),
    )
    return [each for each in every if each.n]
