"""A model over the pieces of one song: a vector each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from groovecli.audio.clips import Clip
from groovecli.errors import AudioError
from groovecli.features.cut import Cut
from groovecli.features.cutting import imap_cuts
from groovecli.library.tracks import Track
from groovecli.messages.models import stopped_answering
from groovecli.models.listen import one_thread_each, said_of, window_batches
from groovecli.models.loaded import LoadedModel
from groovecli.models.pooling import pooled_vectors
from groovecli.monitor import Monitor

_STAGE = "compare songs"
MOST_PIECES = 24
LENGTH_S = 10.0
"""Of the pieces of a song, where the model takes pieces of any length; else as long as its clips."""


@dataclass(frozen=True)
class Pieces:
    """Where the pieces of a song begin (in seconds), how long they are, and what a model gives each.

    vectors : np.ndarray [shape=(n, d), dtype=float64]
    """

    track: Track
    starts_s: tuple[float, ...]
    length_s: float
    vectors: NDArray[np.float64]


def heard_pieces(model: LoadedModel, track: Track, *, jobs: int, monitor: Monitor) -> Pieces:
    """Listen to a song piece by piece, evenly from its start to its end; silent pieces are left out.

    Raises
    ------
    AudioError
        No piece of it can be used.
    Interrupted
        The user stopped it.
    """
    description = model.description
    length_s = LENGTH_S if description.spec.joins_clips else description.clip_s
    specs = tuple(spec.for_clips_of(length_s) for spec in description.features)
    n = max(1, min(MOST_PIECES, int(track.duration_s // (length_s / 2)) - 1))
    starts = np.floor(np.linspace(0, max(0.0, track.duration_s - length_s), n) * 1000) / 1000
    clips = tuple(Clip(track.id, i, start) for i, start in enumerate(starts.tolist()))
    task = Cut(
        track.path,
        clips,
        specs,
        vectors=model.vectors,
        duration_s=track.duration_s,
        state=track.state,
    )
    found = list(imap_cuts([task], jobs=jobs, stage=_STAGE, monitor=monitor))
    if monitor.stopped or not found:
        raise stopped_answering(_STAGE)
    ((_, result),) = found
    heard = [clip for clip in clips if clip in result.features]
    if not heard:
        problem = next(iter(result.problems.values()))
        raise AudioError(track.path, problem.reason, problem.detail)
    n_windows = max(spec.n_windows for spec in specs)
    cut_so = replace(model, description=replace(description, features=specs))
    with one_thread_each(cut_so):
        stored = [result.features[clip] for clip in heard]
        said = said_of(cut_so, window_batches(stored, cut_so, n_windows))
    group = np.repeat(np.arange(len(heard)), n_windows)
    vectors = pooled_vectors(said.embeddings, group, description.spec, said.logits)
    return Pieces(track, tuple(clip.start_s for clip in heard), length_s, vectors)
