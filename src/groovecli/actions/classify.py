"""Songs to their genres."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from groovecli.actions.context import Context, check_call, log_songs
from groovecli.actions.hear import begin, hear
from groovecli.checked import Checked, Places, Share
from groovecli.describe.rows import known_descriptions
from groovecli.errors import DatasetError, StorageError
from groovecli.library.catalog import Catalog
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Rejected
from groovecli.messages.actions import names_no_genres, nothing_kept
from groovecli.models.familiarity import familiar_with
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import (
    CLIPS_PER_SONG,
    Classified,
    SongGenre,
    check_min_confidence,
    silent_song,
    song_genre,
)
from groovecli.models.tested import better_in_words, note_of
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import StrPaths, as_paths
from groovecli.reasons import Reason


@dataclass(frozen=True)
class ClassifyRequest(Checked):
    """Which songs, or folders of songs, to name the genres of, and by which model.

    `n_clips` says in how many places a song is heard; a song whose best genre is less probable than
    `min_confidence` is called unknown. `exclude` has patterns of files that are left out of the folders.
    """

    paths: StrPaths
    model: str | None = None
    n_clips: Places = CLIPS_PER_SONG
    min_confidence: Share = 0.0
    exclude: tuple[str, ...] = ()


def run(request: ClassifyRequest, context: Context) -> Classified:
    """Name the genre of each song; see `classify`.

    Raises
    ------
    ModelError
        There is no such model, it is damaged, or it names no genres.
    LibraryError
        There is no audio file at any of the paths.
    """
    check_call("classify", request, ClassifyRequest, context)
    shelf = context.shelf
    stored = shelf.find(request.model, with_genres=True, of_files=True)
    better = shelf.better_than_served(stored) if request.model is None else None
    said = partial(replace, about=note_of(stored), hint=better_in_words(better) if better else "")
    model = context.loaded(stored)
    answer = partial(
        classify,
        model,
        request.paths,
        n_clips=request.n_clips,
        min_confidence=request.min_confidence,
        exclude=request.exclude,
        jobs=context.jobs,
        monitor=context.monitor,
    )
    if not os.path.exists(context.home.catalog):  # who only asks for genres leaves no trace
        return said(answer())
    try:
        done = said(answer(catalog=context.catalog))
    except (DatasetError, StorageError) as error:  # no reason to say nothing of the songs
        return said(answer(), notes=(nothing_kept(error.what),))
    paths = as_paths(request.paths, "ClassifyRequest", "paths")
    log_songs(context.catalog, "classify", paths, len(done.results), len(done.failed))
    return done


def classify(
    model: LoadedModel,
    paths: StrPaths,
    catalog: Catalog | None = None,
    *,
    n_clips: int = CLIPS_PER_SONG,
    min_confidence: float = 0.0,
    exclude: Sequence[str] = (),
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Classified:
    """Name the genre of each song: the mean of its clips' probabilities decides.

    A song in which nothing sounds is called silent. What the catalogue has is not computed again.

    Parameters
    ----------
    min_confidence : float in [0, 1]
        A song whose best genre is less probable is called unknown, at each level of genres.

    Raises
    ------
    UsageError
        `min_confidence` is no probability.
    LibraryError
        There is no audio file at any of the paths.
    ModelError
        The model names no genres.
    """
    check_min_confidence(min_confidence)
    genres, depth = model.description.genres, model.description.depth
    if not genres:
        raise names_no_genres(model.description.name)
    found = find_tracks(
        paths, catalog, exclude=exclude, begin=partial(begin, model), jobs=jobs, monitor=monitor
    ).as_given()
    known = familiar_with(model.memory.vectors) if model.memory else None
    named: dict[Path, SongGenre | Rejected] = {}
    heard = hear(
        model, found.tracks, catalog, n_clips=n_clips, jobs=jobs, stage="classify", monitor=monitor
    )
    for track, outcome in heard:
        if isinstance(outcome, Rejected):
            is_silent = outcome.reason == Reason.SILENT
            named[track.path] = silent_song(track.path, depth=depth) if is_silent else outcome
            continue
        assert outcome.probabilities is not None
        mean = outcome.embedding[None, : model.description.spec.embedding_dim]
        named[track.path] = song_genre(
            track.path,
            dict(zip(genres, outcome.probabilities.tolist(), strict=True)),
            depth=depth,
            min_confidence=min_confidence,
            is_familiar=bool(known.knows(mean)[0]) if known else None,
        )
    said = known_descriptions(catalog, (track.id for track in found.tracks))
    for track in found.tracks:
        song = named.get(track.path)
        if track.id in said and isinstance(song, SongGenre):
            named[track.path] = replace(song, said=said[track.id])
    songs = [named[track.path] for track in found.tracks if track.path in named]
    results = tuple(song for song in songs if isinstance(song, SongGenre))
    failed = (*found.rejected, *(song for song in songs if isinstance(song, Rejected)))
    return Classified(model.description.name, results, failed, min_confidence, found.passed_over)
