"""Which list of the last run each new one is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from groovecli.files import sha256_hex
from groovecli.playlists.manifest import OldList, Rows, song_line
from groovecli.playlists.matching import match
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.standing import Standing

_AWAY = 0.5  # share of a list's songs above which it stays as it is while they can't be found


@dataclass
class Lasting:
    """The lists of the last run beside those of this one.

    `numbers` has for each playlist which old list it is. `rows` has the songs of each playlist, `old_rows`
    those of each old list that are in this run, `unreached` the lines of its songs that are out of reach.
    Those of `frozen` stay as they are: a person changed them, or most of their songs can't be found.
    Those of `ceded` are the person's alone from now on, for another list has their songs.
    Those of `deleted` had no file before this run.
    """

    playlists: Sequence[Playlist]
    old: tuple[OldList, ...]
    numbers: list[int | None]
    rows: list[list[int]]
    old_rows: list[list[int]]
    find: Rows
    unreached: Sequence[frozenset[str]] = ()
    frozen: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)
    ceded: set[int] = field(default_factory=set)
    deleted: frozenset[int] = frozenset()

    def of(self, number: int) -> OldList | None:
        """The old list that a playlist is."""
        old = self.numbers[number]
        return None if old is None else self.old[old]

    def waits_for(self, number: int) -> frozenset[str]:
        """The lines of a playlist's songs that are out of reach, and may return."""
        old = self.numbers[number]
        return frozenset() if old is None or old >= len(self.unreached) else self.unreached[old]

    def is_written(self, number: int) -> bool:
        """Whether a playlist gets a file: not if its list was deleted, or stays as it is."""
        old = self.numbers[number]
        return old is None or not (old in self.frozen or self.old[old].is_deleted)


def lasting(playlists: Sequence[Playlist], standing: Standing, *, again: bool = False) -> Lasting:
    """Match playlists to the lists of a folder.

    Parameters
    ----------
    again : bool
        Write deleted lists too, and leave no list as it is because songs are missing.
    """
    library = standing.manifest.about.library
    old = standing.lists
    deleted = frozenset(number for number, each in enumerate(old) if each.is_deleted)
    if again:
        old = tuple(replace(each, is_deleted=False, absent=()) for each in old)
    entries = [entry for playlist in playlists for entry in (*playlist.entries, *playlist.beside)]
    find = Rows(entries, library)
    old_rows = [_rows(find, (*each.songs, *each.absent)) for each in old]
    rows = [
        [row for e in each.entries if (row := find.of(song_line(e, library))) is not None]
        for each in playlists
    ]
    found = Lasting(playlists, old, match(old_rows, rows), rows, old_rows, find, deleted=deleted)
    found.unreached = out_of_reach(() if again else old, find)
    found.away = away(old, found.unreached)
    edited = {number for number, each in enumerate(old) if each.file and each.file in standing.edited}
    found.frozen = found.away | edited
    if again:
        found.ceded = edited
        found.numbers = [None if number in edited else number for number in found.numbers]
    return found


def _rows(find: Rows, lines: Sequence[str]) -> list[int]:
    found = (find.of(line) for line in lines)
    return list(dict.fromkeys(row for row in found if row is not None))


def out_of_reach(lists: Sequence[OldList], find: Rows) -> list[frozenset[str]]:
    """Of each list the lines of songs that may return: their folder is gone or empty, or a link broken."""
    is_bare = cache(_is_bare)

    def is_lost(line: str) -> bool:
        path = find.path(line)
        return _is_away(path) or (not os.path.lexists(path) and is_bare(path.parent))

    return [
        frozenset(line for line in (*each.songs, *each.absent) if find.of(line) is None and is_lost(line))
        for each in lists
    ]


def away(lists: Sequence[OldList], unreached: Sequence[frozenset[str]]) -> set[int]:
    """The lists most of whose songs are out of reach."""
    return {
        number
        for number, (each, lines) in enumerate(zip(lists, unreached, strict=False))
        if each.file and not each.is_deleted
        if sum(line in lines for line in each.songs) > _AWAY * len(each.songs)
    }


def _is_away(path: Path) -> bool:
    return path.is_symlink() and not path.exists()


def _is_bare(folder: Path) -> bool:
    """Whether a folder isn't there, or nothing is in it: as where a drive is not connected."""
    try:
        return not os.listdir(folder)
    except OSError:
        return True


# What the manifest has of a list


def new_id(playlist: Playlist, library: str, taken: set[str]) -> str:
    """An id for a new list, the same for the same songs; takes it."""
    lines = "\n".join(sorted(song_line(entry, library) for entry in playlist.entries))
    number = 0
    while True:
        found = sha256_hex(f"{lines}\n{number}".encode(errors="surrogateescape"), 8)
        if found not in taken:
            taken.add(found)
            return found
        number += 1


def songs_key(entries: Sequence[Entry]) -> str:
    """What is equal for the same songs in the same order."""
    names = "\n".join(entry.id or str(entry.path) for entry in entries)
    return sha256_hex(names.encode(errors="surrogateescape"), 16)
