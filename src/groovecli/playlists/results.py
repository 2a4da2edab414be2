"""What a run wrote to a folder of playlists, and what it left there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from groovecli.library.tracks import Rejected
from groovecli.playlists.changes import ListChange
from groovecli.playlists.playlist import Playlist
from groovecli.playlists.standing import Kept


@dataclass(frozen=True)
class Written:
    """A playlist file, and its preview where there is one; `is_new` where its bytes are other ones."""

    name: str
    path: Path
    n_songs: int
    preview: Path | None = None
    id: str = ""
    is_new: bool = True


@dataclass(frozen=True)
class Stayed:
    """A list that stays as a person made it, or as it was, with the songs that its file names."""

    id: str
    name: str
    path: Path
    songs: tuple[Path, ...]


@dataclass(frozen=True)
class WriteResult:
    """What changed in the folder.

    `playlists` are those written, under the names that they got. `unwritable` are songs whose path the
    files can't hold, `left_out` those whose list is not written, for a person deleted or changed it.
    `deleted` are the names of deleted lists, `changes` what became of each list. `stayed` are the lists
    that are not written. A run that changed no file `is_unchanged`.
    """

    written: tuple[Written, ...]
    kept: tuple[Kept, ...]
    unwritable: tuple[Path, ...]
    removed: tuple[Path, ...]
    playlists: tuple[Playlist, ...] = ()
    left_out: tuple[Rejected, ...] = ()
    deleted: tuple[str, ...] = ()
    changes: tuple[ListChange, ...] = ()
    stayed: tuple[Stayed, ...] = ()
    is_unchanged: bool = False
