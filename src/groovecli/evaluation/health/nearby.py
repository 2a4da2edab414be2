"""The nearest songs of each song of a library, by distance alone and corrected for hubs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.playlists.nearest import Metric
from groovecli.playlists.proximity import Floats, Library, Spread, farness_of, unit
from groovecli.playlists.rows import Vectors

N_NEAR = 10
NOBODY = -1
"""Stands in a list where there are no more songs."""
_CANDIDATES = 256  # of each song by distance, of which the corrected nearest are chosen
_AT_ONCE = 256

Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class Lists:
    """The ten nearest songs of each song, from near to far [shape=(n, 10)].

    plain, corrected : np.ndarray [dtype=intp]
        By distance alone, and by mutual proximity, as `groove similar` ranks songs.
    distance : np.ndarray [shape=(n,)]
        How far a song is from the first of its corrected list; infinite where there is none.
    """

    plain: Numbers
    corrected: Numbers
    distance: Floats


@dataclass(frozen=True)
class Nearby:
    """Lists of all songs, and those of songs by other artists alone."""

    all: Lists
    others: Lists


def nearby(rows: Vectors, metric: Metric, artists: Numbers, is_asked: NDArray[np.bool_]) -> Nearby:
    """The lists of some thousand songs; each is compared with each, some at a time.

    Parameters
    ----------
    rows : np.ndarray [shape=(n, d)]
    artists : np.ndarray [shape=(n,)]
        Number of each song's artist; a song without one has a number of its own.
    is_asked : np.ndarray [shape=(n,)]
        Which songs can be in lists by other artists: those whose genre is known.
    """
    from threadpoolctl import threadpool_limits

    n = len(rows)
    spread = Library(rows, metric).usual.spread_of(rows, np.arange(n))
    own = unit(rows).astype(np.float32) if metric == "cosine" else rows
    parts: list[tuple[Lists, Lists]] = []
    with threadpool_limits(1):  # sums of several threads differ from run to run
        for start in range(0, n, _AT_ONCE):
            part = np.arange(start, min(start + _AT_ONCE, n))
            distances = _distances(own, part, metric)
            distances[part - start, part] = np.inf
            every = _lists(distances, part, spread)
            distances[(artists[part][:, None] == artists[None]) | ~is_asked[None]] = np.inf
            parts.append((every, _lists(distances, part, spread)))
    return Nearby(_joined([every for every, _ in parts]), _joined([others for _, others in parts]))


def _distances(own: Vectors, part: Numbers, metric: Metric) -> Vectors:
    if metric == "cosine":
        cosines: Vectors = own[part] @ own.T
        return np.clip(1 - cosines, 0, 2)
    squares = (own**2).sum(axis=1)
    found: Vectors = np.sqrt(np.maximum(squares[part][:, None] - 2 * own[part] @ own.T + squares, 0))
    return found


def _lists(distances: Vectors, part: Numbers, spread: Spread) -> Lists:
    """The nearest ones of a part of the songs, by their distances to all [shape=(m, n)]."""
    k = min(_CANDIDATES, distances.shape[1])
    near = np.sort(np.argpartition(distances, k - 1, axis=1)[:, :k], axis=1)
    far = np.take_along_axis(distances, near, axis=1).astype(np.float64)
    one = Spread(spread.mean[part][:, None], spread.std[part][:, None])
    farness = np.where(np.isfinite(far), farness_of(np.minimum(far, 1e9), one, spread[near]), np.inf)
    plain = np.argsort(far, axis=1, kind="stable")[:, :N_NEAR]
    corrected = np.argsort(farness, axis=1, kind="stable")[:, :N_NEAR]
    first = np.take_along_axis(far, corrected[:, :1], axis=1)[:, 0]
    return Lists(_named(near, far, plain), _named(near, far, corrected), first)


def _named(near: Numbers, far: Floats, order: Numbers) -> Numbers:
    """Numbers of songs in an order, ten of each."""
    found = np.full((len(near), N_NEAR), NOBODY, np.intp)
    is_there = np.isfinite(np.take_along_axis(far, order, axis=1))
    found[:, : order.shape[1]] = np.where(is_there, np.take_along_axis(near, order, axis=1), NOBODY)
    return found


def _joined(parts: list[Lists]) -> Lists:
    return Lists(
        np.concatenate([each.plain for each in parts]),
        np.concatenate([each.corrected for each in parts]),
        np.concatenate([each.distance for each in parts]),
    )
