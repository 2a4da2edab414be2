"""Songs to vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from groovecli.actions.context import Context, check_call, log_songs
from groovecli.actions.hear import begin, vectors_of
from groovecli.checked import Checked, Places
from groovecli.datasets.tables import known_genres
from groovecli.describe.rows import known_of
from groovecli.library.catalog import Catalog
from groovecli.library.genres import chosen_genres
from groovecli.library.labels import genres_of
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Track
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG, Embedded
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import StrPaths, as_paths

_AT_HAND = 64_000_000  # numbers; more of them stay on the disk


@dataclass(frozen=True)
class EmbedRequest(Checked):
    """Which songs, or folders of songs, to turn into vectors, and by which model.

    `n_clips` says in how many places a song is heard; `exclude` has patterns of files that are left out
    of the folders. `describe` also measures tempo, key and loudness of songs of which these aren't known.
    """

    paths: StrPaths
    model: str | None = None
    n_clips: Places = CLIPS_PER_SONG
    exclude: tuple[str, ...] = ()
    describe: bool = False


def run(request: EmbedRequest, context: Context) -> Embedded:
    """One vector per song, and its genre if it is known; see `embed`.

    Raises
    ------
    ModelError
        There is no such model, or it is damaged.
    LibraryError
        There is no audio file at any of the paths.
    """
    check_call("embed", request, EmbedRequest, context)
    paths = as_paths(request.paths, "EmbedRequest", "paths")
    model, catalog = context.load(request.model), context.catalog
    embedded = embed(
        model,
        paths,
        catalog,
        n_clips=request.n_clips,
        exclude=request.exclude,
        jobs=context.jobs,
        monitor=context.monitor,
    )
    log_songs(catalog, "embed", paths, len(embedded.tracks), len(embedded.failed))
    if request.describe:
        from groovecli.actions.describe import describe_all  # with what measures songs

        done = describe_all(embedded.tracks, catalog, jobs=context.jobs, monitor=context.monitor)
        embedded = replace(embedded, undescribed=done.failed, interrupted=done.interrupted)
    ids = {track.id for track in embedded.tracks}
    return replace(
        embedded,
        genres=tuple(genres_of(embedded.tracks, known_genres(catalog, ids), paths)),
        descriptions=known_of(embedded.tracks, catalog),
    )


def embed(
    model: LoadedModel,
    paths: StrPaths,
    catalog: Catalog,
    *,
    n_clips: int = CLIPS_PER_SONG,
    exclude: Sequence[str] = (),
    genres: Sequence[str] = (),
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Embedded:
    """One vector per song, the mean over its clips; what the catalogue has is not computed again.

    Parameters
    ----------
    exclude : sequence of str
        Patterns of files that are left out of the folders.
    genres : sequence of str
        Only songs of these genres; of all without them.

    Raises
    ------
    LibraryError
        There is no audio file at any of the paths.
    UsageError
        No song is of one of the genres.
    """
    found = find_tracks(
        paths, catalog, exclude=exclude, begin=partial(begin, model), jobs=jobs, monitor=monitor
    )
    if genres and not monitor.stopped:  # else a genre may be missing because it is not read yet
        found = replace(found, tracks=_of_genres(found.tracks, genres, catalog, paths))
    heard = vectors_of(
        model, found.tracks, catalog, n_clips=n_clips, jobs=jobs, stage="embed", monitor=monitor
    )
    n, dim = heard.rows.shape
    return Embedded(
        model.description.name,
        heard.tracks,
        heard.rows if n * dim > _AT_HAND else heard.rows[:],
        failed=(*found.rejected, *(item for item in heard.rejected if item.reason.is_fault)),
        left_out=tuple(item for item in heard.rejected if not item.reason.is_fault),
        interrupted=monitor.stopped,
        passed_over=found.passed_over,
    )


def _of_genres(
    tracks: Sequence[Track], wanted: Sequence[str], catalog: Catalog, paths: StrPaths
) -> tuple[Track, ...]:
    """The tracks of some genres."""
    known = known_genres(catalog, {track.id for track in tracks})
    genres = genres_of(tracks, known, as_paths(paths, "embed", "paths"))
    chosen = chosen_genres({genre for genre in genres if genre}, wanted)
    return tuple(track for track, genre in zip(tracks, genres, strict=True) if genre in chosen)
