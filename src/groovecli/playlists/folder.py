"""Groups of songs -> named M3U8 files, in a folder that may hold others.

A manifest in the folder says what groove wrote, by SHA-256. Only a file that is still as groove
wrote it is ever replaced or removed.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groovecli.files import read_json, sha256_hex, storage_errors, write_bytes, write_json
from groovecli.library.tracks import PLAYLISTS_MANIFEST, PREVIEW_SUFFIX
from groovecli.paths import StrPath, as_path
from groovecli.playlists.formats.format import Format
from groovecli.playlists.formats.m3u import M3U8
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.names import MAX_CHARACTERS, cut_name, name_key, safe_name
from groovecli.playlists.playlist import Playlist
from groovecli.reasons import Problem, Reason


@dataclass(frozen=True)
class Written:
    """A playlist file, and its preview where there is one."""

    name: str
    path: Path
    n_songs: int
    preview: Path | None = None


@dataclass(frozen=True)
class Kept:
    """A file that was left alone, and why; `instead` is the playlist that took another name beside it."""

    path: Path
    reason: Reason
    instead: str = ""

    @property
    def text(self) -> str:
        """Text for a person, behind the path."""
        return Problem(self.reason).text


@dataclass(frozen=True)
class WriteResult:
    """What changed in the folder; `unwritable` are songs whose path has a line break."""

    written: tuple[Written, ...]
    kept: tuple[Kept, ...]
    unwritable: tuple[Path, ...]
    removed: tuple[Path, ...]


# Names


# The file


# The folder


def write_playlists(
    playlists: Sequence[Playlist],
    folder: StrPath,
    *,
    absolute: bool = False,
    format: Format = M3U8,
    preview: Callable[[Playlist], bytes | None] | None = None,
    dry_run: bool = False,
) -> WriteResult:
    """Write playlists to a folder, in place of those of an earlier run.

    A file that groove did not write, or that was edited since, stays; the playlist takes another
    name.

    Parameters
    ----------
    playlists : sequence of Playlist
    folder : str or Path
        Made where it is missing.
    absolute : bool
        Whether songs are named by absolute paths, for players that move playlists.
    format : Format
        What kind of file.
    preview : callable, optional
        Makes what is heard of a playlist, as the bytes of an MP3 file, or None where it can't.
    dry_run : bool
        Write and remove nothing; the result is what would happen.

    Returns
    -------
    result : WriteResult
        `Written.name` is the name that the playlist got.

    Raises
    ------
    StorageError
        The folder can't be written.
    """
    folder = as_path(folder, "write_playlists", "folder")
    target = _Folder(folder, is_dry=dry_run)
    target.save()
    suffixes = (format.suffix,) if preview is None else (format.suffix, PREVIEW_SUFFIX)
    written: list[Written] = []
    unwritable: list[Path] = []
    for playlist in playlists:
        playlist = replace(playlist, name=target.free_name(safe_name(playlist.name), suffixes))
        rendered = format.render(playlist, folder, absolute)
        path = target.write(playlist.name + format.suffix, rendered.data)
        mp3 = preview(playlist) if preview is not None else None
        mp3_path = None if mp3 is None else target.write(playlist.name + PREVIEW_SUFFIX, mp3)
        n_songs = len(playlist.entries) - len(rendered.left_out)
        written.append(Written(playlist.name, path, n_songs, mp3_path))
        unwritable += rendered.left_out
    removed = target.remove_old()
    return WriteResult(tuple(written), tuple(target.kept), tuple(unwritable), removed)


class _Folder:
    """A folder of playlists: which files in it are groove's, which of them this run wrote.

    Every file is entered in the manifest after it was written and leaves it after it was removed:
    stopped anywhere in between, groove disowns a file of its own, but claims none of the user's.
    """

    def __init__(self, folder: Path, *, is_dry: bool = False) -> None:
        self.folder = folder
        self._is_dry = is_dry
        self.kept: list[Kept] = []
        self._hashes: dict[str, str] = {}  # of groove's files, by the name that the disk has
        self._edited: dict[str, str] = {}  # what groove's files were that a person changed
        self._written: set[str] = set()  # of those, by this run
        self._taken: set[str] = set()  # keys of the names that this run has given
        self._names: dict[str, list[str]] = defaultdict(list)  # on the disk, by key
        with storage_errors(folder):
            if not is_dry:
                folder.mkdir(parents=True, exist_ok=True)
            for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
                self._names[name_key(name)].append(name)
        self._believe(_manifest_files(read_json(folder / PLAYLISTS_MANIFEST)))

    def _believe(self, hashes: dict[str, str]) -> None:
        """Keep the files that are still as in the manifest as groove's; report the others."""
        for key, value in {name_key(name): value for name, value in hashes.items()}.items():
            for name in self._names.get(key, ()):
                if _is_as_written(self.folder / name, value):
                    self._hashes[name] = value
                else:
                    self._edited[name] = value
                    self._keep(name, Reason.EDITED)

    def _keep(self, name: str, reason: Reason) -> None:
        path = self.folder / name
        if path not in [file.path for file in self.kept]:
            self.kept.append(Kept(path, reason))

    def save(self) -> None:
        """Write the manifest."""
        if self._is_dry:
            return
        files = self._edited | self._hashes
        manifest = {"schema": 1, "files": dict(sorted(files.items()))}
        write_json(self.folder / PLAYLISTS_MANIFEST, manifest)

    def free_name(self, name: str, suffixes: Iterable[str]) -> str:
        """`name`, with a number where a file of that name is not groove's to replace; takes it."""
        number, free = 1, name
        while not self._is_free([free + suffix for suffix in suffixes]):
            number += 1
            free = f"{cut_name(name, MAX_CHARACTERS - 5)} ({number})"
        self._taken.update(name_key(free + suffix) for suffix in suffixes)
        if free != name:
            self._note_instead(free, [name + suffix for suffix in suffixes])
        return free

    def _note_instead(self, free: str, names: list[str]) -> None:
        """Enter the name that a playlist got with the files that were in its way."""
        in_the_way = {name_key(name) for name in names}
        for number, kept in enumerate(self.kept):
            if name_key(kept.path.name) in in_the_way and not kept.instead:
                self.kept[number] = replace(kept, instead=free)

    def _is_free(self, names: list[str]) -> bool:
        others = [
            other for name in names for other in self._names[name_key(name)] if other not in self._hashes
        ]
        for other in others:
            self._keep(other, Reason.EDITED if other in self._edited else Reason.NOT_OURS)
        return not others and not any(name_key(name) in self._taken for name in names)

    def write(self, name: str, data: bytes) -> Path:
        """Write a file, over groove's own of that name."""
        spellings = self._names[name_key(name)] or [name]
        name = name if name in spellings else spellings[0]
        path = self.folder / name
        if not self._is_dry:
            write_bytes(path, data)
        self._hashes[name] = sha256_hex(data)
        self._written.add(name)
        self.save()
        return path

    def remove_old(self) -> tuple[Path, ...]:
        """Remove groove's files of earlier runs that this one did not write."""
        old = [name for name in self._hashes if name not in self._written]
        for name in old:
            with storage_errors(self.folder / name):
                if not self._is_dry:
                    (self.folder / name).unlink(missing_ok=True)
            del self._hashes[name]
        self.save()
        return tuple(self.folder / name for name in old)


def _manifest_files(manifest: Any) -> dict[str, str]:
    """File name -> SHA-256 of what groove wrote; nothing where the manifest is damaged."""
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        return {}
    suffixes = tuple(each.suffix for each in FORMATS.values())
    return {name: value for name, value in files.items() if name.endswith((*suffixes, PREVIEW_SUFFIX))}


def _is_as_written(path: Path, sha256: str) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    try:
        data = path.read_bytes()
    except OSError:
        return False
    formats = [each for each in FORMATS.values() if each.suffix == path.suffix]
    return all(each.is_marked(data) for each in formats) and sha256_hex(data) == sha256
