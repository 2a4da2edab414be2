"""The words of a song: from its tags, from a text file beside it, or from musiXmatch's bags of words."""

from __future__ import annotations

import re
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mutagen.id3 import SYLT

from groovecli.audio.containers import container_tags
from groovecli.audio.tag_sets import tag_sets, texts

Bag = Mapping[str, int]  # word -> occurrences

# Names of the tags that hold lyrics, best first; a key such as "USLT:desc:eng" has one in its parts.
_TAGS = ("uslt", "lyrics", "unsyncedlyrics", "unsynced lyrics", "\xa9lyr", "wm/lyrics", "sylt")
_SYLT_LYRICS = 1  # of ID3's kinds of synchronised text; others are chords, events, ...
_ENDINGS = (".lrc", ".LRC", ".Lrc", ".txt", ".TXT", ".Txt")
_LARGEST = 1 << 20  # of a text file (in bytes); a novel is no song

_HEADER = re.compile(r"\[(?:al|ar|au|by|id|la|length|lr|offset|re|ti|tool|ve|#) ?:.*\]")
_SYLLABLE = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_REPEAT = r"(?<!\w)(?:[x×] ?\d{1,2}|\d{1,2} ?[x×])(?!\w)"
_SECTION = (
    r"(?:pre-?|post-?)?(?:intro|outro|verse|chorus|refrain|bridge|hook|interlude|solo|repeat|coda)"
    rf"(?: ?\d{{1,2}})?(?: {_REPEAT})?"
)
_MARK = re.compile(rf"\[[^\[\]]*\]|\({_SECTION} ?:?\)|^{_SECTION} ?:|{_REPEAT}")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘‛ʼʹ′´`＇"), "'")


def bag_of_words(text: str) -> dict[str, int]:
    """Count the words of lyrics, in the order in which they first occur.

    A word is a run of letters, marks, digits and inner apostrophes with at least one letter, casefolded
    and in Unicode's form NFC. What LRC files have besides (time stamps, headers such as `[ar:...]`) and
    marks of sections and repeats (`[Chorus]`, `(x2)`) are no words.
    """
    lines = (unicodedata.normalize("NFC", line.casefold()) for line in text.splitlines())
    return dict(Counter(word for line in lines for word in _words(line.translate(_APOSTROPHES))))


def _words(line: str) -> Iterator[str]:
    line = " ".join(line.split())
    if _HEADER.fullmatch(line):
        return
    line = _MARK.sub(" ", _SYLLABLE.sub("", line))
    for word in "".join(map(_part_of_word, line)).split():
        if any(map(str.isalpha, word)):
            yield word.strip("'")


@lru_cache(maxsize=4096)
def _part_of_word(character: str) -> str:
    """The character if words have it, nothing for an invisible one such as a soft hyphen, else a space."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return character if character == "'" or category[0] in "LMN" else " "


@dataclass(frozen=True)
class Lyrics:
    words: Bag = field(default_factory=dict)
    origin: str = ""
    language: str = ""
    others: tuple[str, ...] = ()
    problem: str = ""
    encoding: str = ""


def lyrics_files(path: Path) -> list[Path]:
    return [path.with_suffix(e) for e in _ENDINGS if path.with_suffix(e).exists()]


def read_lyrics(path: Path) -> Lyrics:
    """The words of an audio file's lyrics; none is an empty dictionary, as is what can't be read.

    They come from its tags, else from the `.lrc`, else from the `.txt` file of its name beside it.
    """
    for text in _texts(path):
        bag = bag_of_words(text)
        if bag:
            return Lyrics(bag)
    return Lyrics()


def _texts(path: Path) -> Iterator[str]:
    """All that may be the song's lyrics, best first."""
    for pairs in tag_sets(path):
        yield from _of_tags(pairs)
    yield from _of_tags(container_tags(path))
    for ending in _ENDINGS:
        yield _read_text(path.with_suffix(ending))


def _of_tags(pairs: Sequence[tuple[str, Any]]) -> list[str]:
    """The texts of the tags that hold lyrics, best first, of any kind of tags."""
    ranked = [
        (rank, key, number)
        for number, (key, _) in enumerate(pairs)
        for rank, name in enumerate(_TAGS)
        if name in re.split("[:/]", key.casefold()) or name == key.casefold()
    ]
    return [_text(pairs[number][1]) for *_, number in sorted(ranked)]


def _text(value: Any) -> str:
    """A tag's text, of one value or several."""
    return _synchronised(value) if isinstance(value, SYLT) else "\n".join(texts(value))


def _synchronised(frame: Any) -> str:
    """The text of an SYLT frame, which comes in lines or in syllables; those mark the line ends."""
    pieces = [piece for piece, _ in frame.text] if frame.type == _SYLT_LYRICS else []
    in_syllables = any("\n" in piece for piece in pieces)
    return ("" if in_syllables else "\n").join(pieces)


def _read_text(path: Path) -> str:
    """A text file in UTF-8, UTF-16 or cp1252; empty where there is none, or no text in it."""
    try:
        if not path.is_file():  # a named pipe would never end
            return ""
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError):
        return ""
    text = _decoded(data) if len(data) <= _LARGEST else ""
    return "" if "\0" in text else text


def _decoded(data: bytes) -> str:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
