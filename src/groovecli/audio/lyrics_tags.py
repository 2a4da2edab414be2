"""The texts in a file's tags that may be a song's lyrics, and the languages that they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mutagen.id3 import SYLT, Encoding

from groovecli.audio.ape import Unsaid
from groovecli.audio.encodings import repaired
from groovecli.audio.languages import is_language, language_code, language_codes
from groovecli.audio.tag_sets import Pairs, texts

# Names of the tags that hold lyrics, best first; a key such as "USLT:desc:eng" has one in its parts.
_NAMES = ("uslt", "lyrics", "unsyncedlyrics", "unsynced lyrics", "\xa9lyr", "wm/lyrics", "sylt")
_LANGUAGE_NAMES = frozenset({"tlan", "language", "wm/language", "ilng"})
_WITH_LANGUAGE = re.compile("(.+)-([a-z]{3})")  # FFmpeg has "lyrics-eng", "lyrics-XXX"
_SYLT_LYRICS = 1  # of ID3's kinds of synchronised text; others are chords, events, ...


@dataclass(frozen=True)
class SungText:
    """A text of a song; None where its encoding can't be told.

    `rank` is its tag's, the least the best; `language` an ISO 639-2 code, or "" where the tag doesn't say.
    """

    text: str | None
    rank: int = 0
    language: str = ""
    encoding: str = ""


def sung_texts(pairs: Pairs) -> list[SungText]:
    """The texts that may be lyrics, of any kind of tags, best first."""
    ranked = sorted((rank, key, number) for number, (key, _) in enumerate(pairs) for rank in _ranks(key))
    return [_sung_text(rank, key, pairs[number][1]) for rank, key, number in ranked]


def main_languages(pairs: Pairs) -> tuple[str, ...]:
    """The codes of the languages that the tags say a song is in, the main one first."""
    values = [value for key, value in pairs if _LANGUAGE_NAMES.intersection(_parts(key))]
    codes = (code for value in values for text in texts(value) for code in language_codes(text))
    return tuple(dict.fromkeys(codes))


def _parts(key: str) -> list[str]:
    return [key.casefold(), *re.split("[:/]", key.casefold())]


def _named(part: str) -> tuple[str, str]:
    """A part of a key without the language that it ends in, and that."""
    match = _WITH_LANGUAGE.fullmatch(part)
    return (match[1], match[2]) if match and is_language(match[2]) else (part, "")


def _ranks(key: str) -> Iterator[int]:
    """The place of a key among the tags of lyrics, if it is one of them."""
    names = {_named(part)[0] for part in _parts(key)}
    yield from [rank for rank, name in enumerate(_NAMES) if name in names][:1]


def _sung_text(rank: int, key: str, value: Any) -> SungText:
    said = [_named(part)[1] or part for part in _parts(key)]
    names = [str(getattr(value, "lang", "")), *filter(is_language, said)]
    language = next((code for name in names if (code := language_code(name))), "")
    decoded = repaired(_joined(value), is_said=_says_encoding(value))
    if decoded is None:
        return SungText(None, rank, language)
    return SungText(decoded.text, rank, language, decoded.encoding)


def _says_encoding(value: Any) -> bool:
    """Whether a tag's text is in the encoding that it says; Latin-1 is said of any."""
    values = value if isinstance(value, list) else [value]
    is_unsaid = any(isinstance(each, bytes | Unsaid) for each in values)
    return not is_unsaid and getattr(value, "encoding", None) != Encoding.LATIN1


def _joined(value: Any) -> str:
    """A tag's text, of one value or several."""
    return _synchronised(value) if isinstance(value, SYLT) else "\n".join(texts(value))


def _synchronised(frame: Any) -> str:
    """The text of an SYLT frame, which comes in lines or in syllables; those mark the line ends."""
    pieces = [piece for piece, _ in frame.text] if frame.type == _SYLT_LYRICS else []
    in_syllables = any("\n" in piece for piece in pieces)
    return ("" if in_syllables else "\n").join(pieces)
