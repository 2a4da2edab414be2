"""The words of a song: from its tags, from a text file beside it, or from musiXmatch's bags of words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from groovecli.audio.containers import container_tags
from groovecli.audio.instrumental import is_instrumental
from groovecli.audio.lyrics_files import lyrics_files
from groovecli.audio.lyrics_tags import SungText, main_languages, sung_texts
from groovecli.audio.tag_sets import Pairs, tag_sets
from groovecli.messages.audio import TAGGED_LYRICS_OF_UNKNOWN_ENCODING

Bag = Mapping[str, int]  # word -> occurrences

HEADER = re.compile(r"\[(?:al|ar|au|by|id|la|length|lr|offset|re|ti|tool|ve|#) ?:.*\]")
SYLLABLE = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_REPEAT = r"(?<!\w)(?:[x×] ?\d{1,2}|\d{1,2} ?[x×])(?!\w)"
_SECTION = (
    r"(?:pre-?|post-?)?(?:intro|outro|verse|chorus|refrain|bridge|hook|interlude|solo|repeat|coda|"
    r"instrumental(?: break| solo)?)"
    rf"(?: ?\d{{1,2}})?(?: {_REPEAT})?"
)
MARK = re.compile(rf"\[[^\[\]]*\]|\({_SECTION} ?:?\)|^{_SECTION} ?:|{_REPEAT}")
CREDIT = re.compile(r"(?:作?[词詞曲]|[编編]曲|制作人?|[监監][制製]|混音) ?[:：].*")  # in Chinese LRC files
APOSTROPHES = dict.fromkeys(map(ord, "’‘‛ʼʹ′´`＇"), "'")


@dataclass(frozen=True)
class Lyrics:
    """The words of a song, and where they are from.

    `origin` is "tags", or the name of the file beside the song; "" without words. Where there were texts
    in several languages, `language` is the ISO 639-2 code of the one that was taken, and `others` are the
    rest. `encoding` is the one that was guessed, if need be; `problem` what is wrong with lyrics that were
    there and could not be used.
    """

    words: Bag = field(default_factory=dict)
    origin: str = ""
    language: str = ""
    others: tuple[str, ...] = ()
    problem: str = ""
    encoding: str = ""


def bag_of_words(text: str) -> dict[str, int]:
    """Count the words of lyrics, in the order in which they first occur.

    A word is a run of letters, marks, digits and inner apostrophes with at least one letter, casefolded
    and in Unicode's form NFC. What LRC files have besides (time stamps, headers such as `[ar:...]`) and
    marks of sections and repeats (`[Chorus]`, `(x2)`) are no words.
    """
    lines = (unicodedata.normalize("NFC", line.casefold()) for line in text.splitlines())
    return dict(Counter(word for line in lines for word in _words(line.translate(APOSTROPHES))))


def _words(line: str) -> Iterator[str]:
    line = " ".join(line.split())
    if HEADER.fullmatch(line):
        return
    line = MARK.sub(" ", SYLLABLE.sub("", line))
    if CREDIT.fullmatch(line.strip()):
        return
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


def read_lyrics(path: Path) -> Lyrics:
    """The words of an audio file's lyrics, if it has any.

    They come from its tags, else from a `.lrc`, else from a `.txt` file of its name beside it; what only
    says that the song is instrumental is none. Of texts in several languages the one in the song's main
    language counts, else the longest.
    """
    problems: list[str] = []
    main: tuple[str, ...] = ()
    for pairs in _tags(path):
        main = main or main_languages(pairs)
        texts = sung_texts(pairs)
        if any(text.text is None for text in texts):
            problems.append(TAGGED_LYRICS_OF_UNKNOWN_ENCODING)
        found = _chosen([(text, bag) for text in texts if (bag := _sung_words(text.text or ""))], main)
        if found:
            return replace(found, problem=_joined(problems))
    for file in lyrics_files(path):
        if words := _sung_words(file.text):
            return Lyrics(words, file.name, encoding=file.encoding, problem=_joined(problems))
        problems += [file.problem] if file.problem else []
    return Lyrics(problem=_joined(problems))


def _joined(problems: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(problems))


def _tags(path: Path) -> Iterator[Pairs]:
    yield from tag_sets(path)
    yield list(container_tags(path))


def _sung_words(text: str) -> dict[str, int]:
    """The words of a text; none if the text only says that the song has none."""
    words = bag_of_words(text)
    return {} if is_instrumental(words) else words


def _chosen(found: Sequence[tuple[SungText, Bag]], main: Sequence[str]) -> Lyrics | None:
    """The lyrics that count, of the texts with words in one set of tags, best first."""
    if not found:
        return None
    codes = tuple(dict.fromkeys(text.language for text, _ in found if text.language))
    wanted = next((code for code in main if code in codes), "")
    if wanted:
        found = [each for each in found if each[0].language == wanted]
    if wanted or len(codes) < 2:
        found = [each for each in found if each[0].rank == found[0][0].rank]
    text, words = max(found, key=lambda each: sum(n * len(word) for word, n in each[1].items()))
    if len(codes) < 2:
        return Lyrics(words, "tags", encoding=text.encoding)
    others = tuple(code for code in codes if code != text.language)
    return Lyrics(words, "tags", text.language, others, encoding=text.encoding)
