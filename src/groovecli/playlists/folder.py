"""Groups of songs -> named M3U8 files that any player opens, in a folder that may hold others.

A manifest in the folder says what groove wrote, by SHA-256. Only a file that is still as groove
wrote it is ever replaced or removed.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groovecli import files as store
from groovecli.library.tracks import PLAYLISTS_MANIFEST, PREVIEW_SUFFIX

SUFFIX = ".m3u8"

_HEAD = b"""#EXTM3U
# Written by groove: its next run replaces or removes this file, unless the file was edited.
"""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

_MAIN_SHARE = 0.6  # share of the songs with a genre that makes it the name alone
_MAX_CHARACTERS = 80
_MAX_BYTES = 200  # file systems stop at 255, and an ending and a number are to come
_FORBIDDEN = str.maketrans(
    {**dict.fromkeys("/\\:|", "-"), **dict.fromkeys('"', "'"), **dict.fromkeys("*?<>")}
)
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)")
_INVISIBLE = frozenset(("Cc", "Cs", "Zl", "Zp"))


@dataclass(frozen=True)
class Entry:
    """One song of a playlist; an empty string where nothing is known."""

    path: Path
    duration_s: float
    artist: str
    title: str
    genre: str


@dataclass(frozen=True)
class Playlist:
    """Songs in order, under a name; the exemplar is the one that the others sound like."""

    name: str
    entries: tuple[Entry, ...]
    exemplar: Entry


@dataclass(frozen=True)
class Written:
    """A playlist file, and its preview where there is one."""

    name: str
    path: Path
    n_songs: int
    preview: Path | None = None


@dataclass(frozen=True)
class Kept:
    """A file that was left alone, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class WriteResult:
    """What became of the folder; `unwritable` are songs whose path has a line break."""

    written: tuple[Written, ...]
    kept: tuple[Kept, ...]
    unwritable: tuple[Path, ...]
    removed: tuple[Path, ...]


# Names


def name_playlists(groups: Sequence[Sequence[Entry]], exemplars: Sequence[Entry]) -> tuple[str, ...]:
    """Name each group of songs: by genre, by artist or title where that isn't enough, by number.

    Names differ whatever the case of their letters, and are file names on any system.
    """
    choices = [_choices(group, exemplar) for group, exemplar in zip(groups, exemplars, strict=True)]
    while True:
        counts = Counter(_key(names[0]) for names in choices)
        vague = [names for names in choices if len(names) > 1 and counts[_key(names[0])] > 1]
        if not vague:
            break
        for names in vague:
            del names[0]
    taken: set[str] = set()
    return tuple(_numbered(names[0], taken) for names in choices)


def _choices(group: Sequence[Entry], exemplar: Entry) -> list[str]:
    """Names for a group, from the shortest to the one that tells most."""
    genre = _genres(group)
    like = f"{genre} like" if genre else "Like"
    names = [genre] if genre else []
    if exemplar.artist.strip():
        names.append(f"{like} {exemplar.artist}")
        names.append(f"{like} {exemplar.artist}, {_title(exemplar)}")
    else:
        names.append(f"{like} {_title(exemplar)}")
    return [safe_name(name[:1].upper() + name[1:]) for name in names]


def _genres(group: Sequence[Entry]) -> str:
    """The genre of most songs, or the two of most; empty where under half have one."""
    counts = Counter(" ".join(entry.genre.split()).lower() for entry in group)
    n_unknown = counts.pop("", 0)
    if n_unknown > len(group) / 2 or not counts:
        return ""
    top = sorted(counts, key=lambda genre: (-counts[genre], genre))
    if counts[top[0]] >= _MAIN_SHARE * counts.total():
        return top[0]
    return " & ".join(top[:2])


def _title(entry: Entry) -> str:
    return entry.title.strip() or entry.path.stem


def safe_name(text: str) -> str:
    """`text` as a file name, without ending, on Linux, Windows and macOS; never empty."""
    text = unicodedata.normalize("NFC", text).translate(_FORBIDDEN)
    text = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in text)
    text = " ".join(text.split()).strip(" .")
    if _RESERVED.match(text):
        text = f"_{text}"
    return _cut(text, _MAX_CHARACTERS) or "Playlist"


def _cut(name: str, n_characters: int) -> str:
    name = name[:n_characters]
    while len(name.encode()) > _MAX_BYTES:
        name = name[:-1]
    return name.rstrip(" .")


def _numbered(name: str, taken: set[str]) -> str:
    """`name`, with a number where its key is taken; takes it."""
    number, free = 1, name
    while _key(free) in taken:
        number += 1
        free = f"{_cut(name, _MAX_CHARACTERS - 5)} {number}"
    taken.add(_key(free))
    return free


def _key(name: str) -> str:
    """What is equal for names that some file system takes for one."""
    folded = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFD", folded)


# The file


@dataclass(frozen=True)
class _Rendered:
    data: bytes
    left_out: tuple[Path, ...]


def render(playlist: Playlist, folder: Path, *, absolute: bool = False) -> bytes:
    """A playlist as the bytes of an M3U8 file that is to stand in `folder`.

    Paths are relative to the folder unless `absolute`, and are the bytes that the disk has, UTF-8
    or not. A song whose path has a line break can't be said in this format and is left out.
    """
    return _rendered(playlist, folder, absolute).data


def _rendered(playlist: Playlist, folder: Path, absolute: bool) -> _Rendered:
    lines = [b"#PLAYLIST:" + _text(playlist.name)]
    left_out = []
    true_folder = Path(os.path.realpath(folder))
    for entry in playlist.entries:
        path = entry.path.absolute() if absolute else _relative(entry.path, true_folder)
        location = os.fsencode(path)
        if b"\n" in location or b"\r" in location:
            left_out.append(entry.path)
            continue
        label = " - ".join(part for part in (entry.artist.strip(), _title(entry)) if part)
        lines += [f"#EXTINF:{_seconds(entry.duration_s)},".encode() + _text(label), location]
    return _Rendered(_HEAD + b"\n".join(lines) + b"\n", tuple(left_out))


def _text(text: str) -> bytes:
    """Text on one line; what can't be UTF-8, as in the name of an old file, becomes "?"."""
    return " ".join(_CONTROL.sub(" ", text).split()).encode(errors="replace")


def _seconds(duration_s: float) -> int:
    """Whole seconds, -1 (in M3U: unknown) where there are none."""
    return round(duration_s) if math.isfinite(duration_s) and duration_s > 0 else -1


def _relative(path: Path, true_folder: Path) -> str:
    """The way to a song from a folder without links, itself through folders that are no links.

    On the way up, ".." of a linked folder would not be the folder that it seems to be in.
    """
    true = Path(os.path.realpath(path.parent), path.name)
    if true.drive != true_folder.drive:  # on Windows no way leads from one drive to another
        return str(true)
    line = os.path.relpath(true, true_folder).replace(os.sep, "/")
    is_unclear = line[0] == "#" or line[0].isspace() or ":" in line.partition("/")[0]
    return f"./{line}" if is_unclear else line  # no comment, no indent, no URL


# The folder


def write_playlists(
    playlists: Sequence[Playlist],
    folder: Path,
    *,
    absolute: bool = False,
    preview: Callable[[Playlist], bytes | None] | None = None,
) -> WriteResult:
    """Write playlists to a folder, in place of those of an earlier run.

    A file that groove did not write, or that was edited since, stays; the playlist takes another
    name.

    Parameters
    ----------
    playlists : sequence of Playlist
    folder : Path
        Made where it is missing.
    absolute : bool
        Whether songs are named by absolute paths, for players that move playlists.
    preview : callable, optional
        Makes what is heard of a playlist, as the bytes of an MP3 file, or None where it can't.

    Returns
    -------
    result : WriteResult
        `Written.name` is the name that the playlist got.

    Raises
    ------
    StorageError
        The folder can't be written.
    """
    target = _Folder(folder)
    target.save()
    suffixes = (SUFFIX,) if preview is None else (SUFFIX, PREVIEW_SUFFIX)
    written: list[Written] = []
    unwritable: list[Path] = []
    for playlist in playlists:
        playlist = replace(playlist, name=target.free_name(safe_name(playlist.name), suffixes))
        rendered = _rendered(playlist, folder, absolute)
        path = target.write(playlist.name + SUFFIX, rendered.data)
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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[Kept] = []
        self._hashes: dict[str, str] = {}  # of groove's files, by the name that the disk has
        self._written: set[str] = set()  # of those, by this run
        self._taken: set[str] = set()  # keys of the names that this run has given
        self._names: dict[str, list[str]] = defaultdict(list)  # on the disk, by key
        with store.storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for name in sorted(os.listdir(folder)):
                self._names[_key(name)].append(name)
        self._believe(_manifest_files(store.read_json(folder / PLAYLISTS_MANIFEST)))

    def _believe(self, hashes: dict[str, str]) -> None:
        """Take as groove's the files that are still as the manifest says; report the others."""
        for key, value in {_key(name): value for name, value in hashes.items()}.items():
            for name in self._names.get(key, ()):
                if _is_as_written(self.folder / name, value):
                    self._hashes[name] = value
                else:
                    self._keep(name, "was changed since groove wrote it")

    def _keep(self, name: str, reason: str) -> None:
        path = self.folder / name
        if path not in [kept.path for kept in self.kept]:
            self.kept.append(Kept(path, reason))

    def save(self) -> None:
        """Write the manifest."""
        manifest = {"schema": 1, "files": dict(sorted(self._hashes.items()))}
        store.write_json(self.folder / PLAYLISTS_MANIFEST, manifest)

    def free_name(self, name: str, suffixes: Iterable[str]) -> str:
        """`name`, with a number where a file of that name is not groove's to replace; takes it."""
        number, free = 1, name
        while not self._is_free([free + suffix for suffix in suffixes]):
            number += 1
            free = f"{_cut(name, _MAX_CHARACTERS - 5)} ({number})"
        self._taken.update(_key(free + suffix) for suffix in suffixes)
        return free

    def _is_free(self, names: list[str]) -> bool:
        others = [other for name in names for other in self._names[_key(name)] if other not in self._hashes]
        for other in others:
            self._keep(other, "was not written by groove")
        return not others and not any(_key(name) in self._taken for name in names)

    def write(self, name: str, data: bytes) -> Path:
        """Write a file, over groove's own of that name."""
        spellings = self._names[_key(name)] or [name]
        name = name if name in spellings else spellings[0]
        path = self.folder / name
        store.write_bytes(path, data)
        self._hashes[name] = store.sha256_hex(data)
        self._written.add(name)
        self.save()
        return path

    def remove_old(self) -> tuple[Path, ...]:
        """Remove groove's files of earlier runs that this one did not write."""
        old = [name for name in self._hashes if name not in self._written]
        for name in old:
            with store.storage_errors(self.folder / name):
                (self.folder / name).unlink(missing_ok=True)
            del self._hashes[name]
        self.save()
        return tuple(self.folder / name for name in old)


def _manifest_files(manifest: Any) -> dict[str, str]:
    """File name -> SHA-256 of what groove wrote; nothing where the manifest is damaged."""
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        return {}
    return {name: value for name, value in files.items() if name.endswith((SUFFIX, PREVIEW_SUFFIX))}


def _is_as_written(path: Path, sha256: str) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    try:
        data = path.read_bytes()
    except OSError:
        return False
    is_marked = path.suffix != SUFFIX or data.startswith(_HEAD)
    return is_marked and store.sha256_hex(data) == sha256
