"""An index over vectors that makes one search exact and quick: few numbers of each, and bounds.

Each vector is projected on the directions that hold most of all vectors, and the length of what is left
is one number more. Distances between these are never longer than the real ones: what is farther than
the k-th nearest by them needs no look at all of its numbers. A few directions are compared with all,
more of them with what these leave.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.playlists.nearest import Metric, Nearest
from groovecli.playlists.rows import Rows, blocks, compared_by

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_FEW, _MANY = 96, 256  # directions
_SLACK = 2e-4  # of float32 sums, as a share of both squared lengths
_SLACK_HALF = 2e-3  # of float16 numbers
_MORE = 64  # rows than asked for are looked at first


class Reduced:
    """An index over rows.

    Parameters
    ----------
    rows : (n, d)
    metric : str
        "cosine" or "euclidean".
    moment : np.ndarray [shape=(d, d)]
        Mean of the vectors' outer products, of all or of a sample; by cosine, of vectors of length one.
    """

    def __init__(self, rows: Rows, metric: Metric, moment: Floats) -> None:
        self.rows: Rows = compared_by(metric, rows)
        self._is_cosine = metric == "cosine"
        self._directions = np.linalg.eigh(moment)[1][:, ::-1][:, :_MANY].astype(np.float32)
        n, n_many = len(rows), self._directions.shape[1]
        self.few = np.empty((n, min(_FEW, n_many) + 1), np.float32)
        self.many = np.empty((n, n_many + 1), np.float16)
        self.squares = np.empty(n, np.float32)
        for part, block in blocks(self.rows):
            self.few[part], self.many[part], self.squares[part] = self.shortened(block)

    def shortened(self, vectors: Singles) -> tuple[Singles, Singles, Singles]:
        """Projections on few and on many directions, each with the length of what it lacks; squares."""
        projected = vectors @ self._directions
        squares = (vectors * vectors).sum(axis=1)
        energies = projected * projected

        def short(n: int) -> Singles:
            rest = np.sqrt(np.maximum(squares - energies[:, :n].sum(axis=1), 0))
            return np.hstack([projected[:, :n], rest[:, None]])

        return short(_FEW), short(_MANY), squares

    def search(self, vector: NDArray[np.floating]) -> Search:
        """Search for the rows that are near to a vector [shape=(d,)]."""
        wanted = np.asarray(vector, np.float64)
        if self._is_cosine:
            wanted = wanted / max(np.linalg.norm(wanted), np.finfo(np.float64).tiny)
        return Search(self, wanted)

    def distances_of(self, squares: Floats) -> Floats:
        """Distances of squared ones between the vectors as they are compared."""
        return squares / 2 if self._is_cosine else np.sqrt(squares)


class Search:
    """A search for the rows near one vector; what was found out is kept for when more are asked for."""

    def __init__(self, index: Reduced, wanted: Floats) -> None:
        self._index, self._wanted = index, wanted
        few, many, squares = index.shortened(wanted[None].astype(np.float32))
        self._many, self._square = many[0], squares[0]
        both = index.squares + self._square
        self._bounds = both * np.float32(1 - _SLACK) - 2 * (index.few @ few[0])
        self._places = np.zeros(0, np.intp)  # of rows whose distance is known
        self._squares = np.zeros(0)

    def nearest(self, k: int) -> Nearest:
        """The k nearest rows, as `nearest.nearest` finds them."""
        k = min(k, len(self._bounds))
        if len(self._places) < k:
            self._look_at(self._likeliest(k + _MORE - len(self._places)))
        limit = np.partition(self._squares, k - 1)[k - 1]
        missed = np.flatnonzero(self._bounds <= limit)
        self._bounds[missed] = self._closer_bounds(missed)
        self._look_at(missed[self._bounds[missed] <= limit])
        order = np.lexsort((self._places, self._squares))[:k]
        distances = self._index.distances_of(self._squares[order])
        return Nearest(self._places[order][None].astype(np.int64), distances[None])

    def _likeliest(self, n: int) -> NDArray[np.intp]:
        """The rows with the lowest bounds of those that were not looked at."""
        n_left = len(self._bounds) - len(self._places)
        n = min(n, n_left)
        found: NDArray[np.intp] = np.argpartition(self._bounds, n - 1)[:n]
        return found

    def _closer_bounds(self, places: NDArray[np.intp]) -> Singles:
        """What the squared distances of some rows can't be below, by more of their numbers."""
        both = self._index.squares[places] + self._square
        products = self._index.many[places].astype(np.float32) @ self._many
        found: Singles = both * np.float32(1 - _SLACK_HALF) - 2 * products
        return found

    def _look_at(self, places: NDArray[np.intp]) -> None:
        """Find out the squared distances of some rows."""
        found = np.empty(len(places))
        for start in range(0, len(places), 4096):
            some = slice(start, start + 4096)
            differences = self._index.rows[places[some]] - self._wanted
            found[some] = np.einsum("ij,ij->i", differences, differences)
        self._bounds[places] = np.inf
        self._places = np.concatenate([self._places, places])
        self._squares = np.concatenate([self._squares, found])
