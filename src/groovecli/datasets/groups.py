"""Songs that a split keeps together: those of an artist, or of an album."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from groovecli.datasets.splits import SplitBy
from groovecli.library.artists import artist_key, artist_names, shorter_name
from groovecli.library.tracks import Track

Genred = Mapping[str, tuple[Track, str]]
"""Tracks by their id, each with its genre."""

_LARGEST = 0.5  # share of a genre's songs that artists may hold who are tied together


@dataclass(frozen=True)
class Groups:
    """The group of each song by track id; a song whose tags name none is its own.

    In the genres that are `loosened`, albums by several artists tie most of the songs together, so that
    these could not be divided: there, only songs of one artist are kept together. `alone` has the groups
    that there would be everywhere, were only songs of one artist kept together.
    """

    of: Mapping[str, str]
    loosened: tuple[str, ...] = ()
    alone: Mapping[str, str] = field(default_factory=dict)

    def for_sides(self, sides: Mapping[str, str]) -> Mapping[str, str]:
        """The same, but a group that the songs' sides cut is divided into its artists."""
        first: dict[str, str] = {}
        cut = {
            self.of[key]
            for key, side in sides.items()
            if key in self.of and first.setdefault(self.of[key], side) != side
        }
        if not cut:
            return self.of
        return {k: self.alone.get(k, group) if group in cut else group for k, group in self.of.items()}

    @property
    def n_alone(self) -> int:
        """Songs whose tags name no group."""
        return sum(group.startswith("song:") for group in self.of.values())


def grouped(songs: Genred, by: SplitBy) -> Groups:
    """The groups in which songs are drawn.

    By artist, those of one first artist are together, and those on albums of one artist; various artists
    are nobody. By album, those of one title and artist.
    """
    if by == "artist":
        return _by_artist(songs)
    if by == "album":
        return _by_album(songs)
    return Groups({key: f"song:{key}" for key in songs})


def _by_album(songs: Genred) -> Groups:
    albums: dict[str, tuple[str, str]] = {}
    names: dict[tuple[str, str], str] = {}  # key -> the first spelling in the alphabet
    for key, (track, _) in songs.items():
        first, of_album = artist_names(track.tags)
        title = artist_key(track.tags.album)
        if not title:
            continue
        by_several = bool(track.tags.album_artist.strip()) and not of_album
        albums[key] = "" if by_several else artist_key(of_album or first), title
        name = f"{_folded('' if by_several else of_album or first)}:{_folded(track.tags.album)}"
        names[albums[key]] = min(name, names.get(albums[key], name))
    return Groups({k: f"album:{names[albums[k]]}" if k in albums else f"song:{k}" for k in songs})


def _by_artist(songs: Genred) -> Groups:
    ties, firsts = _Ties(), {}
    names: dict[str, str] = {}  # key -> the first spelling in the alphabet
    for key, (track, _) in songs.items():
        first, of_album = artist_names(track.tags)
        first = first or of_album
        if not first:
            continue
        firsts[key] = sys.intern(artist_key(first))  # many songs, few artists
        names[firsts[key]] = min(_folded(first), names.get(firsts[key], _folded(first)))
        if of_album:
            ties.tie(firsts[key], artist_key(of_album))
    known = set(firsts.values())
    for name_key, name in names.items():
        shorter = artist_key(shorter_name(name))
        if shorter in known:
            ties.tie(name_key, shorter)
    loosened = _loosened(songs, firsts, ties)
    shown: dict[str, str] = {}
    for name_key, name in names.items():
        top = ties.top(name_key)
        shown[top] = min(name, shown.get(top, name))
    together = {key: f"artist:{shown[ties.top(key)]}" for key in names}
    apart = {key: f"artist:{name}" for key, name in names.items()}
    of = {k: together[firsts[k]] if k in firsts else f"song:{k}" for k in songs}
    alone = {k: apart[firsts[k]] if k in firsts else f"song:{k}" for k in songs}
    return Groups(of, loosened, alone)


def _loosened(songs: Genred, firsts: Mapping[str, str], ties: _Ties) -> tuple[str, ...]:
    """Cut the ties among artists that together hold most of a genre, and name these genres."""
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    artists: dict[str, set[str]] = defaultdict(set)
    totals = Counter(genre for _, genre in songs.values())
    for key, first in firsts.items():
        sizes[ties.top(first)][songs[key][1]] += 1
        artists[ties.top(first)].add(first)
    genres: set[str] = set()
    for top, counts in sizes.items():
        large = {genre for genre, n in counts.items() if n > _LARGEST * totals[genre]}
        if large and len(artists[top]) > 1:
            genres |= large
            ties.cut(artists[top])
    return tuple(sorted(genres))


class _Ties:
    """Sets of keys that belong together."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def top(self, key: str) -> str:
        """The key that stands for all that belong together with `key`."""
        while (above := self._above.get(key, key)) != key:
            self._above[key] = self._above.get(above, above)
            key = above
        return key

    def tie(self, first: str, second: str) -> None:
        """Let two keys, and all that belongs to either, belong together."""
        self._above[self.top(first)] = self.top(second)

    def cut(self, keys: Iterable[str]) -> None:
        """Let each of the keys stand for itself."""
        self._above |= {key: key for key in keys}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
