"""The text files beside a song that may hold its lyrics."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from groovecli.audio.encodings import decoded_text
from groovecli.messages.audio import lyrics_of_unknown_encoding, lyrics_too_large, lyrics_unreadable

_ENDINGS = ("lrc", "txt")
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
    with suppress(OSError, ValueError):
        found = os.stat(path)
        return found if stat.S_ISREG(found.st_mode) else None
    return None


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
