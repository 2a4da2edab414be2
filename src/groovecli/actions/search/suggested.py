"""Words that nothing could be done with, and words that are spelt like them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from groovecli.actions.search.scored import Scored
from groovecli.library.heard import Heard
from groovecli.words.lexicon import Lexicon
from groovecli.words.query import Text
from groovecli.words.text import parts_of

_MOST = 3
_LONGER = 2  # letters that a near miss has more or less


@dataclass(frozen=True)
class Unknown:
    """A word that is in no tag and means nothing else, and words near to it, which are known."""

    said: str
    near: tuple[str, ...] = ()


def unknown_of(left_out: Iterable[Scored], lexicon: Lexicon, heard: Heard) -> tuple[Unknown, ...]:
    """The words that were left out as nothing knows them, with near misses."""
    words = [each.term.said for each in left_out if isinstance(each.term.wanted, Text)]
    if not words:
        return ()
    known = sorted({word for phrase in lexicon.meanings for word in phrase if word.isalpha()})
    artists = sorted({part for name in heard.artists() for part in parts_of(name)})
    return tuple(Unknown(word, _near(word, known, artists)) for word in words)


def _near(word: str, *vocabularies: Sequence[str]) -> tuple[str, ...]:
    """The nearest words of each vocabulary, up to `_MOST` in all."""
    found: dict[str, None] = {}
    low = word.casefold()
    for words in vocabularies:
        some = [each for each in words if abs(len(each) - len(low)) <= _LONGER]
        found |= dict.fromkeys(difflib.get_close_matches(low, some, _MOST, 0.75))
    return tuple(sorted(found, key=lambda each: -difflib.SequenceMatcher(None, low, each).ratio())[:_MOST])
