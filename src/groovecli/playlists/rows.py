"""Passes over songs' vectors, some at a time: those of a large library don't fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.library.answers import VectorRows

Vectors = NDArray[np.float32]
Labels = NDArray[np.intp]

LEFT_OUT = -1  # as scikit-learn labels noise
_AT_ONCE = 4096  # vectors; a multiple of scikit-learn's 256, so that its sums are the same


@dataclass(frozen=True)
class UnitRows:
    """Vectors scaled to length one as they are read."""

    rows: Rows

    @property
    def shape(self) -> tuple[int, ...]:
        """As that of an array."""
        return self.rows.shape

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> Vectors:
        return unit(self.rows[rows])


@dataclass(frozen=True)
class MainParts:
    """Vectors in the directions in which they differ most, computed as they are read.

    axes : np.ndarray [shape=(d, k), dtype=float32]
    """

    rows: Rows
    axes: Vectors

    @property
    def shape(self) -> tuple[int, ...]:
        """As that of an array."""
        return len(self.rows), self.axes.shape[1]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> Vectors:
        return along(self.rows[rows], self.axes)


Rows = Vectors | VectorRows | UnitRows | MainParts
"""n vectors of d numbers, in memory or on the disk."""


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Vectors (n, d) scaled to length one; zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
    scaled: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled


def compared_by(metric: str, rows: Rows) -> Rows:
    """Rows whose distances are those of a metric: of length one where it is "cosine"."""
    return UnitRows(rows) if metric == "cosine" else rows


def main_axes(vectors: Vectors, n: int) -> Vectors:
    """The n directions in which vectors (m, d) differ most from zero (d, n), the main one last."""
    directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))[1]
    return directions[:, -n:].astype(np.float32)


def along(vectors: Vectors, axes: Vectors) -> Vectors:
    """Vectors (n, d) in some directions (d, k)."""
    parts: Vectors = vectors @ axes
    return parts


def blocks(vectors: Rows) -> Iterator[tuple[slice, Vectors]]:
    """All vectors in order, with their numbers."""
    for start in range(0, len(vectors), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        yield rows, vectors[rows]


def sample(vectors: Rows, n: int, seed: int) -> Vectors:
    """All vectors (n, d), or n of them drawn at random, in order."""
    if len(vectors) <= n:
        return vectors[:]
    is_drawn = np.zeros(len(vectors), bool)
    is_drawn[np.random.default_rng(seed).choice(len(vectors), n, replace=False)] = True
    drawn = np.empty((n, vectors.shape[1]), np.float32)
    done = 0
    for rows, block in blocks(vectors):
        own = block[is_drawn[rows]]
        drawn[done : done + len(own)] = own
        done += len(own)
    return drawn


def main_parts(vectors: Rows, n_parts: int, n: int, seed: int) -> Rows:
    """Vectors in the `n_parts` directions in which n of them differ most, or as they are."""
    if vectors.shape[1] <= n_parts:
        return vectors
    return MainParts(vectors, main_axes(sample(vectors, n, seed), n_parts))


def are_equal(vectors: Rows) -> bool:
    """Whether all vectors are one."""
    first = vectors[:1]
    return all(bool((block == first).all()) for _, block in blocks(vectors))


def distances(vectors: Rows, labels: Labels, points: Vectors) -> Vectors:
    """Distance of each vector to the point of its label (n,); nothing of use for those left out."""
    found = np.empty(len(vectors), np.float32)
    for rows, block in blocks(vectors):
        found[rows] = np.linalg.norm(block - points[labels[rows]], axis=1)
    return found


def means(vectors: Rows, labels: Labels) -> Vectors:
    """Mean of the vectors of each label (k, d)."""
    n_labels = int(labels.max()) + 1
    sums = np.zeros((n_labels, vectors.shape[1]))
    for rows, block in blocks(vectors):
        own = labels[rows]
        order = np.argsort(own, kind="stable")[np.count_nonzero(own == LEFT_OUT) :]
        there, starts = np.unique(own[order], return_index=True)
        if len(there):
            sums[there] += np.add.reduceat(block[order].astype(np.float64), starts, axis=0)
    sizes = np.bincount(labels + 1, minlength=n_labels + 1)[1:]
    mean: Vectors = (sums / sizes[:, None]).astype(np.float32)
    return mean
