"""How near two songs are to each other, against how near either is to songs at large.

Some songs are near to everything ("hubs"), others to nothing. Mutual proximity corrects this: a song's
distances to all songs are taken as normally distributed, and two songs are near where their distance is
small for both (Schnitzer, Flexer, Schedl and Widmer 2012, JMLR 13, section 3.2, with independence).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from groovecli.playlists.nearest import Metric, Nearest, nearest
from groovecli.playlists.reduced import Reduced
from groovecli.playlists.rows import Rows, UnitRows, sample

Floats = NDArray[np.float64]

MOST_COUNTED = 20_000
"""Songs whose vectors say how far songs usually are; of more songs, that many are drawn."""
_COMPARED = 2_000  # of them, where no formula says it of all
_INDEXED_FROM = 5_000  # songs: fewer are all looked at in each search
_PAIRED = 1_000  # songs, each with each
_FIRST = 128  # nearest rows whose proximity is looked at first
_AT_ONCE = 2_048
SAME = 1e-6
"""Distance of vectors, up to which two songs sound the same."""
_LEAST_STD = 1e-5  # of distances: less than the rounding of float32 vectors


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of the distances from each of m songs to all others.

    mean, std : np.ndarray [shape=(m,), dtype=float64]
    """

    mean: Floats
    std: Floats

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> Spread:
        return Spread(self.mean[rows], self.std[rows])


@dataclass(frozen=True)
class Neighbour:
    """A row of a library as it is seen from a vector.

    place : int
        Number of the row.
    distance : float
    farness : float >= 0
        Minus the logarithm of its mutual proximity.
    """

    place: int
    distance: float
    farness: float


class Library:
    """Vectors of songs, in which a song's neighbours are found by mutual proximity.

    Parameters
    ----------
    rows : (n, d)
        An array, or rows on the disk.
    metric : str
        "cosine" or "euclidean": how the model's vectors are compared.
    seed : int
        Of the songs that are drawn where there are more than `MOST_COUNTED`.
    """

    def __init__(self, rows: Rows, metric: Metric, seed: int = 0) -> None:
        self.rows, self.metric, self._seed = rows, metric, seed
        self._index: Reduced | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def usual(self) -> Usual:
        """How far songs usually are from the songs of this library."""
        return Usual(self.rows, self.metric, self._seed)

    def open(self) -> None:
        """Read the vectors once, so that searches are quick from here on; a single one is no quicker."""
        if len(self) > _INDEXED_FROM:
            self._index = Reduced(self.rows, self.metric, self.usual.moment)

    def search(self, vector: NDArray[np.floating]) -> Callable[[int], Nearest]:
        """What gives the k nearest rows of one vector by their distance alone; exact."""
        if self._index is not None:
            return self._index.search(vector).nearest
        return lambda k: nearest(self.rows, vector[None], k=k, metric=self.metric)

    def share_farther(self, distance: float) -> float | None:
        """Share of pairs of songs that are farther from each other; from a sample of a large library.

        None where there is no pair.
        """
        some = sample(self.rows, _PAIRED, self._seed)
        ones, others = np.triu_indices(len(some), 1)
        if not len(ones):
            return None
        return float((distances_between(some, some, self.metric)[ones, others] > distance).mean())

    def ranked(self, vector: NDArray[np.floating], *, is_inside: bool = False) -> Iterator[Neighbour]:
        """All rows from near to far, by mutual proximity with a vector; exact, and as lazy as can be.

        Parameters
        ----------
        vector : np.ndarray [shape=(d,)]
        is_inside : bool
            Whether it is one of the rows.
        """
        n, k, given = len(self), _FIRST, set[int]()
        nearest_ones, farness = self.search(vector), np.zeros(0)
        own = self.usual.spread(vector[None], are_inside=is_inside)
        while True:
            near = nearest_ones(min(k, n))
            places, distances = near.places[0], near.distances[0]
            new = slice(len(farness), None)  # those before are the same as at the last time
            others = self.usual.spread_of(self.rows, places[new])
            farness = np.concatenate([farness, farness_of(distances[new], own, others)])
            # What lies beyond the farthest of these has at least that farness from this end alone.
            sure = np.inf if k >= n else -_log_share_beyond(distances[-1:], own)[0]
            for i in np.lexsort((places, farness)).tolist():
                place = int(places[i])
                if farness[i] <= sure and place not in given:
                    given.add(place)
                    yield Neighbour(place, float(distances[i]), float(farness[i]))
            if k >= n:  # also where damaged rows have no distance
                return
            k *= 2


class Usual:
    """How far vectors are from the songs of a library: from all of them, or from a sample.

    By cosine, the songs' mean and covariance say it exactly.
    """

    def __init__(self, rows: Rows, metric: Metric, seed: int = 0) -> None:
        self.n, self.metric = len(rows), metric
        if metric == "cosine":
            vectors = _finite(sample(UnitRows(rows), MOST_COUNTED, seed))
            self._mean = vectors.mean(axis=0)
            self.moment = vectors.T @ vectors / len(vectors)
            covariance = self.moment - np.outer(self._mean, self._mean)
            self._covariance = covariance.astype(np.float32)
        else:
            self._some = _finite(sample(rows, _COMPARED, seed))
            vectors = self._some
            self.moment = vectors.T @ vectors / len(vectors)
        spread = self.spread(vectors[:: max(1, len(vectors) // _COMPARED)], are_inside=True)
        self.mean, self.std = float(spread.mean.mean()), float(spread.std.mean())

    def spread(self, vectors: NDArray[np.floating], *, are_inside: bool | NDArray[np.bool_]) -> Spread:
        """How far each of some vectors [shape=(m, d)] is from the songs; from the others if it is one."""
        if self.metric == "cosine":
            own = unit(vectors)
            mean = 1 - own @ self._mean
            spread = np.einsum("ij,ij->i", own.astype(np.float32) @ self._covariance, own)
            square = spread + mean**2
        else:
            distances = distances_between(vectors, self._some, self.metric)
            mean, square = distances.mean(axis=1), (distances**2).mean(axis=1)
        others = np.where(are_inside, max(1, self.n - 1), self.n) / self.n  # the distance to itself is 0
        mean, square = mean / others, square / others
        return Spread(mean, np.sqrt(np.maximum(square - mean**2, _LEAST_STD**2)))

    def spread_of(self, rows: Rows, places: NDArray[np.intp]) -> Spread:
        """The same of rows of the library, by their numbers."""
        parts = [
            self.spread(rows[places[start : start + _AT_ONCE]], are_inside=True)
            for start in range(0, len(places), _AT_ONCE)
        ]
        return Spread(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("mean", "std")))

    def likeness(self, farness: Floats) -> Floats:
        """0 for songs as far as songs usually are, 1 for the same sound: what a person is shown."""
        from scipy.special import ndtri

        nearer = -ndtri(np.clip(-np.expm1(-np.asarray(farness) / 2), 1e-300, 0.5))  # standard deviations
        share: Floats = np.clip(nearer * self.std / max(self.mean, _LEAST_STD), 0, 1) + 0.0  # no -0
        return share


def farness_of(distances: Floats, one: Spread, other: Spread) -> Floats:
    """Minus the logarithm of the mutual proximity of songs: 0 is as near as can be.

    distances, and both spreads : arrays that broadcast together
    """
    found: Floats = -(_log_share_beyond(distances, one) + _log_share_beyond(distances, other))
    return found


def mutual_farness(vectors: NDArray[np.floating], metric: Metric) -> Floats:
    """The farness of each of some thousand songs from each [shape=(n, n)], with 0 in the diagonal."""
    distances = distances_between(vectors, vectors, metric)
    np.fill_diagonal(distances, 0)
    n = max(1, len(distances) - 1)
    mean = distances.sum(axis=1) / n
    std = np.sqrt(np.maximum((distances**2).sum(axis=1) / n - mean**2, _LEAST_STD**2))
    found = farness_of(distances, Spread(mean[:, None], std[:, None]), Spread(mean[None], std[None]))
    np.fill_diagonal(found, 0)
    return found


def distances_between(ones: NDArray[np.floating], others: NDArray[np.floating], metric: Metric) -> Floats:
    """The distance of each vector from each [shape=(m, n)]."""
    left, right = ones.astype(np.float64), others.astype(np.float64)
    if metric == "cosine":
        cosines: Floats = unit(left) @ unit(right).T
        return np.clip(1 - cosines, 0, 2)
    squares = (left**2).sum(axis=1)[:, None] - 2 * left @ right.T + (right**2).sum(axis=1)[None]
    found: Floats = np.sqrt(np.maximum(squares, 0))
    return found


def _finite(vectors: NDArray[np.float32]) -> Floats:
    """Vectors without those that damage made something else than numbers; at least one."""
    sound = vectors[np.isfinite(vectors).all(axis=1)]
    return (sound if len(sound) else np.zeros_like(vectors[:1])).astype(np.float64)


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Vectors scaled to length one; those of zeros stay."""
    own = vectors.astype(np.float64)
    lengths = np.linalg.norm(own, axis=1, keepdims=True)
    scaled: Floats = own / np.maximum(lengths, np.finfo(np.float64).tiny)
    return scaled


def _log_share_beyond(distances: Floats, spread: Spread) -> Floats:
    """Logarithm of the share of songs that are farther than a distance."""
    from scipy.special import log_ndtr

    found: Floats = log_ndtr((spread.mean - distances) / spread.std)
    return found
