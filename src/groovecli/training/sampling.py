"""Which windows an epoch sees: all of them, balanced over the genres, or a subset drawn anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.datasets.windows import WindowDataset
from groovecli.networks.spec import Hyperparameters

Order = NDArray[np.int64]


def epoch_order(
    data: WindowDataset, hyper: Hyperparameters, *, seed: int, epoch: int, by_chunk: bool = False
) -> Order | None:
    """Numbers of the items that an epoch sees, in its order; None for all in any order.

    Parameters
    ----------
    seed, epoch : int
        The same ones give the same order; epochs between two draws see the same items.
    by_chunk : bool
        Read one chunk file after the other, each in random order: for disks that seek slowly.
    """
    if not (hyper.resample or hyper.subset or by_chunk):
        return None
    draw = np.random.default_rng([seed, (epoch - 1) // hyper.redraw_every])
    chosen = np.arange(len(data))
    if hyper.resample:
        chosen = _resampled(data, *hyper.resample, draw)
    if 0 < hyper.subset < len(chosen):
        chosen = draw.choice(chosen, hyper.subset, replace=False)
    shuffle = np.random.default_rng([seed, epoch, 1])
    chosen = shuffle.permutation(chosen)
    return _grouped(data, chosen, shuffle) if by_chunk else chosen


def _resampled(data: WindowDataset, n_largest: int, n_others: int, draw: np.random.Generator) -> Order:
    """Items drawn with replacement: so many clips of the largest genre, so many of each other one.

    Over- and undersampling as in Lengyel et al., section "Under and Oversampling", where a clip is a song.
    """
    labels, counts = np.unique(data.labels, return_counts=True)
    largest = labels[counts.argmax()]
    n_windows = data.n_windows
    parts = [
        draw.choice(
            np.flatnonzero(data.labels == label), (n_largest if label == largest else n_others) * n_windows
        )
        for label in labels
    ]
    return np.concatenate(parts)


def _grouped(data: WindowDataset, chosen: Order, shuffle: np.random.Generator) -> Order:
    """The items by chunk file, the files in random order."""
    names = np.array([clip.places[0].chunk for clip in data.clips])
    _, chunk_of_clip = np.unique(names, return_inverse=True)
    chunk = chunk_of_clip[data.clip_numbers[chosen]]
    rank = shuffle.permutation(chunk.max() + 1)
    return chosen[np.argsort(rank[chunk], kind="stable")]
