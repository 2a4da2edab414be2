"""The nearest neighbours of songs, exact, over vectors that need not fit in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from groovecli.playlists.rows import Rows, Vectors, blocks

Metric = Literal["cosine", "euclidean"]

_SLACK = 1e-4  # of float32 sums over some thousand numbers, for vectors of length one
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class Nearest:
    """The k nearest rows of each of m vectors, from near to far; of equal distances the first row.

    places : np.ndarray [shape=(m, k), dtype=int64]
    distances : np.ndarray [shape=(m, k), dtype=float64]
    """

    places: NDArray[np.int64]
    distances: NDArray[np.float64]


def nearest(
    rows: Rows | NDArray[np.float16], vectors: NDArray[np.floating], *, k: int, metric: Metric = "cosine"
) -> Nearest:
    """Compare vectors with all rows, a few thousand at a time.

    Parameters
    ----------
    rows : (n, d)
        An array, memory-mapped or not, or anything that gives one by slices. By cosine, rows of a
        catalogue's matrix can be compared without their exponents.
    vectors : np.ndarray [shape=(m, d)]
        A row that is among them is its own nearest.
    k : int >= 1
        At most n are found.
    metric : str
        "cosine" (1 minus it, from 0 to 2; 1 for a vector of zeros) or "euclidean".
    """
    wanted = np.asarray(vectors, np.float64)
    found = [_Best(vector, k, metric) for vector in wanted]
    close = _unit(wanted) if metric == "cosine" else wanted
    halved = close.astype(np.float32)
    for part, block in blocks(rows):  # type: ignore[arg-type]
        numbers = np.asarray(block, np.float32)
        lengths = np.linalg.norm(numbers, axis=1)
        products = numbers @ halved.T
        for best, about in zip(found, products.T, strict=True):
            best.take(part.start, block, lengths, about)
    return Nearest(np.stack([best.places for best in found]), np.stack([best.distances for best in found]))


class _Best:
    """The k nearest rows so far of one vector."""

    def __init__(self, vector: NDArray[np.float64], k: int, metric: Metric) -> None:
        self._vector, self._k, self._metric = vector, k, metric
        self._length = float(np.linalg.norm(vector))
        self.places = np.zeros(0, np.int64)
        self.distances = np.zeros(0)

    def take(self, start: int, block: Vectors, lengths: Vectors, products: Vectors) -> None:
        """Compare with a block of rows: roughly with all, exactly with those that may be among the best."""
        low, high = self._bounds(lengths, products)
        limit = self.distances[-1] if len(self.places) == self._k else np.inf
        if len(high) > self._k:
            limit = min(limit, np.partition(high, self._k - 1)[self._k - 1])
        chosen = np.flatnonzero(low <= limit)
        if not len(chosen):
            return
        places = np.concatenate([self.places, start + chosen])
        distances = np.concatenate([self.distances, self._exact(block[chosen])])
        order = np.lexsort((places, distances))[: self._k]
        self.places, self.distances = places[order], distances[order]

    def _bounds(
        self, lengths: Vectors, products: Vectors
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Between what the distance of each row lies."""
        if self._metric == "cosine":
            about = 1 - products / np.maximum(lengths, np.finfo(np.float32).tiny).astype(np.float64)
            return about - _SLACK, about + _SLACK
        both = lengths.astype(np.float64) + self._length
        squares = lengths.astype(np.float64) ** 2 - 2 * products.astype(np.float64) + self._length**2
        slack = _SLACK * both**2
        return np.sqrt(np.maximum(squares - slack, 0)), np.sqrt(np.maximum(squares + slack, 0))

    def _exact(self, rows: Vectors) -> NDArray[np.float64]:
        own = rows.astype(np.float64)
        if self._metric == "cosine":
            lengths = np.sqrt((own * own).sum(axis=1)) * self._length
            cosines: NDArray[np.float64] = (own * self._vector).sum(axis=1) / np.maximum(lengths, _TINY)
            return 1 - cosines
        differences = own - self._vector
        distances: NDArray[np.float64] = np.sqrt((differences * differences).sum(axis=1))
        return distances


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float64] = vectors / np.maximum(lengths, _TINY)
    return unit
