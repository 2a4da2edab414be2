"""Words in the tags of files, and in the names of their folders."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from groovecli.words.text import words_of


@dataclass(frozen=True)
class Probe:
    """Words that a field must have: all of them, or side by side in their order.

    fields : names of tags, and `folder`
    """

    words: tuple[str, ...]
    fields: tuple[str, ...]
    is_exact: bool = False

    def found_in(self, texts: Mapping[str, Sequence[str]]) -> str:
        """The first field that has the words; an empty string where none does."""
        for field in self.fields:
            if any(_has(words_in(text), self.words, self.is_exact) for text in texts.get(field, ())):
                return field
        return ""


@lru_cache(maxsize=200_000)
def words_in(text: str) -> tuple[str, ...]:
    """The words of a tag, read once for all songs that share it."""
    return words_of(text)


def _has(own: Sequence[str], wanted: Sequence[str], is_exact: bool) -> bool:
    if is_exact:
        n = len(wanted)
        return any(tuple(own[i : i + n]) == tuple(wanted) for i in range(len(own) - n + 1))
    return all(_is_in(word, own) for word in wanted)


def _is_in(word: str, own: Sequence[str]) -> bool:
    """Scripts that write without spaces have a word anywhere."""
    return word in own or (not word.isascii() and any(word in each for each in own))


def in_moods(phrase: Collection[str], moods: Sequence[str]) -> bool:
    """Whether one of some moods has all words of a phrase."""
    return bool(phrase) and any(set(phrase) <= set(words_in(mood)) for mood in moods)
