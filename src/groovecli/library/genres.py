"""Genres at two levels: `rock/punk` is of the parent `rock`; a genre without a slash is its own parent.

A model or a dataset says whether its genres are so named (its depth is 2): at depth 1 a slash is a
letter like any other, as in the tag `R&B/Soul`.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.messages.library import genre_without_name, reserved_genre, unknown_genre

DEPTHS = (1, 2)
OTHER = "other"
"""Sub-genre of the songs that lie beside a genre's sub-folders."""

UNKNOWN = "unknown"
SILENT = "silent"
RESERVED = frozenset({UNKNOWN, SILENT})
"""What songs without a genre are called, so that no genre can be."""

_SLASH = "/"
_COMMA = re.compile(r"\s*,\s*")


@lru_cache(maxsize=4096)
def genre_name(text: str) -> str:
    """`text` as a name that can be printed, stored and compared: composed, and valid Unicode."""
    return unicodedata.normalize("NFC", text.encode(errors="replace").decode())


def is_reserved(genre: str) -> bool:
    """Whether a genre, or its parent, has a name that songs without a genre have."""
    return parent_of(genre).strip().casefold() in RESERVED


def checked_genre(text: str) -> str:
    """The name of a new genre.

    Raises
    ------
    UsageError
        It has no letters, or is what songs without a genre are called.
    """
    name = genre_name(text).strip()
    if not name:
        raise genre_without_name()
    if is_reserved(name):
        raise reserved_genre(name)
    return name


def same_genre(genre: str, genres: Iterable[str]) -> str | None:
    """The one of `genres` that is spelt the same but for its case, if there is one."""
    key = folded(genre)
    return min((other for other in genres if folded(other) == key), key=genre.__ne__, default=None)


def one_spelling(genres: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    """Genres that stand for another one whose name differs in its case alone -> that one.

    A known genre keeps its name; else the commonest spelling does, of two the first in the alphabet.
    """
    known = set(known)
    counts = Counter(genres)
    best: dict[str, str] = {folded(genre): genre for genre in sorted(known)}
    for genre in sorted(counts, key=lambda each: (-counts[each], each)):
        best.setdefault(folded(genre), genre)
    return {g: best[folded(g)] for g in sorted(counts) if g not in known and best[folded(g)] != g}


def sub_genre(parent: str, child: str) -> str:
    """Name of a sub-genre."""
    return f"{parent}{_SLASH}{child}"


def parent_of(genre: str) -> str:
    """The genre that a sub-genre belongs to."""
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


def chosen_genres(genres: Iterable[str], wanted: Sequence[str], depth: int = 1) -> set[str]:
    """Those of `genres` that a list names, whatever its case; at depth 2 a parent is all its own.

    Parameters
    ----------
    wanted : sequence of str
        Names, or what commas left of them: `Folk`, `World`, `& Country` is one genre if there is such.

    Raises
    ------
    UsageError
        A genre is not there.
    """
    genres = set(genres)
    there = sorted(genres | {parent_of(genre) for genre in genres} if depth > 1 else genres)
    names = set(_named(list(wanted), there))
    return {genre for genre in genres if genre in names or (depth > 1 and parent_of(genre) in names)}


def _named(pieces: list[str], genres: Sequence[str]) -> Iterator[str]:
    """The genres that the pieces of a list name: of several readings, that of the longest name."""
    while pieces:
        for n in range(len(pieces), 0, -1):
            matches = _matching(", ".join(pieces[:n]), genres)
            if matches:
                yield from matches
                del pieces[:n]
                break
        else:
            near = difflib.get_close_matches(folded(pieces[0]), list(map(folded, genres)), 1, 0.5)
            nearest = next((genre for genre in genres if folded(genre) in near), None)
            raise unknown_genre(pieces[0], genres, nearest)


def _matching(genre: str, genres: Sequence[str]) -> list[str]:
    """Those of `genres` that are `genre`: exactly, else in another case."""
    name = genre_name(genre)
    return [name] if name in genres else [other for other in genres if folded(other) == folded(name)]


def folded(genre: str) -> str:
    """A key that is equal for a genre's name in any case."""
    return _COMMA.sub(",", genre_name(genre).strip().casefold())
