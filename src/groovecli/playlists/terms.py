"""What is said of a list's songs more than of others: class-based TF-IDF (Grootendorst 2022, BERTopic)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_TRUE_OF = 0.5  # share of a list's songs of which a term must be true
_LIFT = 1.5  # times as often as in the library


@dataclass(frozen=True)
class Traits:
    """What can be said of a song: words for its sound, moods, and its decade, such as "1970s"."""

    words: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    decade: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.words, *self.moods, *((self.decade,) if self.decade else ()))


def telling(groups: Sequence[Sequence[Traits]]) -> list[tuple[str, ...]]:
    """The terms that tell each group of songs from the others, the most telling first.

    A term's weight in a group is its count there, times log(1 + A / its count in all), where A is the mean
    number of terms in a group. It must be true of half of the songs of which anything is said, and of
    1.5 times as many of them as of all songs.
    """
    counts = [Counter(term for song in group for term in dict.fromkeys(song.terms)) for group in groups]
    n_said = [sum(bool(song.terms) for song in group) for group in groups]
    in_all: Counter[str] = sum(counts, Counter())
    mean = in_all.total() / max(1, len(groups))
    found = []
    for own, n in zip(counts, n_said, strict=True):
        weights = {
            term: count * math.log(1 + mean / in_all[term])
            for term, count in own.items()
            if count >= _TRUE_OF * n and count * sum(n_said) >= _LIFT * in_all[term] * n
        }
        found.append(tuple(sorted(weights, key=lambda term: (-weights[term], term))))
    return found
