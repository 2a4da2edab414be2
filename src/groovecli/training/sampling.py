"""The windows of an epoch: all, balanced over the genres, or a new random subset."""

from __future__ import annotations

import math
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Draw:
    """Number of clips drawn with replacement in each epoch, of the largest genre and of each other one.

    `largest` is its number, `lead` its clips over those of the next genre: infinite where there is none.
    """

    largest: int
    lead: float
    n_largest: int
    n_others: int


def draw_of(labels: NDArray[np.int64], n_largest: int, n_others: int) -> Draw:
    """What --resample N,M draws of genres: M of each, but N of one that leads by about N / M.

    Over- and undersampling as in Lengyel et al., section "Under and Oversampling", whose largest genre
    was 45 % of all. It leads if its ratio to the next is nearer to N / M than to 1, as ratios go (to M / N
    where N is the smaller): of genres alike in size, each is drawn as often as the others.

    Parameters
    ----------
    labels : np.ndarray [shape=(n,)]
        The genre's number of each clip, or of each of its windows.
    """
    numbers, counts = np.unique(labels, return_counts=True)
    most, next_most = sorted([0, *counts.tolist()])[:-3:-1]
    more, fewer = max(n_largest, n_others), min(n_largest, n_others)
    leads = most > next_most and most**2 * fewer >= next_most**2 * more
    lead = most / next_most if next_most else math.inf
    return Draw(int(numbers[counts.argmax()]), lead, n_largest if leads else n_others, n_others)


def _resampled(data: WindowDataset, n_largest: int, n_others: int, rng: np.random.Generator) -> Order:
    """Items drawn with replacement as `draw_of` says, a clip's number of windows for each clip."""
    draw = draw_of(data.labels, n_largest, n_others)
    n_of = {draw.largest: draw.n_largest}
    parts = [
        rng.choice(np.flatnonzero(data.labels == label), n_of.get(label, n_others) * data.n_windows)
        for label in np.unique(data.labels).tolist()
    ]
    return np.concatenate(parts)


def _grouped(data: WindowDataset, chosen: Order, shuffle: np.random.Generator) -> Order:
    """The items by chunk file, the files in random order."""
    names = np.array([clip.places[0].chunk for clip in data.clips])
    _, chunk_of_clip = np.unique(names, return_inverse=True)
    chunk = chunk_of_clip[data.clip_numbers[chosen]]
    rank = shuffle.permutation(chunk.max() + 1)
    return chosen[np.argsort(rank[chunk], kind="stable")]
