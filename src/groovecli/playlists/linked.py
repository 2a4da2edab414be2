"""Songs in groups by average linkage on mutual proximity: how near songs are, corrected for hubs.

Two groups are as far from each other as their songs are on average. Then each song moves to the group
that it is nearest to, on average: a tree can't take back what it joined early.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.playlists.nearest import Metric
from groovecli.playlists.proximity import Spread, distances_between, farness_of
from groovecli.playlists.rows import Labels, Vectors

Farness = NDArray[np.float32]

_AT_ONCE = 256  # rows compared with all
_ROUNDS = 3  # of moving songs: more change little
_WIDEST = 8  # times as many groups as are wanted: most of them of a few songs
_LENIENCE = 5.0  # times as far that a small group may be as a large one, to be joined instead
_LEAST_STD = 1e-5


def linked(
    x: Vectors, weights: NDArray[np.intp], n_groups: int, *, min_size: int, metric: Metric
) -> Labels:
    """The group of each point (p,).

    Parameters
    ----------
    x : np.ndarray [shape=(p, d)]
    weights : np.ndarray of int [shape=(p,)]
        How many songs each point stands for.
    n_groups : int >= 1
        The tree is cut where so many groups have `min_size` songs, if that can be.
    min_size : int >= 1
        Songs of the smallest group.
    """
    if len(x) < 2 or n_groups < 2:
        return np.zeros(len(x), np.intp)
    farness = farnesses(x, metric)
    labels = _cut(farness, weights, n_groups, min_size)
    labels = _joined(farness, labels, weights, min_size)
    return _moved(farness, labels, weights, min_size)


def farnesses(x: Vectors, metric: Metric) -> Farness:
    """How far each point is from each by mutual proximity (p, p), as `proximity.mutual_farness`.

    In single precision and some rows at a time, so that 5,000 points take 100 MB.
    """
    n = len(x)
    found = np.empty((n, n), np.float32)
    mean, std = np.empty(n), np.empty(n)
    for rows in _parts(n):
        distances = distances_between(x[rows], x, metric)
        distances[np.arange(len(distances)), np.arange(rows.start, rows.start + len(distances))] = 0
        found[rows] = distances
        mean[rows] = distances.sum(axis=1) / (n - 1)
        square = (distances**2).sum(axis=1) / (n - 1) - mean[rows] ** 2
        std[rows] = np.sqrt(np.maximum(square, _LEAST_STD**2))
    for rows in _parts(n):
        own, others = Spread(mean[rows, None], std[rows, None]), Spread(mean[None], std[None])
        found[rows] = farness_of(found[rows].astype(np.float64), own, others)
    np.fill_diagonal(found, 0)
    return found


def _parts(n: int) -> list[slice]:
    return [slice(start, min(start + _AT_ONCE, n)) for start in range(0, n, _AT_ONCE)]


def _cut(farness: Farness, weights: NDArray[np.intp], n_groups: int, min_size: int) -> Labels:
    """The groups of the first cut of the tree with enough large ones; else those with most of them."""
    from scipy.cluster.hierarchy import cut_tree, linkage

    n = len(farness)
    upper = farness[np.triu_indices(n, 1)]
    tree = linkage(upper, "average")
    numbers = range(min(n, n_groups), min(n, _WIDEST * n_groups) + 1)
    cuts = cut_tree(tree, n_clusters=list(numbers))
    n_large = [(np.bincount(cut, weights) >= min_size).sum() for cut in cuts.T]
    enough = [place for place, large in enumerate(n_large) if large >= n_groups]
    labels: Labels = cuts[:, enough[0] if enough else int(np.argmax(n_large))].astype(np.intp)
    return labels


def _members(labels: Labels, weights: NDArray[np.intp]) -> NDArray[np.float32]:
    """How many songs of each group each point stands for (p, k)."""
    members = np.zeros((len(labels), int(labels.max()) + 1), np.float32)
    members[np.arange(len(labels)), labels] = weights
    return members


def _to_groups(farness: Farness, labels: Labels, weights: NDArray[np.intp]) -> NDArray[np.float32]:
    """Mean farness of each point to the songs of each group (p, k), itself not counted."""
    members = _members(labels, weights)
    means: NDArray[np.float32] = farness @ members / np.maximum(members.sum(axis=0) - members, 1)
    return means


def _joined(farness: Farness, labels: Labels, weights: NDArray[np.intp], min_size: int) -> Labels:
    """Join the smallest group to the nearest, until all have `min_size` songs or one is left.

    Rather to a small one: else most small libraries would be one group.
    """
    labels = np.unique(labels, return_inverse=True)[1].astype(np.intp)
    sums = _members(labels, weights).T.astype(np.float64) @ (farness @ _members(labels, weights))
    sizes = np.bincount(labels, weights)
    while len(sizes) > 1 and sizes.min() < min_size:
        small = int(sizes.argmin())
        mean = sums[small] / (sizes[small] * sizes)
        to = np.where(sizes >= min_size, mean, mean / _LENIENCE)
        to[small] = np.inf
        nearest = int(to.argmin())
        sizes[nearest] += sizes[small]
        sums[nearest] += sums[small]
        sums[:, nearest] += sums[:, small]
        sizes = np.delete(sizes, small)
        sums = np.delete(np.delete(sums, small, 0), small, 1)
        labels[labels == small] = nearest
        labels[labels > small] -= 1
    return labels


def _moved(farness: Farness, labels: Labels, weights: NDArray[np.intp], min_size: int) -> Labels:
    """Each point to its nearest group; none leaves a group that became too small."""
    n_groups = int(labels.max()) + 1
    for _ in range(_ROUNDS):
        moved = _to_groups(farness, labels, weights).argmin(axis=1).astype(np.intp)
        while True:
            is_small = np.bincount(moved, weights, minlength=n_groups) < min_size
            back = is_small[labels] & (moved != labels)
            if not back.any():
                break
            moved[back] = labels[back]
        if (moved == labels).all():
            break
        labels = moved
    return labels
