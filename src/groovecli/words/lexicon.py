"""What words mean: tags that are computed from the sound, genres of a model, and what is measured."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from groovecli.words.heads import MSD, Tag
from groovecli.words.text import words_of

Phrase = frozenset[str]
"""The words of a phrase, whose order does not count."""

Measured = Literal["tempo", "loudness", "brightness", "dynamics"]

_TABLE = Path(__file__).with_name("words.toml")
_BRACKETS = re.compile(r"\([^)]*\)")
_DECADE = re.compile(r"\d0s")
_IN_GENRES = re.compile(r"[/;,|]")
_MUSIC = range(137, 283)
"""Numbers of AudioSet's classes below Music; the others are voices and noises."""
_VOICES = range(27, 37)
_OLDEST = 30
"""`30s` are the 1930s."""


@dataclass(frozen=True)
class Measure:
    """A word for one end of what is measured: `slow` is low in tempo."""

    of: Measured
    is_high: bool


@dataclass(frozen=True)
class Meaning:
    """What a phrase means.

    tags : of the sound
    genres : the model's genres, by number
    measure : an end of what is measured
    is_noise : whether its tags are of no music, so that it may be a word of a title as well
    """

    tags: tuple[Tag, ...] = ()
    genres: tuple[int, ...] = ()
    measure: Measure | None = None
    is_noise: bool = False

    def joined(self, other: Meaning) -> Meaning:
        """Both; where one of them is music, without the other's noises."""
        if self.is_noise != other.is_noise:
            noise, music = (self, other) if self.is_noise else (other, self)
            return music if music.tags else replace(music, tags=noise.tags)
        return Meaning(
            tuple(dict.fromkeys(self.tags + other.tags)),
            tuple(dict.fromkeys(self.genres + other.genres)),
            self.measure or other.measure,
            self.is_noise,
        )


@dataclass(frozen=True)
class Lexicon:
    """All phrases that mean something, words that say nothing of the sound, and decades by name."""

    meanings: Mapping[Phrase, Meaning]
    filler: Phrase
    decades: Mapping[str, int]
    of_decades: Mapping[int, tuple[Tag, ...]] = field(default_factory=dict)

    @cached_property
    def by_word(self) -> Mapping[str, tuple[Phrase, ...]]:
        """The phrases in which each word is."""
        found: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in self.meanings:
            for word in phrase:
                found[word].append(phrase)
        return {word: tuple(phrases) for word, phrases in found.items()}

    def phrase(self, words: Iterable[str]) -> Phrase:
        """The words of a phrase that count; all of them where none does."""
        given = frozenset(words)
        return given - self.filler or given


def lexicon_of(tags: Sequence[Tag], genres: Sequence[str] = ()) -> Lexicon:
    """The phrases of some tags, of a model's genres, and of groove's own table."""
    table = _table()
    filler = frozenset(word for text in table["filler"] for word in words_of(text))
    plain = Lexicon({}, filler, table["decades"])
    meanings: dict[Phrase, Meaning] = {}

    def add(phrase: Phrase, meaning: Meaning) -> None:
        if phrase and not phrase <= filler:
            meanings[phrase] = meanings.get(phrase, Meaning(is_noise=meaning.is_noise)).joined(meaning)

    for tag in tags:
        for name in _names(tag):
            add(plain.phrase(words_of(name)), Meaning((tag,), is_noise=_is_noise(tag)))
    for number, genre in enumerate(genres):
        for name in {genre, *_IN_GENRES.split(genre)}:
            add(plain.phrase(words_of(name)), Meaning(genres=(number,)))
    own = dict(meanings)
    for row in table["word"]:
        meant = [own[phrase] for text in row["means"] if (phrase := plain.phrase(words_of(text))) in own]
        for text in row["said"] if meant else ():
            for meaning in meant:
                add(plain.phrase(words_of(text)), replace(meaning, is_noise=False))
    for row in table["measure"]:
        for end in ("low", "high"):
            for text in row[end]:
                add(plain.phrase(words_of(text)), Meaning(measure=Measure(row["of"], end == "high")))
    return replace(plain, meanings=meanings, of_decades=_decades(tags))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(_TABLE.read_text("utf-8"))


def _names(tag: Tag) -> Iterator[str]:
    """What a tag is called: `Violin, fiddle` has two names, what stands in brackets is none."""
    if _DECADE.fullmatch(tag.name):
        return
    yield from {name.strip() for name in _BRACKETS.sub("", tag.name).split(",")}


def _is_noise(tag: Tag) -> bool:
    return tag.source != MSD and tag.number not in _MUSIC and tag.number not in _VOICES


def _decades(tags: Iterable[Tag]) -> dict[int, tuple[Tag, ...]]:
    """The tags for decades: `80s` is 1980, `00s` is 2000."""
    found: dict[int, tuple[Tag, ...]] = {}
    for tag in tags:
        if _DECADE.fullmatch(tag.name):
            year = int(tag.name[:2])
            found[(2000 if year < _OLDEST else 1900) + year] = (tag,)
    return found
