"""Genres at two levels: `rock/punk` is of the parent `rock`; a genre without a slash is its own parent.

A model or a dataset says whether its genres are so named (its depth is 2): at depth 1 a slash is a
letter like any other, as in the tag `R&B/Soul`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTHS = (1, 2)
OTHER = "other"
"""Sub-genre of the songs that lie beside a genre's sub-folders."""

_SLASH = "/"


def sub_genre(parent: str, child: str) -> str:
    """Name of a sub-genre."""
    return f"{parent}{_SLASH}{child}"


def parent_of(genre: str) -> str:
    """The genre that a sub-genre is of."""
    return genre.partition(_SLASH)[0]


@dataclass(frozen=True)
class Parents:
    """The parents of some genres, sorted.

    of_genre : np.ndarray [shape=(genres,), dtype=int64], number of each genre's parent
    """

    names: tuple[str, ...]
    of_genre: NDArray[np.int64]

    def summed(self, probabilities: NDArray[Any]) -> NDArray[np.float64]:
        """Probabilities of genres (n, genres) -> of their parents (n, parents)."""
        is_parent = self.of_genre[:, None] == np.arange(len(self.names))
        sums: NDArray[np.float64] = probabilities @ is_parent.astype(np.float64)
        return sums


def parents_of(genres: Sequence[str]) -> Parents:
    """The parents of genres, each once."""
    names = sorted({parent_of(genre) for genre in genres})
    numbers = {name: number for number, name in enumerate(names)}
    return Parents(tuple(names), np.array([numbers[parent_of(genre)] for genre in genres], np.int64))


def by_parent(probabilities: Mapping[str, float]) -> dict[str, float]:
    """Probabilities of genres -> of their parents, the likeliest first."""
    sums: dict[str, float] = {}
    for genre, probability in probabilities.items():
        sums[parent_of(genre)] = sums.get(parent_of(genre), 0.0) + probability
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def chosen_genres(genres: Iterable[str], wanted: Iterable[str], depth: int) -> set[str]:
    """The genres that are wanted, or, at depth 2, whose parent is."""
    names = set(wanted)
    return {genre for genre in genres if genre in names or (depth > 1 and parent_of(genre) in names)}
