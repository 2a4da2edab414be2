"""Songs to their genres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from groovecli.actions.context import Context
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Rejected
from groovecli.messages.actions import names_no_genres
from groovecli.models.familiarity import familiar_with
from groovecli.models.file import LoadedModel
from groovecli.models.listen import CLIPS_PER_SONG, over
from groovecli.models.results import (
    Classified,
    check_min_confidence,
    silent_song,
    song_genre,
)
from groovecli.monitor import SILENT, Monitor
from groovecli.reasons import Reason


@dataclass(frozen=True)
class ClassifyRequest:
    """Which songs, or folders of songs, to name the genres of, and by which model.

    `n_clips` says in how many places a song is heard; a song whose best genre is less probable than
    `min_confidence` is called unknown.
    """

    paths: Sequence[Path]
    model: str | None = None
    n_clips: int = CLIPS_PER_SONG
    min_confidence: float = 0.0


def run(request: ClassifyRequest, context: Context) -> Classified:
    """Name the genre of each song; see `classify`.

    Raises
    ------
    ModelError
        There is no such model, it is damaged, or it names no genres.
    LibraryError
        There is no audio file at any of the paths.
    """
    return classify(
        context.load(request.model, with_genres=True),
        request.paths,
        n_clips=request.n_clips,
        min_confidence=request.min_confidence,
        jobs=context.jobs,
        monitor=context.monitor,
    )


def classify(
    model: LoadedModel,
    paths: Sequence[Path],
    *,
    n_clips: int = CLIPS_PER_SONG,
    min_confidence: float = 0.0,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Classified:
    """Name the genre of each song: the mean of its clips' probabilities decides.

    A song in which nothing sounds is called silent.

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
    found = find_tracks(paths, None, jobs=jobs, monitor=monitor)
    failed = list(found.rejected)
    known = familiar_with(model.memory.vectors) if model.memory else None
    results = []
    for track, outcome in over(model, found.tracks, n_clips, jobs=jobs, stage="classify", monitor=monitor):
        if isinstance(outcome, Rejected):
            if outcome.reason == Reason.SILENT:
                results.append(silent_song(track.path, depth=depth))
            else:
                failed.append(outcome)
            continue
        assert outcome.probabilities is not None
        probabilities = dict(zip(genres, outcome.probabilities.tolist(), strict=True))
        mean = outcome.embedding[None, : model.description.spec.embedding_dim]
        results.append(
            song_genre(
                track.path,
                probabilities,
                depth=depth,
                min_confidence=min_confidence,
                is_familiar=bool(known.knows(mean)[0]) if known else None,
            )
        )
    return Classified(
        model.description.name, tuple(results), tuple(failed), min_confidence, found.passed_over
    )
