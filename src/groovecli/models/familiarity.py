"""Whether a song is like anything that a model learnt from: speech and noise are not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_SHRINKAGE = 3.0
_SHARE_INSIDE = 0.95
_TINY = 1e-6
MIN_SONGS = 100  # fewer say too little of what music is


@dataclass(frozen=True)
class Familiar:
    """Where a model's songs lie, and how far out the outermost few are.

    Lee, Lee, Lee & Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and
    Adversarial Attacks", with one Gaussian for all songs, its covariance shrunk towards a sphere: there may
    be more numbers than songs.

    mean : np.ndarray [shape=(dim,)]
    precision : np.ndarray [shape=(dim, dim)]
    limit : float
        95 % of the songs would be nearer if they were left out, one at a time: a song that is in the
        Gaussian lies nearer to it than another of its kind.
    """

    mean: NDArray[np.float64]
    precision: NDArray[np.float64]
    limit: float

    @cached_property
    def _single(self) -> NDArray[np.float32]:
        """The same in single precision, which takes half of the time."""
        return self.precision.astype(np.float32)

    def distance(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Mahalanobis distance of each row [shape=(n, dim)] from the middle of the songs."""
        away = (vectors - self.mean).astype(vectors.dtype)
        precision = self._single if away.dtype == np.float32 else self.precision
        distances: NDArray[np.float64] = np.sqrt(((away @ precision) * away).sum(axis=1, dtype=np.float64))
        return distances

    def knows(self, vectors: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether each row lies where the songs do."""
        inside: NDArray[np.bool_] = self.distance(vectors) <= self.limit
        return inside


def familiar_with(vectors: NDArray[np.floating]) -> Familiar | None:
    """What songs with such vectors [shape=(n, dim)] make familiar; None if they are too few."""
    if len(vectors) < MIN_SONGS:
        return None
    table = vectors.astype(np.float64)
    dim = table.shape[1]
    covariance = np.cov(table.T)
    ball = np.trace(covariance) / dim * np.eye(dim)
    precision = np.linalg.inv(covariance + _SHRINKAGE * ball + np.finfo(np.float32).eps * np.eye(dim))
    inside = Familiar(table.mean(axis=0), precision, np.inf)
    limit = float(np.quantile(_left_out(inside.distance(table)), _SHARE_INSIDE))
    return Familiar(inside.mean, precision, limit)


def _left_out(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the songs would be if each were left out of mean and covariance (Sherman & Morrison)."""
    n = len(distances)
    share = n / (n - 1) ** 2 * distances**2
    left_out: NDArray[np.float64] = n / (n - 1) * distances / np.sqrt(np.maximum(1 - share, _TINY))
    return left_out
