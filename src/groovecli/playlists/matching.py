"""New lists and those of the last run: which is which, and which song stays where it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from groovecli.playlists import rows as passes
from groovecli.playlists.clusters import Cluster, Clustering
from groovecli.playlists.rows import LEFT_OUT, Labels, Rows

_SAME = 0.5  # share of the smaller list's songs that two lists must have in common to be one
_KNOWN = 0.5  # share of the songs that must be in lists, so that the lists go on


def match(old: Sequence[Collection[int]], new: Sequence[Collection[int]]) -> list[int | None]:
    """Which old list each new one is: those that have most songs in common, in all.

    Parameters
    ----------
    old, new : sequence of collections of int
        The songs of each list, as rows. A song may be in several.

    Returns
    -------
    numbers : list of (int or None)
        For each new list the number of an old one, each at most once; None where no old one has half the
        songs of the smaller of both in common with it.
    """
    shared = _shared(old, new)
    if not shared.size or not shared.any():
        return [None] * len(new)
    from scipy.optimize import linear_sum_assignment

    smaller = np.minimum.outer([len(each) for each in new], [len(each) for each in old])
    like = np.where(shared >= _SAME * np.maximum(smaller, 1), shared, 0).astype(float)
    union = np.add.outer([len(each) for each in new], [len(each) for each in old]) - shared
    like += like / np.maximum(union, 1) / 2  # of two with as many in common, the more alike
    found: list[int | None] = [None] * len(new)
    for number, other in zip(*linear_sum_assignment(like, maximize=True), strict=True):
        if like[number, other] > 0:
            found[number] = int(other)
    return found


def _shared(old: Sequence[Collection[int]], new: Sequence[Collection[int]]) -> NDArray[np.int64]:
    """How many songs each new list has in common with each old one (new, old)."""
    places: dict[int, list[int]] = {}
    for number, songs in enumerate(old):
        for row in songs:
            places.setdefault(row, []).append(number)
    shared = np.zeros((len(new), len(old)), np.int64)
    for number, songs in enumerate(new):
        for row in songs:
            for other in places.get(row, ()):
                shared[number, other] += 1
    return shared


def grown(
    fresh: Clustering,
    vectors: Rows,
    old: Labels,
    exemplars: Sequence[int | None],
    *,
    min_size: int,
    closed: Collection[int] = (),
    kept: Collection[int] = (),
) -> Clustering:
    """The last run's lists with what is new: a song stays in its list, a new one joins the nearest.

    New songs make a list of their own where they are most of a fresh cluster, and enough for a list.

    Parameters
    ----------
    fresh : Clustering
        The songs in clusters, as if there had been no lists.
    vectors : Rows
        One embedding a song, (n, d).
    old : np.ndarray [shape=(n,)]
        The list of the last run that each song was in; -1 for none.
    exemplars : sequence of (int or None)
        The song that each list of the last run was like, where it is still there.
    min_size : int
        Songs in the smallest new list. An old list goes when it has fewer than half of them.
    closed : collection of int
        Old lists that no song joins and that don't go, as those most of whose songs are out of reach.
    kept : collection of int
        Old lists that don't go, as those with a song that is out of reach.

    Returns
    -------
    clustering : Clustering
        `fresh` itself where under half of the songs were in a list: another library.
    """
    if not len(old) or (old != LEFT_OUT).mean() < _KNOWN:
        return fresh
    labels = old.copy()
    sizes = np.bincount(labels[labels != LEFT_OUT])
    too_small = np.flatnonzero((sizes > 0) & (sizes < (min_size + 1) // 2))
    too_small = too_small[~np.isin(too_small, [*closed, *kept])]
    if len(too_small) < np.count_nonzero(sizes):  # else no list would be left
        labels[np.isin(labels, too_small)] = LEFT_OUT
    free = labels == LEFT_OUT
    next_label = len(sizes)
    for cluster in fresh.clusters:
        members = np.array(cluster.members, np.intp)
        new = members[free[members]]
        if len(new) >= min_size and 2 * len(new) > len(members):
            labels[new] = next_label
            next_label += 1
    joining = free & (labels == LEFT_OUT) & (fresh.labels != LEFT_OUT)
    open_ones = np.where(np.isin(labels, list(closed)), LEFT_OUT, labels)
    centres, used = _centres(vectors, open_ones if (open_ones != LEFT_OUT).any() else labels)
    for rows, block in passes.blocks(vectors):
        wanted = np.flatnonzero(joining[rows])
        if len(wanted):
            labels[rows.start + wanted] = used[_nearest(block[wanted], centres)]
    return _clustering(vectors, labels, exemplars, fresh)


def _centres(vectors: Rows, labels: Labels) -> tuple[NDArray[np.float32], Labels]:
    """The mean of each list that has songs, and which list that is."""
    used, compact = _compact(labels)
    return passes.means(vectors, compact), used


def _compact(labels: Labels) -> tuple[Labels, Labels]:
    """The labels that songs have, and each song's as the number of its label among them."""
    used = np.unique(labels[labels != LEFT_OUT])
    return used, np.where(labels == LEFT_OUT, LEFT_OUT, np.searchsorted(used, labels))


def _nearest(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.intp]:
    """The nearest centre of each vector."""
    squares = (centres**2).sum(axis=1) - 2 * vectors @ centres.T
    nearest: NDArray[np.intp] = squares.argmin(axis=1)
    return nearest


def _clustering(
    vectors: Rows, labels: Labels, exemplars: Sequence[int | None], fresh: Clustering
) -> Clustering:
    """Clusters by label: the old exemplar where there is one, else the song nearest to the mean."""
    centres, used = _centres(vectors, labels)
    _, compact = _compact(labels)
    near = passes.distances(vectors, compact, centres)
    chosen = []
    for number, label in enumerate(used.tolist()):
        rows = np.flatnonzero(compact == number)
        known = exemplars[label] if label < len(exemplars) else None
        is_there = known is not None and labels[known] == label
        chosen.append(known if is_there else int(rows[near[rows].argmin()]))
    apart = passes.distances(vectors, compact, vectors[np.array(chosen, np.intp)])
    clusters = []
    for number, exemplar in enumerate(chosen):
        rows = np.flatnonzero(compact == number)
        rows = rows[np.argsort(apart[rows], kind="stable")]
        clusters.append(Cluster(tuple(rows.tolist()), int(exemplar or 0)))
    clusters.sort(key=lambda cluster: (-len(cluster.members), cluster.exemplar))
    left_out = tuple(np.flatnonzero(labels == LEFT_OUT).tolist())
    return Clustering(tuple(clusters), left_out, fresh.method, ())
