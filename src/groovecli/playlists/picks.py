"""Songs from near to far -> the list that a person gets: each recording once, artists apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from groovecli.audio.tags import Tags
from groovecli.library.artists import artist_key, first_artist
from groovecli.library.tracks import Track
from groovecli.playlists.playlist import shown


class Listed(Protocol):
    """Anything with a song."""

    @property
    def track(self) -> Track:
        """The song."""


class Placed(Listed, Protocol):
    """A song of a library."""

    @property
    def place(self) -> int:
        """Its number among the library's vectors."""


P = TypeVar("P", bound=Listed)

_WIDEST = 4  # times as many songs more, from which the most varied list is drawn


@dataclass(frozen=True)
class Pick:
    """A song of a list, and how near it is.

    place : int
        Its number among the library's vectors.
    distance : float
        Of its vector.
    farness : float >= 0
        As `proximity.farness_of` says.
    likeness : float [range=0..1]
        0 where it is as far as songs usually are, 1 where it is the same sound.
    """

    track: Track
    place: int
    distance: float
    farness: float
    likeness: float


def artist_of(tags: Tags) -> str:
    """A key of a song's artist, equal for spellings of one name; empty where nobody is named."""
    return artist_key(first_artist(tags.artist)) or artist_key(first_artist(tags.album_artist))


class Rules:
    """Which songs of a list may stand in it together: each audio once, not many of one artist.

    Tags alone don't tell that two are one recording: an artist may have many "Untitled".

    Parameters
    ----------
    per_artist : int >= 1
        Most songs of one artist; songs without one are not counted.
    without_limit : container of str
        Artists that all songs may be of, as `artist_of` has them.
    """

    def __init__(self, per_artist: int, without_limit: Container[str] = ()) -> None:
        self._per_artist, self._without_limit = per_artist, without_limit
        self._ids: set[str] = set()
        self._artists: Counter[str] = Counter()

    def know(self, track: Track) -> None:
        """Let no other file of a song in."""
        self._ids.add(track.id)

    def allow(self, track: Track) -> bool:
        """Whether a song may be taken in."""
        if track.id in self._ids:
            return False
        artist = artist_of(track.tags)
        return not artist or self._artists[artist] < self._per_artist or artist in self._without_limit

    def take(self, track: Track) -> bool:
        """Take a song in if it may be; whether it was."""
        if not self.allow(track):
            return False
        self.know(track)
        self._artists[artist_of(track.tags)] += 1
        return True


def allowed(
    candidates: Iterable[P], rules: Rules, is_again: Callable[[P], bool] = lambda _: False
) -> Iterator[P]:
    """The candidates that may stand in one list, in their order.

    `is_again` says of one that the rules allow whether its sound is in the list already.
    """
    for pick in candidates:
        if rules.allow(pick.track) and not is_again(pick):
            rules.take(pick.track)
            yield pick


def picked(candidates: Iterator[P], n: int, *, variation: float = 0.0, seed: int = 0) -> tuple[P, ...]:
    """The first n, or n drawn from more of the first ones; from near to far.

    Parameters
    ----------
    candidates : iterator
        From near to far; no more of it is read than needed.
    variation : float [range=0..1]
        0 takes the nearest, 1 draws from the nearest 5 n.
    """
    n_wide = n + math.ceil(variation * _WIDEST * n)
    pool = [pick for _, pick in zip(range(n_wide), candidates, strict=False)]
    if len(pool) <= n or not variation:
        return tuple(pool[:n])
    drawn = np.random.default_rng(seed).choice(len(pool), n, replace=False)
    return tuple(pool[i] for i in sorted(drawn.tolist()))


def called(track: Track) -> str:
    """A song as a person knows it: by its tags, else by its title or its file's name."""
    return shown(track.tags.artist, track.tags.title, track.path)
