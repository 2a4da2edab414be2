"""Vectors of songs -> clusters of songs that sound alike, each with a real song as its exemplar.

The default is average linkage on mutual proximity: see `linked`. Affinity Propagation is the method of
Bertrand & Friedland's "Autogroove". Both need N x N numbers, as agglomerative clustering and HDBSCAN may: a
large library is clustered through prototypes.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from groovecli.messages.playlists import (
    no_songs_to_cluster,
    no_such_method,
    number_not_for_method,
    smallest_cluster_too_small,
    too_few_clusters,
    vectors_not_a_table,
    vectors_not_finite,
)
from groovecli.playlists import rows as passes
from groovecli.playlists.linked import linked
from groovecli.playlists.nearest import Metric
from groovecli.playlists.rows import LEFT_OUT, Labels, Rows, UnitRows, Vectors
from groovecli.playlists.sizes import (
    Bounds,
    Groups,
    bounds_for,
    check_bounds,
    divided,
    exemplars_of,
    members_of,
    sized,
    usual_number,
)

if TYPE_CHECKING:
    from sklearn.cluster import MiniBatchKMeans

METHODS = ("mutual", "affinity", "kmeans", "agglomerative", "hdbscan")

MAX_EXACT = 5000
"""Songs that are compared each with each; of more, prototypes are."""
_COUNTED = ("mutual", "kmeans", "agglomerative")  # methods that are told how many clusters to make
_LARGEST_SQUARE = 1e36  # squared length above which float32 distances overflow
_MAIN_PARTS = 128  # numbers of a vector by which songs find their mean: 0.4 % farther, 8 times as fast
_AXES_FROM = 5000  # songs
_LEARNT_FROM = 100_000  # songs that means are learnt from; the others are only assigned to them
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
        labels = np.full(n, LEFT_OUT, np.intp)
        for number, cluster in enumerate(self.clusters):
            labels[list(cluster.members)] = number
        return labels


@dataclass(frozen=True)
class _Options:
    """What `cluster` was asked for; `n_clusters` is filled in."""

    method: str
    bounds: Bounds
    n_clusters: int
    metric: Metric
    seed: int
    max_exact: int
    n_prototypes: int


@dataclass(frozen=True)
class _Points:
    """What a method is given, (p, d), and which of the points each song is at, (n,)."""

    vectors: Vectors
    place: Labels


def cluster(
    vectors: Rows,
    *,
    method: str = "mutual",
    min_size: int | None = None,
    max_size: int | None = None,
    n_clusters: int | None = None,
    seed: int = 0,
    max_exact: int = MAX_EXACT,
    n_prototypes: int = 2000,
) -> Clustering:
    """Cluster songs by how near their vectors are; there is always at least one cluster.

    Parameters
    ----------
    vectors : np.ndarray [shape=(n, d), dtype=float32]
        One embedding a song; or rows on the disk, which are read a part at a time. `UnitRows` are
        compared by cosine where the method is "mutual"; all else is by Euclidean distance.
    method : str
        One of `METHODS`. When it finds no cluster at all, agglomerative clustering is used.
    min_size : int >= 1, optional
        Songs in the smallest cluster; smaller ones are joined to each other, then to the nearest.
        Fewer songs than that in all are one cluster. 10 if not given, and fewer for less than 200 songs.
    max_size : int >= 2 min_size - 1, optional
        Songs in the largest cluster; larger ones are divided. No limit if not given.
    n_clusters : int >= 1, optional
        For the methods that are told: so many clusters, unless the sizes don't allow it. If not given,
        about n**0.41 for "mutual", sqrt(n / 2) for the others.
    seed : int >= 0
        The same seed gives the same clusters.
    max_exact, n_prototypes : int
        Above `max_exact` songs, `n_prototypes` means of theirs are clustered instead of them. Above
        100,000, the means are learnt from that many, drawn at random.

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
    check_bounds(min_size, max_size)
    _check_vectors(vectors)
    from threadpoolctl import threadpool_limits

    n, metric = len(vectors), _metric(vectors)
    bounds = bounds_for(n, min_size, max_size, n_clusters)
    if n <= max_exact:
        vectors = vectors[:]
    if n < bounds.min_size:
        which = f"all {n} songs are" if n > 1 else "the only song is"
        note = f"{which} one cluster: there are fewer than {bounds.min_size}"
        return _clustering(vectors, Groups(np.zeros(n, np.intp)), method, [note])
    notes: list[str] = []
    n_usual = usual_number(n) if method == "mutual" else max(1, round(math.sqrt(n / 2)))
    options = _Options(method, bounds, n_clusters or n_usual, metric, seed, max_exact, n_prototypes)
    with threadpool_limits(1):  # several threads sum in any order: not the same bytes each time
        groups, method = _found(vectors, options, n_usual, notes)
        groups = sized(vectors, groups, bounds, notes)
    return _clustering(vectors, groups, method, notes)


def _found(vectors: Rows, options: _Options, n_usual: int, notes: list[str]) -> tuple[Groups, str]:
    """Groups of any size, and the method that found them."""
    if passes.are_equal(vectors):
        return Groups(np.zeros(len(vectors), np.intp)), options.method
    groups = _grouped(vectors, options, notes)
    if (groups.labels == LEFT_OUT).all():
        notes.append(f"{options.method} found no cluster: agglomerative clustering made them instead")
        options = replace(options, method="agglomerative", n_clusters=n_usual)
        groups = _grouped(vectors, options, [])
    return groups, options.method


def _metric(vectors: Rows) -> Metric:
    return "cosine" if isinstance(vectors, UnitRows) else "euclidean"


def _check_options(method: str, min_size: int | None, n_clusters: int | None) -> None:
    if method not in METHODS:
        raise no_such_method(method, METHODS)
    if min_size is not None and min_size < 1:
        raise smallest_cluster_too_small(min_size)
    if n_clusters is not None and n_clusters < 1:
        raise too_few_clusters(n_clusters)
    if n_clusters is not None and method not in _COUNTED:
        raise number_not_for_method(method, n_clusters, _COUNTED)


def _check_vectors(vectors: Rows) -> None:
    if len(vectors.shape) != 2 or (len(vectors) and not vectors.shape[1]):
        raise vectors_not_a_table(vectors.shape)
    if not len(vectors):
        raise no_songs_to_cluster()
    bad: list[int] = []
    for rows, block in passes.blocks(vectors):
        with np.errstate(all="ignore"):
            squares = np.einsum("ij,ij->i", block, block)
        bad += (rows.start + np.flatnonzero(~(squares < _LARGEST_SQUARE))).tolist()
    if bad:
        raise vectors_not_finite(len(bad), len(vectors), bad[0])


def _grouped(vectors: Rows, options: _Options, notes: list[str]) -> Groups:
    """The groups of songs that a method finds, whatever their sizes."""
    if options.method == "kmeans":
        return Groups(_kmeans(vectors, options, notes))
    points = _points(vectors, options, notes)
    x = points.vectors
    if options.method == "affinity":
        labels, exemplars = _affinity(x, options.seed, notes)
        return Groups(labels[points.place], x[exemplars])
    if options.method == "mutual":
        weights, least = np.bincount(points.place), options.bounds.min_size
        labels = linked(x, weights, options.n_clusters, min_size=least, metric=options.metric)
    elif options.method == "agglomerative":
        labels = _agglomerative(x, options.n_clusters)
    else:
        labels = _hdbscan(x, max(2, options.bounds.min_size))
    return Groups(labels[points.place])


# What is clustered: the songs, or prototypes of them


def _points(vectors: Rows, options: _Options, notes: list[str]) -> _Points:
    n = len(vectors)
    if n > options.max_exact:
        points = _prototypes(vectors, min(n, options.n_prototypes), options.seed)
        notes.append(
            f"{n:,} songs are too many to compare each with each: {len(points.vectors):,} prototypes"
            " were clustered, and every song follows its own"
        )
        return points
    if options.method == "hdbscan":
        return _Points(vectors[:], np.arange(n))
    return _distinct(vectors[:])


def _distinct(vectors: Vectors) -> _Points:
    """Equal vectors as one point: otherwise they would compete to be the exemplar."""
    distinct, place = np.unique(vectors, axis=0, return_inverse=True)
    return _Points(distinct, place.reshape(-1))


def _prototypes(vectors: Rows, n_prototypes: int, seed: int) -> _Points:
    """Means of songs that are near to each other by their main parts."""
    from sklearn.cluster import MiniBatchKMeans

    main = passes.main_parts(vectors, _MAIN_PARTS, _AXES_FROM, seed)
    with _settling([], ""):
        model = MiniBatchKMeans(n_prototypes, n_init=1, random_state=seed, compute_labels=False)
        model.fit(passes.sample(main, _LEARNT_FROM, seed))
    _, place = np.unique(_assigned(main, model), return_inverse=True)
    distinct = _distinct(passes.means(vectors, place))
    return _Points(distinct.vectors, distinct.place[place])


def _assigned(vectors: Rows, model: MiniBatchKMeans) -> Labels:
    """Which of a model's means is nearest to each song (n,)."""
    labels = np.empty(len(vectors), np.intp)
    for rows, block in passes.blocks(vectors):
        labels[rows] = model.predict(block)
    return labels


# The methods, each points (p, d) -> label of each point (p,)


def _affinity(x: Vectors, seed: int, notes: list[str]) -> tuple[Labels, Labels]:
    """Labels (p,) and which points are exemplars (k,); all left out where it finds none."""
    from sklearn.cluster import AffinityPropagation

    with _settling(notes, f"affinity did not settle within {_AP_ROUNDS:,} rounds"):
        model = AffinityPropagation(
            damping=0.9, max_iter=_AP_ROUNDS, convergence_iter=_AP_SETTLED, random_state=seed
        ).fit(x)
    return model.labels_.astype(np.intp), np.asarray(model.cluster_centers_indices_, np.intp)


def _kmeans(vectors: Rows, options: _Options, notes: list[str]) -> Labels:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    k = min(options.n_clusters, len(vectors))
    with _settling(notes, f"kmeans found fewer than {k} clusters that differ"):
        if len(vectors) <= options.max_exact:
            labels = KMeans(k, n_init=10, random_state=options.seed).fit(vectors[:]).labels_
        else:
            model = MiniBatchKMeans(k, n_init=10, random_state=options.seed, compute_labels=False)
            labels = _assigned(vectors, model.fit(passes.sample(vectors, _LEARNT_FROM, options.seed)))
    return np.unique(labels, return_inverse=True)[1]


def _agglomerative(x: Vectors, n_clusters: int) -> Labels:
    from sklearn.cluster import AgglomerativeClustering

    if len(x) == 1:
        return np.zeros(1, np.intp)
    labels: Labels = AgglomerativeClustering(min(n_clusters, len(x))).fit(x).labels_
    return labels


def _hdbscan(x: Vectors, min_size: int) -> Labels:
    from sklearn.cluster import HDBSCAN

    if len(x) < min_size:
        return np.full(len(x), LEFT_OUT, np.intp)
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


def _clustering(vectors: Rows, groups: Groups, method: str, notes: list[str]) -> Clustering:
    exemplars = exemplars_of(vectors, groups)
    distances = passes.distances(vectors, groups.labels, vectors[exemplars])
    clusters = []
    for rows, exemplar in zip(members_of(groups.labels), exemplars.tolist(), strict=True):
        ordered = rows[np.argsort(distances[rows], kind="stable")]
        clusters.append(Cluster(tuple(ordered.tolist()), exemplar))
    clusters.sort(key=lambda cluster: (-len(cluster.members), cluster.exemplar))
    left_out = np.flatnonzero(groups.labels == LEFT_OUT)
    return Clustering(tuple(clusters), tuple(left_out.tolist()), method, tuple(notes))


def within(clustering: Clustering, vectors: Rows, bounds: Bounds) -> Clustering:
    """Clusters of no more than `bounds.max_size` songs: larger ones are divided, the others stay."""
    if bounds.max_size is None:
        return clustering
    found = []
    for one in clustering.clusters:
        if len(one.members) <= bounds.max_size:
            found.append(one)
            continue
        rows = np.sort(np.array(one.members, np.intp))
        own, whole = vectors[rows], np.zeros(len(rows), np.intp)
        labels = divided(own, whole, bounds.min_size, most=bounds.max_size)
        parts = _clustering(own, Groups(labels), clustering.method, []).clusters
        found += [Cluster(tuple(rows[list(p.members)].tolist()), int(rows[p.exemplar])) for p in parts]
    found.sort(key=lambda cluster: (-len(cluster.members), cluster.exemplar))
    return replace(clustering, clusters=tuple(found))
