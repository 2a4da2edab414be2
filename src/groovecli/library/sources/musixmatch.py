"""The bags of words that musiXmatch made for the Million Song Dataset."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from groovecli.library.sources.archives import UNREADABLE, opened
from groovecli.messages.sources import bad_lyrics_line, cannot_read, lyrics_without_words

_LONGEST_LINE = 1 << 20  # (in bytes); the published files' longest, of all words, has 40,000


_SONG = re.compile(r"(TR[A-Z]{5}[0-9A-F]{11}),\d+((?:,\d{1,9}:\d{1,9})*)", re.ASCII)


def read_musixmatch(
    paths: Sequence[Path], wanted: Container[str] | None = None
) -> dict[str, dict[str, int]]:
    """The bags of words that musiXmatch made for the Million Song Dataset (Bertin-Mahieux et al. 2011).

    Parameters
    ----------
    paths : sequence of Path
        `mxm_dataset_train.txt`, `mxm_dataset_test.txt`, or the zip archives in which they come.
    wanted : container of str, optional
        Track ids to keep; all 237,662 take about a gigabyte of memory.

    Returns
    -------
    dict
        Track id, such as `TRAAAAV128F421A322`, -> stem of a word -> occurrences.

    Raises
    ------
    DatasetError
        A file is of another format or encoding; the message says which, and in which line.
    """
    return {song: bag for path in paths for song, bag in _songs(path) if wanted is None or song in wanted}


def _songs(path: Path) -> Iterator[tuple[str, dict[str, int]]]:
    words: list[str] | None = None
    number = 0
    try:
        with opened(path, ".txt") as file:
            for number, raw in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):  # noqa: B007
                line = raw.decode("utf-8").rstrip("\r\n")
                if line.startswith("%"):
                    words = line[1:].split(",")
                elif line and not line.startswith("#"):
                    yield _song(line, words)
    except OSError as error:
        raise cannot_read(path, str(error.strerror or error)) from error
    except UNREADABLE as error:
        raise bad_lyrics_line(path, number, str(error)) from error
    if words is None:
        raise lyrics_without_words(path, number)


def _song(line: str, words: list[str] | None) -> tuple[str, dict[str, int]]:
    """A song's track id and bag; raises a ValueError at any other line."""
    if words is None:
        raise ValueError("no line of words came before, which starts with %")
    match = _SONG.fullmatch(line)
    if not match:
        raise ValueError("not a track id, a musiXmatch id and pairs of word and count, in commas")
    bag = {}
    for pair in match[2].split(",")[1:]:
        index, count = map(int, pair.split(":"))
        if not 1 <= index <= len(words) or not count:
            raise ValueError(f"{pair} is no word of {len(words)} and its count")
        bag[words[index - 1]] = count
    return match[1], bag
