"""Songs to vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context, check_call
from groovecli.actions.hear import hear
from groovecli.checked import Checked, Places
from groovecli.datasets.tables import known_genres
from groovecli.library.catalog import Catalog
from groovecli.library.genres import chosen_genres
from groovecli.library.labels import genres_of
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Rejected, Track
from groovecli.models.file import LoadedModel
from groovecli.models.listen import CLIPS_PER_SONG
from groovecli.models.results import Embedded
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import StrPaths, as_paths


@dataclass(frozen=True)
class EmbedRequest(Checked):
    """Which songs, or folders of songs, to turn into vectors, and by which model.

    `n_clips` says in how many places a song is heard; `exclude` has patterns of files that are left out
    of the folders.
    """

    paths: StrPaths
    model: str | None = None
    n_clips: Places = CLIPS_PER_SONG
    exclude: tuple[str, ...] = ()


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
    genres = genres_of(embedded.tracks, known_genres(catalog), paths)
    return replace(embedded, genres=tuple(genres))


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
    found = find_tracks(paths, catalog, exclude=exclude, jobs=jobs, monitor=monitor)
    if genres and not monitor.stopped:  # else a genre may be missing because it is not read yet
        found = replace(found, tracks=_of_genres(found.tracks, genres, catalog, paths))
    vectors: dict[Path, NDArray[np.float32]] = {}
    bad: dict[Path, Rejected] = {}
    heard = hear(model, found.tracks, catalog, n_clips=n_clips, jobs=jobs, stage="embed", monitor=monitor)
    for track, outcome in heard:
        if isinstance(outcome, Rejected):
            bad[track.path] = outcome
        else:
            vectors[track.path] = outcome.embedding
    unheard = [bad[track.path] for track in found.tracks if track.path in bad]
    done = [track for track in found.tracks if track.path in vectors]
    nothing = np.zeros((0, model.description.spec.embedding_dim), np.float32)
    return Embedded(
        model.description.name,
        tuple(done),
        np.stack([vectors[track.path] for track in done]) if done else nothing,
        failed=(*found.rejected, *(item for item in unheard if item.reason.is_fault)),
        left_out=tuple(item for item in unheard if not item.reason.is_fault),
        interrupted=monitor.stopped,
        passed_over=found.passed_over,
    )


def _of_genres(
    tracks: Sequence[Track], wanted: Sequence[str], catalog: Catalog, paths: StrPaths
) -> tuple[Track, ...]:
    """The tracks of some genres."""
    genres = genres_of(tracks, known_genres(catalog), as_paths(paths, "embed", "paths"))
    chosen = chosen_genres({genre for genre in genres if genre}, wanted)
    return tuple(track for track, genre in zip(tracks, genres, strict=True) if genre in chosen)
