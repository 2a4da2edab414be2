"""Groups of songs made as large, as small and as many as they are to be."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from groovecli.messages.playlists import bounds_too_close, largest_below_smallest
from groovecli.messages.words import count
from groovecli.playlists import rows as passes
from groovecli.playlists.rows import LEFT_OUT, Labels, Rows, Vectors

_LEAST, _MOST_LEAST = 5, 10  # songs of the smallest list, in small libraries and in large ones
_FEWEST = 2  # of the smallest, where many lists are asked for
_LISTS = 20  # of the smallest size, that a library could be cut into
_GROWTH = 0.41  # power of the number of songs
_ROUNDS = 10  # of halving


@dataclass(frozen=True)
class Groups:
    """The group of each song (n,), and where its exemplar is to be near (k, d); the mean if None."""

    labels: Labels
    centres: Vectors | None = None


@dataclass(frozen=True)
class Bounds:
    """How many songs a list has, at least and at most; how many lists there are to be, if that is said."""

    min_size: int
    max_size: int | None = None
    n_lists: int | None = None


def bounds_for(
    n: int, min_size: int | None = None, max_size: int | None = None, n_lists: int | None = None
) -> Bounds:
    """Bounds for the lists of n songs; what isn't said follows from the number of songs.

    Raises
    ------
    UsageError
        Lists can't keep within both bounds.
    """
    if min_size is None:
        min_size = usual_min_size(n)
        if max_size is not None:
            min_size = min(min_size, (max_size + 1) // 2)
        if n_lists is not None:
            min_size = max(_FEWEST, min(min_size, n // (2 * n_lists)))  # else all had nearly as many
    check_bounds(min_size, max_size)
    return Bounds(min_size, max_size, n_lists)


def check_bounds(min_size: int | None, max_size: int | None) -> None:
    """Refuse bounds that lists of some number of songs can't keep within.

    Raises
    ------
    UsageError
    """
    if min_size is None or max_size is None:
        return
    if max_size < min_size:
        raise largest_below_smallest(min_size, max_size)
    if max_size < 2 * min_size - 1:  # such a number of songs is too many for one list, too few for two
        raise bounds_too_close(min_size, max_size)


def usual_min_size(n: int) -> int:
    """Songs of the smallest list of n songs: 10, and fewer in a library below 200."""
    return min(_MOST_LEAST, max(_LEAST, n // _LISTS))


def usual_number(n: int) -> int:
    """How many lists n songs are cut into: 4 for 30, 17 for 971, 198 for 400,000."""
    return max(1, round(float(n**_GROWTH)))


def sized(vectors: Rows, groups: Groups, bounds: Bounds, notes: list[str]) -> Groups:
    """Groups within bounds: small ones are joined, large ones divided, until there are enough.

    A group that is divided is cut between two means, each part with `min_size` songs or more.
    """
    groups = joined(vectors, groups, bounds.min_size, notes)
    n_before = int(groups.labels.max()) + 1
    labels = groups.labels.copy()
    n_songs = int((labels != LEFT_OUT).sum())
    if bounds.max_size is not None:
        labels = divided(vectors, labels, bounds.min_size, most=bounds.max_size)
        n_large = int(labels.max()) + 1 - n_before
        if n_large:
            notes.append(f"playlists over {bounds.max_size} songs were divided: {n_large} more playlists")
    if bounds.n_lists is not None:
        labels = divided(vectors, labels, bounds.min_size, n_lists=bounds.n_lists)
        labels = _fewer(vectors, labels, bounds.n_lists, bounds.max_size or n_songs)
        n_lists = int(labels.max()) + 1
        if bounds.n_lists * bounds.min_size > n_songs:
            notes.append(
                f"{count(n_songs, 'song')} can't make {count(bounds.n_lists, 'playlist')} of"
                f" {count(bounds.min_size, 'song')} or more: there are {n_lists}"
            )
        elif n_lists < bounds.n_lists:
            notes.append(
                f"{bounds.n_lists} playlists can't all have {bounds.min_size} songs that sound alike:"
                f" there are {n_lists}"
            )
        elif n_lists > bounds.n_lists and bounds.max_size is not None:
            notes.append(
                f"{count(bounds.n_lists, 'playlist')} of {bounds.max_size} songs at most can't be cut from"
                f" {count(n_songs, 'song')} by sound: there are {n_lists}"
            )
    return groups if (labels == groups.labels).all() else Groups(labels)


def divided(
    vectors: Rows, labels: Labels, min_size: int, *, most: int | None = None, n_lists: int = 0
) -> Labels:
    """Halve the largest group, until none has more than `most` songs, or until there are `n_lists`."""
    parts = [rows for rows in members_of(labels) if len(rows)]
    heap = [(-len(rows), number) for number, rows in enumerate(parts)]
    heapq.heapify(heap)
    while heap and len(parts[heap[0][1]]) >= 2 * min_size:
        size, number = heap[0]
        if (most is None and len(parts) >= n_lists) or (most is not None and -size <= most):
            break
        heapq.heappop(heap)
        one, other = _halves(vectors, parts[number], min_size)
        parts[number] = one
        parts.append(other)
        heapq.heappush(heap, (-len(one), number))
        heapq.heappush(heap, (-len(other), len(parts) - 1))
    return labels_of(parts, len(labels))


def _fewer(vectors: Rows, labels: Labels, n_lists: int, most: int) -> Labels:
    """Join the two nearest groups that are not too large together, until there are `n_lists`."""
    parts = members_of(labels)
    means = passes.means(vectors, labels).astype(np.float64)
    while len(parts) > n_lists:
        sizes = np.array([len(rows) for rows in parts])
        squares = (means**2).sum(axis=1)
        apart = squares[:, None] - 2 * means @ means.T + squares[None]
        apart[np.add.outer(sizes, sizes) > most] = np.inf
        np.fill_diagonal(apart, np.inf)
        one, other = sorted(divmod(int(apart.argmin()), len(parts)))
        if apart[one, other] == np.inf:
            break
        means[one] = (sizes[one] * means[one] + sizes[other] * means[other]) / (sizes[one] + sizes[other])
        means = np.delete(means, other, axis=0)
        parts[one] = np.concatenate([parts[one], parts.pop(other)])
    return labels_of(parts, len(labels))


def _halves(vectors: Rows, rows: Labels, min_size: int) -> tuple[Labels, Labels]:
    """Two groups of a group's songs, by 2-means; none under `min_size` or a quarter."""
    own = np.asarray(vectors[rows], np.float32)
    least = max(min_size, len(rows) // 4)
    axis = _longest_axis(own)
    order = np.argsort(own @ axis, kind="stable")
    cut = len(rows) // 2
    for _ in range(_ROUNDS):
        one, other = own[order[:cut]].mean(axis=0), own[order[cut:]].mean(axis=0)
        nearer = ((own - one) ** 2).sum(axis=1) - ((own - other) ** 2).sum(axis=1)
        new = np.argsort(nearer, kind="stable")
        new_cut = int(np.clip((nearer < 0).sum(), least, len(rows) - least))
        is_settled = new_cut == cut and set(new[:cut].tolist()) == set(order[:cut].tolist())
        order, cut = new, new_cut
        if is_settled:
            break
    return np.sort(rows[order[:cut]]), np.sort(rows[order[cut:]])


def _longest_axis(own: Vectors) -> Vectors:
    """About the direction in which vectors differ most, always the same for the same vectors."""
    centred = own - own.mean(axis=0)
    axis = centred[int((centred**2).sum(axis=1).argmax())]
    for _ in range(_ROUNDS):
        axis = centred.T @ (centred @ axis)
        axis = axis / max(float(np.linalg.norm(axis)), float(np.finfo(np.float32).tiny))
    found: Vectors = axis.astype(np.float32)
    return found


# Members


def members_of(labels: Labels) -> list[Labels]:
    """Rows of each group, groups by number, those left out in none."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels + 1)
    return np.split(order, np.cumsum(sizes)[:-1])[1:]


def labels_of(members: list[Labels], n: int) -> Labels:
    """Number of the group of each of n rows."""
    labels = np.full(n, LEFT_OUT, np.intp)
    for number, rows in enumerate(members):
        labels[rows] = number
    return labels


def exemplars_of(vectors: Rows, groups: Groups) -> Labels:
    """The member of each group that is nearest to its centre (k,)."""
    centres = passes.means(vectors, groups.labels) if groups.centres is None else groups.centres
    distances = passes.distances(vectors, groups.labels, centres)
    return np.array([rows[distances[rows].argmin()] for rows in members_of(groups.labels)], np.intp)


def _mean(vectors: Vectors, rows: Labels) -> Vectors:
    mean: Vectors = vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


# Small groups


def joined(vectors: Rows, groups: Groups, min_size: int, notes: list[str]) -> Groups:
    """Merge groups under `min_size` with each other; songs still too few go to the nearest exemplar.

    If small groups joined the large ones at once, most small libraries would become one playlist.
    """
    members = members_of(groups.labels)
    small = [rows for rows in members if len(rows) < min_size]
    if not small:
        return groups
    large = [number for number, rows in enumerate(members) if len(rows) >= min_size]
    few = np.sort(np.concatenate(small))
    merged = [
        few[rows] for rows in _merged(vectors[few], [np.searchsorted(few, r) for r in small], min_size)
    ]
    homeless = [rows for rows in merged if len(rows) < min_size]
    kept = [members[number] for number in large] + [rows for rows in merged if len(rows) >= min_size]
    if not kept:
        kept, homeless = homeless, []
    labels = labels_of(kept, len(vectors))
    centres = passes.means(vectors, labels)
    if groups.centres is not None:
        centres[: len(large)] = groups.centres[large]
    joined = Groups(labels, centres)
    if homeless:
        exemplars = vectors[exemplars_of(vectors, joined)]
        for row, vector in zip(homeless[0], vectors[homeless[0]], strict=True):
            joined.labels[row] = int(np.linalg.norm(exemplars - vector, axis=1).argmin())
    notes.append(f"clusters under {min_size} songs, joined to each other or to the nearest: {len(small)}")
    return Groups(joined.labels, None if groups.centres is None else centres)


def _merged(vectors: Vectors, members: list[Labels], min_size: int) -> list[Labels]:
    """Merge the smallest group into that of the nearest mean, until all have `min_size` or one is left."""
    members = list(members)
    means = [_mean(vectors, rows) for rows in members]
    while len(members) > 1:
        small = min(range(len(members)), key=lambda group: len(members[group]))
        if len(members[small]) >= min_size:
            break
        rows, mean = members.pop(small), means.pop(small)
        near = int(np.linalg.norm(np.stack(means) - mean, axis=1).argmin())
        members[near] = np.concatenate([members[near], rows])
        means[near] = _mean(vectors, members[near])
    return members
