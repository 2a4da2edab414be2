"""Words as they are compared: case, accents, hyphens, apostrophes and plurals don't count."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = re.compile("['\u2019\u2018`\u00b4\u02bc]")
_PARTS = re.compile(r"[^\W_]+")
_ONE = {
    "women": "woman",
    "men": "man",
    "children": "child",
    "voices": "voice",
    "basses": "bass",
    "keys": "keys",
    "blues": "blues",
    "brass": "brass",
}
_SHORTEST = 4  # letters of a plural
_NO_PLURAL = ("ss", "us", "is")
_LONG_ENDINGS = ("ches", "shes", "xes", "sses", "uses")


def plain(text: str) -> str:
    """Lower case, without accents and apostrophes; `&` and `+` are `and`."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        # The marks of other scripts are part of their letters.
        text = unicodedata.normalize("NFC", "".join(c for c in parts if not "\u0300" <= c <= "\u036f"))
    return _APOSTROPHES.sub("", text).replace("&", " and ").replace("+", " and ")


def parts_of(text: str) -> list[str]:
    """The words of a text in lower case, plurals as they are."""
    return _PARTS.findall(plain(text))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in their order, each as its singular."""
    return tuple(map(one_of, parts_of(text)))


@lru_cache(maxsize=100_000)
def one_of(word: str) -> str:
    """A word as its singular, by its ending: `guitars` -> `guitar`; both spellings have one key."""
    if word in _ONE:
        return _ONE[word]
    if len(word) < _SHORTEST or not (word.isascii() and word.isalpha()) or word.endswith(_NO_PLURAL):
        return word
    if word.endswith("ies") and len(word) > _SHORTEST:
        return word[:-3] + "y"
    if word.endswith(_LONG_ENDINGS):
        return word[:-2]
    return word.removesuffix("s")
