"""Vectors of songs -> clusters of songs that sound alike, each with a real song as its exemplar.

Affinity Propagation is the method of Bertrand & Friedland's "Autogroove". It needs N x N numbers, as
agglomerative clustering and HDBSCAN may: a large library is clustered through prototypes.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from groovecli.messages.playlists import (
    no_songs_to_cluster,
    no_such_method,
    number_not_for_method,
    smallest_cluster_too_small,
    too_few_clusters,
    vectors_not_a_table,
    vectors_not_finite,
)

METHODS = ("affinity", "kmeans", "agglomerative", "hdbscan")

Vectors = NDArray[np.float32]
Labels = NDArray[np.intp]

_COUNTED = ("kmeans", "agglomerative")  # methods that are told how many clusters to make
_LEFT_OUT = -1  # as scikit-learn labels noise
_LARGEST_SQUARE = 1e36  # squared length above which float32 distances overflow
_AP_ROUNDS = 1000
_AP_SETTLED = 100  # rounds without change, as Frey & Dueck; damped, scikit-learn's 15 stop too early


@dataclass(frozen=True)
class Cluster:
    """Songs that sound alike, as rows: the exemplar first, then the others from near to far."""

    members: tuple[int, ...]
    exemplar: int


@dataclass(frozen=True)
class Clustering:
    """Clusters from large to small, the rows in none, the method that made them, what to know."""

    clusters: tuple[Cluster, ...]
    left_out: tuple[int, ...]
    method: str
    notes: tuple[str, ...]

    @property
    def labels(self) -> Labels:
        """Number of each row's cluster (n,); -1 for a row that is left out."""
        n = len(self.left_out) + sum(len(cluster.members) for cluster in self.clusters)
        labels = np.full(n, _LEFT_OUT, np.intp)
        for number, cluster in enumerate(self.clusters):
            labels[list(cluster.members)] = number
        return labels


@dataclass(frozen=True)
class _Options:
    """What `cluster` was asked for; `n_clusters` is filled in."""

    method: str
    min_size: int
    n_clusters: int
    seed: int
    max_exact: int
    n_prototypes: int


@dataclass(frozen=True)
class _Points:
    """What a method is given, (p, d), and which of the points each song is at, (n,)."""

    vectors: Vectors
    place: Labels


@dataclass(frozen=True)
class _Groups:
    """The group of each song (n,), and where its exemplar is to be near (k, d); the mean if None."""

    labels: Labels
    centres: Vectors | None = None


def cluster(
    vectors: Vectors,
    *,
    method: str = "affinity",
    min_size: int = 5,
    n_clusters: int | None = None,
    seed: int = 0,
    max_exact: int = 5000,
    n_prototypes: int = 2000,
) -> Clustering:
    """Cluster songs by Euclidean distance; there is always at least one cluster.

    Parameters
    ----------
    vectors : np.ndarray [shape=(n, d), dtype=float32]
        One embedding a song.
    method : str
        One of `METHODS`. When it finds no cluster at all, agglomerative clustering is used.
    min_size : int >= 1
        Songs in the smallest cluster; smaller ones are joined to each other, then to the nearest.
        Fewer songs than that in all are one cluster.
    n_clusters : int >= 1, optional
        For k-means and agglomerative clustering; sqrt(n / 2) if not given.
    seed : int >= 0
        The same seed gives the same clusters.
    max_exact, n_prototypes : int
        Above `max_exact` songs, `n_prototypes` means of theirs are clustered instead of them.

    Returns
    -------
    clustering : Clustering
        Every row in one cluster or, with HDBSCAN, left out.

    Raises
    ------
    UsageError
        No songs, or options that don't fit the method.
    ModelError
        Vectors that are not finite numbers, or are so large that distances are not.
    """
    _check_options(method, min_size, n_clusters)
    _check_vectors(vectors)
    from threadpoolctl import threadpool_limits

    n = len(vectors)
    if n < min_size:
        note = f"all {n} songs are one cluster: there are fewer than {min_size}"
        return _clustering(vectors, _Groups(np.zeros(n, np.intp)), method, [note])
    if bool((vectors == vectors[0]).all()):
        return _clustering(vectors, _Groups(np.zeros(n, np.intp)), method, [])
    notes: list[str] = []
    n_usual = max(1, round(math.sqrt(n / 2)))
    options = _Options(method, min_size, n_clusters or n_usual, seed, max_exact, n_prototypes)
    with threadpool_limits(1):  # several threads sum in any order: not the same bytes each time
        groups = _grouped(vectors, options, notes)
        if (groups.labels == _LEFT_OUT).all():
            notes.append(f"{method} found no cluster: agglomerative clustering made them instead")
            options = replace(options, method="agglomerative", n_clusters=n_usual)
            groups = _grouped(vectors, options, [])
        elif method in _COUNTED and options.n_clusters * min_size > n:
            notes.append(
                f"{options.n_clusters} clusters of {n} songs can't all have {min_size}: there are fewer"
            )
        groups = _joined(vectors, groups, min_size, notes)
    return _clustering(vectors, groups, options.method, notes)


def _check_options(method: str, min_size: int, n_clusters: int | None) -> None:
    if method not in METHODS:
        raise no_such_method(method, METHODS)
    if min_size < 1:
        raise smallest_cluster_too_small(min_size)
    if n_clusters is not None and n_clusters < 1:
        raise too_few_clusters(n_clusters)
    if n_clusters is not None and method not in _COUNTED:
        raise number_not_for_method(method, n_clusters, _COUNTED)


def _check_vectors(vectors: Vectors) -> None:
    if vectors.ndim != 2 or (len(vectors) and not vectors.shape[1]):
        raise vectors_not_a_table(vectors.shape)
    if not len(vectors):
        raise no_songs_to_cluster()
    with np.errstate(all="ignore"):
        squares = np.einsum("ij,ij->i", vectors, vectors)
        bad = np.flatnonzero(~(squares < _LARGEST_SQUARE))
    if len(bad):
        raise vectors_not_finite(len(bad), len(vectors), int(bad[0]))


def _grouped(vectors: Vectors, options: _Options, notes: list[str]) -> _Groups:
    """The groups of songs that a method finds, whatever their sizes."""
    points = _points(vectors, options, notes)
    x = points.vectors
    if options.method == "affinity":
        labels, exemplars = _affinity(x, options.seed, notes)
        return _Groups(labels[points.place], x[exemplars])
    if options.method == "kmeans":
        labels = _kmeans(x, options, notes)
    elif options.method == "agglomerative":
        labels = _agglomerative(x, options.n_clusters)
    else:
        labels = _hdbscan(x, max(2, options.min_size))
    return _Groups(labels[points.place])


# What is clustered: the songs, or prototypes of them


def _points(vectors: Vectors, options: _Options, notes: list[str]) -> _Points:
    n = len(vectors)
    if options.method != "kmeans" and n > options.max_exact:
        points = _prototypes(vectors, min(n, options.n_prototypes), options.seed)
        notes.append(
            f"{n:,} songs are too many to compare each with each: {len(points.vectors):,} prototypes"
            " were clustered, and every song follows its own"
        )
        return points
    if options.method in ("affinity", "agglomerative"):
        return _distinct(vectors)
    return _Points(vectors, np.arange(n))


def _distinct(vectors: Vectors) -> _Points:
    """Equal vectors as one point: otherwise they would compete to be the exemplar."""
    distinct, place = np.unique(vectors, axis=0, return_inverse=True)
    return _Points(distinct, place.reshape(-1))


def _prototypes(vectors: Vectors, n_prototypes: int, seed: int) -> _Points:
    from sklearn.cluster import MiniBatchKMeans

    with _settling([], ""):
        model = MiniBatchKMeans(n_prototypes, n_init=1, random_state=seed).fit(vectors)
    used, place = np.unique(model.labels_, return_inverse=True)
    distinct = _distinct(model.cluster_centers_[used])
    return _Points(distinct.vectors, distinct.place[place])


# The methods, each points (p, d) -> label of each point (p,)


def _affinity(x: Vectors, seed: int, notes: list[str]) -> tuple[Labels, Labels]:
    """Labels (p,) and which points are exemplars (k,); all left out where it finds none."""
    from sklearn.cluster import AffinityPropagation

    with _settling(notes, f"affinity did not settle within {_AP_ROUNDS:,} rounds"):
        model = AffinityPropagation(
            damping=0.9, max_iter=_AP_ROUNDS, convergence_iter=_AP_SETTLED, random_state=seed
        ).fit(x)
    return model.labels_.astype(np.intp), np.asarray(model.cluster_centers_indices_, np.intp)


def _kmeans(x: Vectors, options: _Options, notes: list[str]) -> Labels:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    k = min(options.n_clusters, len(x))
    kind = KMeans if len(x) <= options.max_exact else MiniBatchKMeans
    with _settling(notes, f"kmeans found fewer than {k} clusters that differ"):
        model = kind(k, n_init=10, random_state=options.seed).fit(x)
    return np.unique(model.labels_, return_inverse=True)[1]


def _agglomerative(x: Vectors, n_clusters: int) -> Labels:
    from sklearn.cluster import AgglomerativeClustering

    if len(x) == 1:
        return np.zeros(1, np.intp)
    labels: Labels = AgglomerativeClustering(min(n_clusters, len(x))).fit(x).labels_
    return labels


def _hdbscan(x: Vectors, min_size: int) -> Labels:
    from sklearn.cluster import HDBSCAN

    if len(x) < min_size:
        return np.full(len(x), _LEFT_OUT, np.intp)
    labels: Labels = HDBSCAN(min_cluster_size=min_size, copy=True).fit(x).labels_
    return labels


@contextmanager
def _settling(notes: list[str], note: str) -> Iterator[None]:
    """Turn scikit-learn's warning that a method did not converge into a note."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    if any(issubclass(warning.category, ConvergenceWarning) for warning in caught):
        notes.append(note)


# From groups to clusters


def _members(labels: Labels) -> list[Labels]:
    """Rows of each group, groups by number, those left out in none."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels + 1)
    return np.split(order, np.cumsum(sizes)[:-1])[1:]


def _means(vectors: Vectors, members: list[Labels]) -> Vectors:
    return np.stack([_mean(vectors, rows) for rows in members])


def _mean(vectors: Vectors, rows: Labels) -> Vectors:
    mean: Vectors = vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _distances(vectors: Vectors, rows: Labels, point: Vectors) -> Vectors:
    """Distance of each of `rows` to a point (d,), (m,)."""
    distances: Vectors = np.linalg.norm(vectors[rows] - point, axis=1)
    return distances


def _exemplars(vectors: Vectors, groups: _Groups) -> Labels:
    """The member of each group that is nearest to its centre (k,)."""
    members = _members(groups.labels)
    centres = _means(vectors, members) if groups.centres is None else groups.centres
    nearest = [
        rows[_distances(vectors, rows, centre).argmin()]
        for rows, centre in zip(members, centres, strict=True)
    ]
    return np.array(nearest, np.intp)


def _joined(vectors: Vectors, groups: _Groups, min_size: int, notes: list[str]) -> _Groups:
    """Merge groups under `min_size` with each other; songs still too few go to the nearest exemplar.

    If small groups joined the large ones at once, most small libraries would become one playlist.
    """
    members = _members(groups.labels)
    small = [rows for rows in members if len(rows) < min_size]
    if not small:
        return groups
    large = [number for number, rows in enumerate(members) if len(rows) >= min_size]
    merged = _merged(vectors, small, min_size)
    homeless = [rows for rows in merged if len(rows) < min_size]
    kept = [members[number] for number in large] + [rows for rows in merged if len(rows) >= min_size]
    if not kept:
        kept, homeless = homeless, []
    centres = _means(vectors, kept)
    if groups.centres is not None:
        centres[: len(large)] = groups.centres[large]
    joined = _Groups(_labels(kept, len(vectors)), centres)
    if homeless:
        exemplars = vectors[_exemplars(vectors, joined)]
        for row in homeless[0]:
            joined.labels[row] = int(np.linalg.norm(exemplars - vectors[row], axis=1).argmin())
    notes.append(f"clusters under {min_size} songs, joined to each other or to the nearest: {len(small)}")
    return _Groups(joined.labels, None if groups.centres is None else centres)


def _merged(vectors: Vectors, members: list[Labels], min_size: int) -> list[Labels]:
    """Merge the smallest group into that of the nearest mean, until all have `min_size` or one is left."""
    members = list(members)
    means = list(_means(vectors, members))
    while len(members) > 1:
        small = min(range(len(members)), key=lambda group: len(members[group]))
        if len(members[small]) >= min_size:
            break
        rows, mean = members.pop(small), means.pop(small)
        near = int(np.linalg.norm(np.stack(means) - mean, axis=1).argmin())
        members[near] = np.concatenate([members[near], rows])
        means[near] = _mean(vectors, members[near])
    return members


def _labels(members: list[Labels], n: int) -> Labels:
    """Number of the group of each of n rows."""
    labels = np.full(n, _LEFT_OUT, np.intp)
    for number, rows in enumerate(members):
        labels[rows] = number
    return labels


def _clustering(vectors: Vectors, groups: _Groups, method: str, notes: list[str]) -> Clustering:
    clusters = []
    for rows, exemplar in zip(_members(groups.labels), _exemplars(vectors, groups), strict=True):
        distances = _distances(vectors, rows, vectors[exemplar])
        ordered = rows[np.argsort(distances, kind="stable")]
        clusters.append(Cluster(tuple(ordered.tolist()), int(exemplar)))
    clusters.sort(key=lambda cluster: (-len(cluster.members), cluster.exemplar))
    left_out = np.flatnonzero(groups.labels == _LEFT_OUT)
    return Clustering(tuple(clusters), tuple(left_out.tolist()), method, tuple(notes))
