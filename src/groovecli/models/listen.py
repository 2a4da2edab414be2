"""A model over songs: their genres and their embeddings, from several clips each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.audio import clips
from groovecli.features.cut import Cut, CutResult
from groovecli.features.cutting import imap_cuts
from groovecli.features.spec import Stored
from groovecli.library.tracks import Rejected, Track
from groovecli.messages.options import out_of_range
from groovecli.models.file import Description
from groovecli.models.loaded import LoadedModel
from groovecli.models.pooling import pooled_probabilities, pooled_vectors
from groovecli.models.results import Answers, SongAnswers
from groovecli.monitor import Monitor
from groovecli.reasons import Problem, Reason
from groovecli.workers.pool import in_threads, n_workers


def over(
    model: LoadedModel,
    tracks: Sequence[Track],
    n_clips: int,
    *,
    jobs: int,
    stage: str,
    monitor: Monitor,
    n_before: int = 0,
) -> Iterator[tuple[Track, SongAnswers | Rejected]]:
    """Each track with what the model says of its clips, or why that can't be said.

    Progress counts the `n_before` songs that were heard in earlier runs, too.
    """
    if n_clips < 1:
        raise out_of_range("--places", "1 or more", n_clips)
    if not tracks:  # nothing needs the network
        return
    description = model.description
    n_windows = max(spec.n_windows for spec in description.features)
    n_clips = 1 if description.takes_songs else n_clips
    tasks = [_cut_of(track, model, n_clips) for track in tracks]
    results = imap_cuts(tasks, jobs=jobs, stage=stage, monitor=monitor, n_before=n_before)
    cuts = ((track, result) for track, (_, result) in zip(tracks, results, strict=False))
    together = _together(cuts, n_windows, model.n_together)
    n_threads = n_workers(jobs) if model.is_on_processor else 1
    with one_thread_each(model):
        for answered in in_threads(partial(_answered, model, n_windows), together, n_threads=n_threads):
            yield from answered


def _together(
    cuts: Iterable[tuple[Track, CutResult]], n_windows: int, n_shown: int
) -> Iterator[list[tuple[Track, CutResult]]]:
    """Songs in groups of at least `n_shown` windows, which a network is shown at once."""
    group: list[tuple[Track, CutResult]] = []
    n_waiting = 0
    for track, result in cuts:
        group.append((track, result))
        n_waiting += len(result.features) * n_windows
        if n_waiting >= n_shown:
            yield group
            group, n_waiting = [], 0
    yield group


def _cut_of(track: Track, model: LoadedModel, n_clips: int) -> Cut:
    description = model.description
    if not description.spec.joins_clips:
        return Cut(
            track.path,
            tuple(clips.spread(track.id, track.duration_s, description.clip_s, n_clips)),
            description.features,
            vectors=model.vectors,
            duration_s=track.duration_s,
            state=track.state,
        )
    starts_s = clips.stretches(track.duration_s, description.clip_s, n_clips)
    return Cut(
        track.path,
        (clips.Clip(track.id, 0, starts_s[0]),),
        description.features,
        vectors=model.vectors,
        stretches_s=tuple(starts_s),
        duration_s=track.duration_s,
        state=track.state,
    )


def _answered(
    model: LoadedModel, n_windows: int, group: Sequence[tuple[Track, CutResult]]
) -> list[tuple[Track, SongAnswers | Rejected]]:
    stored = [features for _, result in group for features in result.features.values()]
    window_answers = said_of(model, window_batches(stored, model, n_windows)) if stored else None
    answered: list[tuple[Track, SongAnswers | Rejected]] = []
    start = 0
    for track, result in group:
        stop = start + len(result.features) * n_windows
        if start == stop or window_answers is None:
            answered.append((track, Rejected.by(track.path, _why(result))))
        else:
            answered.append((track, _song_answers(model.description, window_answers, start, stop)))
        start = stop
    return answered


def said_of(model: LoadedModel, batches: Iterable[Sequence[NDArray[Any]]]) -> Answers:
    """What a model says of windows, by what its network runs on.

    Raises
    ------
    ModelError
        As `answers.answers`.
    """
    if model.session is not None:
        together = [np.concatenate(windows) for windows in zip(*batches, strict=True)]
        return model.session.answers(together)
    from groovecli.models.answers import answers  # imports torch

    return answers(model, batches)


@contextmanager
def one_thread_each(model: LoadedModel) -> Iterator[None]:
    """Songs go through a network side by side: each song has one thread."""
    if model.session is not None:
        yield
        return
    from groovecli.models.devices import torch_threads  # imports torch

    with torch_threads(1):
        yield


def _song_answers(description: Description, window_answers: Answers, start: int, stop: int) -> SongAnswers:
    """What the windows from `start` to `stop`, which are one song's, say together."""
    song, spec = np.zeros(stop - start, np.int64), description.spec
    logits = None if window_answers.logits is None else window_answers.logits[start:stop]
    probabilities = None
    if logits is not None:
        probabilities = pooled_probabilities(logits, song, spec, description.temperature)[0]
    vector = pooled_vectors(window_answers.embeddings[start:stop], song, spec, logits)[0].astype(np.float32)
    return SongAnswers(probabilities, vector)


def window_batches(
    stored: Sequence[tuple[Stored, ...]], model: LoadedModel, n_windows: int
) -> Iterator[list[NDArray[Any]]]:
    """The windows of clips' features, a batch at a time."""
    pairs = [(clip, window) for clip in range(len(stored)) for window in range(n_windows)]
    specs, n_shown = model.description.features, model.n_together
    for start in range(0, len(pairs), n_shown):
        batch = pairs[start : start + n_shown]
        yield [
            np.stack([s.window(stored[c][number], min(w, s.n_windows - 1)) for c, w in batch])
            for number, s in enumerate(specs)
        ]


def _why(result: CutResult) -> Problem:
    """Why a song has no usable clip: any fault of decoding, else silence."""
    silent = Problem(Reason.SILENT)
    faults = sorted(set(result.problems.values()) - {silent}, key=lambda problem: problem.text)
    return faults[0] if faults else silent
