"""Whether the name that a list got in an earlier run still fits its songs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from groovecli.playlists.manifest import OldList, is_line_of
from groovecli.playlists.names import name_key
from groovecli.playlists.playlist import Entry, Playlist

_FILLING = frozenset(["a", "and", "feat", "ft", "like", "of", "playlist", "the"])
_LIKE = re.compile(r"(.*?)(?:(?:^| )like (.*))?", re.DOTALL)  # what a name says of genres, and of a song
# A name goes later than it would come, so that it doesn't jump when a few songs come or go.
_BESIDE = 0.5  # times as many songs as the second genre of a list: with so many a genre still leads it
_OF_ALL = 0.1  # of a list's songs that have a genre, at least
_OWN = 1 / 3  # share of the songs for which an artist's name is a list's


def has_true_name(
    old: OldList, playlist: Playlist, library: str, genres: Iterable[str] = (), *, is_free: bool = False
) -> bool:
    """Whether a list's name still fits its songs.

    The genres that it names lead the list, and the song or artist that the list is like is in it. Then
    it fits while it has a word in common with the name that the list would get now, or while the song
    that it names is the list's.

    Parameters
    ----------
    genres : iterable of str
        Those of all lists' songs: words of a name that are known to be a genre.
    is_free : bool
        Whether the user's own format made the name: an artist may stand anywhere in it.
    """
    words, entries = _words(old.name), playlist.entries
    if not words or name_key(old.name) == name_key(playlist.name):
        return True
    found = _LIKE.fullmatch(name_key(old.name))
    head, tail = (found[1], found[2]) if found else ("", None)
    if _has_other_genre(head, entries, genres):
        return False
    if tail is not None and not is_free:
        return any(_is_called(entry, _words(tail)) for entry in entries)
    if words & _words(playlist.name):
        return True
    for entry in entries:
        if is_line_of(old.exemplar, entry, library) and _is_called(entry, words):
            return is_free or words != _words(entry.artist) or _is_much_of(entry.artist, entries)
    return False


def _has_other_genre(head: str, entries: Sequence[Entry], genres: Iterable[str]) -> bool:
    """Whether a name has a genre that doesn't lead a list; no where most songs have none."""
    counts = Counter(" ".join(entry.genre.split()).lower() for entry in entries)
    if counts.pop("", 0) > len(entries) / 2 or not counts:
        return False
    second = counts.most_common(2)[-1][1]
    least = max(_BESIDE * second, _OF_ALL * counts.total())
    leading = set().union(*(_words(genre) for genre, n in counts.items() if n >= least))
    return bool(_words(head) & _genre_words(head, genres) - leading)


def _genre_words(head: str, genres: Iterable[str]) -> set[str]:
    """Words that are genres: known ones, and those around "&", but for terms before the first."""
    known = set().union(*map(_words, genres))
    left, _, right = head.partition(" & ")
    return known | _words(left.split()[-1]) | _words(right) if left and right else known


def _is_called(entry: Entry, words: set[str]) -> bool:
    """Whether words name a song's artist, or its title."""
    called = _words(entry.artist), _words(entry.shown_title)
    return any(each and each <= words for each in called)


def _is_much_of(artist: str, entries: Sequence[Entry]) -> bool:
    n_own = sum(name_key(entry.artist.strip()) == name_key(artist.strip()) for entry in entries)
    return n_own >= _OWN * len(entries)


def _words(text: str) -> set[str]:
    found = re.findall(r"[^\W_]+", name_key(text))
    return {word for word in found if not word.isdigit()} - _FILLING
