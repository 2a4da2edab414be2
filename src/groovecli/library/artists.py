"""Artists as they are compared, never as they are shown: spellings of one name count as one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from groovecli.audio.tags import Tags

# What stands between a song's artist and those who join in; never part of a name.
_JOINED = re.compile(
    r"\s*[;|\\\x00\u3001]\s*"
    r"|(?:\s+|\s*[(\[])(?:feat|ft|featuring|vs|pres|presents|prod)(?:\.\s*(?=\S)|\s)"
    r"|(?:\s+|\s*[(\[])[fw]/\s*",
    re.IGNORECASE,
)
# What may be part of a name as well: Simon & Garfunkel; Tyler, the Creator.
_MAYBE_JOINED = re.compile(
    r"\s*[,\u00b7\u2022]\s*|\s*\u00d7\s*|\s+(?:&|\+|and|x|with|y|et|und|con)\s+", re.IGNORECASE
)
_SLASH = re.compile(r"\s*/\s*")
_NO_LETTERS = "'\u2018\u2019\u02bc\u02b9`."  # apostrophes, and dots: R.E.M.
_SHORT = 2  # letters: AC/DC is one name
_NOBODY = frozenset(
    {
        *("various", "variousartists", "variousartist", "va", "diverse", "divers", "compilation"),
        *("verschiedene", "verschiedeneinterpreten", "artistesdivers", "variosartistas", "variinterpreti"),
        *("unknown", "unknownartist"),
    }
)


class _Counted(dict[int, str]):
    """What each sign counts as: letters and digits as they are, accents as nothing, others as a space."""

    def __missing__(self, number: int) -> str:
        c = chr(number)
        category = unicodedata.category(c)
        if category == "Cf" or "\u0300" <= c <= "\u036f" or c in _NO_LETTERS:
            counted = ""
        else:
            counted = c if c.isalnum() or category[0] == "M" else " "
        return self.setdefault(number, counted)


_COUNTED = _Counted({ord("&"): " and ", ord("+"): " and "})


def name_key(name: str) -> str:
    """A key that is equal for all spellings of a name, such as `Guns N' Roses` and `GUNS N’ ROSES`.

    Unicode's forms, case, accents, punctuation and a `The` do not count. An empty string where nobody is
    named.
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("\u0131", "i")  # Turkish, and its capital
    text = unicodedata.normalize("NFKD", text)
    words = text.translate(_COUNTED).split()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    if len(words) > 1 and words[-1] == "the":
        del words[-1]
    key = "".join(words) or "".join(text.split())
    return "" if key in _NOBODY else key


artist_key = lru_cache(maxsize=20_000)(name_key)
"""The same for artists, who have many songs each."""


@lru_cache(maxsize=20_000)
def first_artist(names: str) -> str:
    """The first of those that an artist tag names: `Eminem` of `Eminem feat. Rihanna`, `Eminem; Dido`."""
    text = _spaced(unicodedata.normalize("NFKC", names)).strip(" ;|/\\\x00")
    match = _JOINED.search(text)
    text = text[: match.start()] if match else text
    for slash in _SLASH.finditer(text):
        left, right = text[: slash.start()], _SLASH.split(text[slash.end() :])[0]
        if len(left) > _SHORT or len(right) > _SHORT:
            return left.strip()
    return text.strip()


def _spaced(text: str) -> str:
    """With single spaces: of a long run of them, patterns that begin with spaces take the time squared."""
    return " ".join(text.split())


def shorter_name(name: str) -> str:
    """A name up to its first comma, `&` or `and`, which may be that of its first artist; else empty."""
    name = _spaced(name)
    match = _MAYBE_JOINED.search(name)
    return name[: match.start()].strip() if match else ""


def artist_names(tags: Tags) -> tuple[str, str]:
    """The first artist of a song, and of its album; empty where nobody is named, or various artists."""
    first, of_album = first_artist(tags.artist), first_artist(tags.album_artist)
    return (first if artist_key(first) else ""), (of_album if artist_key(of_album) else "")
