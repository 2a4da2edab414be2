"""From windows to what they are of: the answers and the vectors of clips and of songs.

Windows belong to groups, which are numbered from 0; every group has a window.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from groovecli.networks.spec import ModelSpec

TINY = 1e-12


def pooled_logits(
    logits: NDArray[np.float32], group: NDArray[np.integer], spec: ModelSpec
) -> NDArray[np.float64]:
    """Logits of each group [shape=(groups, genres)] from those of its windows [shape=(n, genres)].

    They are the logarithm of the windows' mean probability; the mean of the windows' logits where
    the genres were learnt from songs' mean embeddings, of which that is the same.
    """
    if spec.averages == "logits":
        return means(logits, group)
    probabilities = means(_softmax(logits.astype(np.float64)), group)
    logarithms: NDArray[np.float64] = np.log(np.maximum(probabilities, TINY))
    return logarithms


def pooled_probabilities(
    logits: NDArray[np.float32], group: NDArray[np.integer], spec: ModelSpec, temperature: float
) -> NDArray[np.float64]:
    """Probability of each genre for each group [shape=(groups, genres)]."""
    return _softmax(pooled_logits(logits, group, spec) / temperature)


def pooled_vectors(
    embeddings: NDArray[np.float32],
    group: NDArray[np.integer],
    spec: ModelSpec,
    logits: NDArray[np.float32] | None = None,
) -> NDArray[np.float64]:
    """A vector a group: the mean over its windows.

    Where the network joins genres to it, the square roots of their probabilities follow, about as long as
    the mean: a model's genres bring songs together that sound alike to people.

    Returns
    -------
    vectors : np.ndarray [shape=(groups, dim)], or [shape=(groups, dim + genres)]
    """
    centres = means(embeddings, group)
    if not spec.joins_genres or logits is None:
        return centres
    roots = np.sqrt(pooled_probabilities(logits, group, spec, 1.0))
    return np.hstack([centres, genres_times(spec) * roots])


def genres_times(spec: ModelSpec) -> float:
    """What multiplies the square roots of probabilities in a song's vector; 0: they are not in it."""
    return math.sqrt(spec.embedding_dim) if spec.joins_genres else 0.0


def means(values: NDArray[np.floating], group: NDArray[np.integer]) -> NDArray[np.float64]:
    """The mean of each group's rows [shape=(groups, width)]."""
    sums = np.zeros((int(group.max()) + 1 if len(group) else 0, values.shape[1]))
    np.add.at(sums, group, values)
    centres: NDArray[np.float64] = sums / np.bincount(group)[:, None]
    return centres


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The softmax of each row; importing scipy's takes a tenth of a second."""
    shares: NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares
