"""The text files beside a song that may hold its lyrics."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from groovecli.audio.encodings import decoded_text
from groovecli.messages.audio import lyrics_of_unknown_encoding, lyrics_too_large, lyrics_unreadable

_ENDINGS = ("lrc", "txt")
TEXT_SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS)
"""Endings of files that may hold lyrics, in lower case."""

_LARGEST_MB = 1  # more is not one song's text


@dataclass(frozen=True)
class LyricsFile:
    """A file's name, its text, the guessed encoding, and why it has no text; "" for what doesn't apply."""

    name: str
    text: str = ""
    encoding: str = ""
    problem: str = ""


def lyrics_files(song: Path) -> Iterator[LyricsFile]:
    """The files that are there, best first: of `a.mp3`, `a.mp3.lrc`, `a.lrc`, `a.mp3.txt`, `a.txt`."""
    for path, state in lyrics_paths(song):
        yield _read(path, state.st_size)


def lyrics_paths(song: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Where they are, and their states."""
    seen = set()
    for ending, stem in product(_ENDINGS, dict.fromkeys((song.name, song.stem))):
        for letters in product(*((letter, letter.upper()) for letter in ending)):
            path = os.path.join(song.parent, f"{stem}.{''.join(letters)}")
            file = _file(path)
            if file and (file.st_dev, file.st_ino) not in seen:  # Windows has one file for all cases
                seen.add((file.st_dev, file.st_ino))
                yield Path(path), file


def _file(path: str) -> os.stat_result | None:
    """A file's state, if there is one of that name: a named pipe, which would never end, is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


class Beside:
    """What lies beside songs, as each folder was when it was first asked about."""

    def __init__(self) -> None:
        self._stems: dict[str, frozenset[str] | None] = {}

    def may_have_lyrics(self, song: Path) -> bool:
        """Whether `lyrics_paths` may find a file; always where the folder can't be listed."""
        folder, name = os.path.split(song)
        if folder not in self._stems:
            self._stems[folder] = _stems_in(folder)
        stems = self._stems[folder]
        return stems is None or not stems.isdisjoint((_folded(name), _folded(song.stem)))


def _stems_in(folder: str) -> frozenset[str] | None:
    """Names of text files in a folder without their endings."""
    try:
        parts = [name.rpartition(".") for name in os.listdir(folder or ".")]
    except OSError:
        return None
    return frozenset(_folded(stem) for stem, _, ending in parts if ending.lower() in _ENDINGS)


def _folded(name: str) -> str:
    """What is equal for names that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _read(path: Path, n_bytes: int) -> LyricsFile:
    if n_bytes > _LARGEST_MB * 1_000_000:
        return LyricsFile(path.name, problem=lyrics_too_large(path.name, _LARGEST_MB))
    try:
        decoded = decoded_text(path.read_bytes())
    except OSError as error:
        return LyricsFile(path.name, problem=lyrics_unreadable(path.name, str(error.strerror or error)))
    if decoded is None:
        return LyricsFile(path.name, problem=lyrics_of_unknown_encoding(path.name))
    return LyricsFile(path.name, decoded.text, decoded.encoding)
