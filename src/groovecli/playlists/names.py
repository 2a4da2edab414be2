"""Names of playlists."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from string import Formatter

from groovecli.messages.playlists import no_field_in_format, no_such_field
from groovecli.playlists.order import own_artist
from groovecli.playlists.playlist import Entry
from groovecli.playlists.terms import Traits, telling

FIELDS = ("name", "genre", "words", "decade", "artist", "title", "songs")
"""Of a format of names: groove's own name, what it is made of, and how many songs there are."""

_SHOWN_FIELDS = tuple(f"{{{field}}}" for field in FIELDS)
_MAIN_SHARE = 0.6  # share of the songs with a genre that makes it the name alone
_MOST_TERMS = 2  # of those that tell a list from the others
_DECADE = re.compile(r"\d{4}s")
_EMPTY = "\0"
_HOLLOW = re.compile(r"\s*[-,&|/]\s*\0|^\0\s*[-,&|/]\s*|\s*[(\[]\0[)\]]")


_FORBIDDEN = str.maketrans(
    {**dict.fromkeys("/\\:|", "-"), **dict.fromkeys('"', "'"), **dict.fromkeys("*?<>")}
)


_RESERVED = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)")


_INVISIBLE = frozenset(("Cc", "Cs", "Zl", "Zp"))


# Marks that turn the direction of what follows: a name with them may look like another one.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


MAX_CHARACTERS = 80
_MAX_BYTES = 200  # file systems stop at 255, and an ending and a number are to come


def name_playlists(
    groups: Sequence[Sequence[Entry]],
    exemplars: Sequence[Entry],
    *,
    traits: Sequence[Sequence[Traits]] | None = None,
    format: str = "",
) -> tuple[str, ...]:
    """Name each group of songs: by genre, by what tells it from the others, by artist, title or number.

    Names differ whatever the case of their letters, and are file names on any system.

    Parameters
    ----------
    groups, exemplars : sequences
        The songs of each group, and the one that the others sound like.
    traits : sequence of sequences of Traits, optional
        What can be said of the songs of each group, or of some of them.
    format : str
        How names are made from `FIELDS`, as in "{genre} - {artist}"; empty for groove's own.
    """
    said = telling(traits) if traits is not None else [()] * len(groups)
    choices = [_choices(*each) for each in zip(groups, exemplars, said, strict=True)]
    while True:
        counts = Counter(name_key(names[0]) for names in choices)
        vague = [names for names in choices if len(names) > 1 and counts[name_key(names[0])] > 1]
        if not vague:
            break
        for names in vague:
            del names[0]
    named = [names[0] for names in choices]
    if format:
        parts = zip(named, groups, exemplars, said, strict=True)
        named = [_filled(format, _fields(*each)) for each in parts]
    taken: set[str] = set()
    return tuple(_numbered(name, taken) for name in named)


def _choices(group: Sequence[Entry], exemplar: Entry, said: Sequence[str]) -> list[str]:
    """Names for a group, from the shortest to the one that tells most."""
    own = own_artist([entry.artist.strip() for entry in group]) if len(group) > 1 else ""
    genre = _genres(group)
    like = f"{genre} like" if genre else "Like"
    names = [own] if own else []
    names += [genre] if genre else []
    names += [_with(said[:n], genre) for n in range(1, min(len(said), _MOST_TERMS) + 1)]
    if exemplar.artist.strip():
        names.append(f"{like} {exemplar.artist}")
        names.append(f"{like} {exemplar.artist}, {exemplar.shown_title}")
    else:
        names.append(f"{like} {exemplar.shown_title}")
    return [safe_name(name[:1].upper() + name[1:]) for name in names]


def _with(terms: Sequence[str], genre: str) -> str:
    """Terms before a genre, "slow, dark jazz"; terms alone, "slow & dark"."""
    return f"{', '.join(terms)} {genre}" if genre else " & ".join(terms)


def _genres(group: Sequence[Entry]) -> str:
    """The genre of most songs, or the two of most; empty where under half have one.

    Two are in the order of the alphabet: one song more doesn't turn a name round.
    """
    counts = Counter(" ".join(entry.genre.split()).lower() for entry in group)
    n_unknown = counts.pop("", 0)
    if n_unknown > len(group) / 2 or not counts:
        return ""
    top = sorted(counts, key=lambda genre: (-counts[genre], genre))
    if counts[top[0]] >= _MAIN_SHARE * counts.total():
        return top[0]
    return " & ".join(sorted(top[:2]))


# Names by a format


def check_name_format(format: str) -> None:
    """Refuse a format with fields that there are not.

    Raises
    ------
    UsageError
    """
    try:
        fields = [(name, spec, how) for _, name, spec, how in Formatter().parse(format) if name is not None]
    except ValueError as error:
        raise no_such_field(format, _SHOWN_FIELDS) from error
    if not fields:
        raise no_field_in_format(format, _SHOWN_FIELDS)
    if any(name not in FIELDS or spec or how for name, spec, how in fields):
        raise no_such_field(format, _SHOWN_FIELDS)


def _fields(name: str, group: Sequence[Entry], exemplar: Entry, said: Sequence[str]) -> dict[str, str]:
    is_decade = [bool(_DECADE.fullmatch(term)) for term in said]
    decade = next((term for term, is_one in zip(said, is_decade, strict=True) if is_one), "")
    words = [term for term, is_one in zip(said, is_decade, strict=True) if not is_one]
    values = {
        "name": name,
        "genre": _genres(group),
        "words": ", ".join(words[:_MOST_TERMS]),
        "decade": decade,
        "artist": exemplar.artist.strip(),
        "title": exemplar.shown_title,
        "songs": str(len(group)),
    }
    return {field: values[field] for field in FIELDS}


def _filled(format: str, values: dict[str, str]) -> str:
    """A format with its fields, and without the dashes and brackets around those that are empty.

    groove's own name where nothing is left.
    """
    text = "".join(
        literal + (values[name] or _EMPTY if name else "")
        for literal, name, _, _ in Formatter().parse(format)
    )
    text = _HOLLOW.sub("", text) if _EMPTY in text else text
    text = " ".join(text.replace(_EMPTY, "").split()).strip(" -,&|/") or values["name"]
    return safe_name(text[:1].upper() + text[1:])


def safe_name(text: str) -> str:
    """`text` as a file name, without ending, on Linux, Windows and macOS and here; never empty."""
    text = _TURNING.sub("", unicodedata.normalize("NFC", text))
    text = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in text)
    text = " ".join(_on_disk(text).translate(_FORBIDDEN).split()).strip(" .")
    if _RESERVED.match(text):
        text = f"_{text}"
    return cut_name(text, MAX_CHARACTERS) or "Playlist"


def _on_disk(text: str) -> str:
    """`text` in letters that names of files here can have: other ones without their accents, or as "_"."""
    encoding = sys.getfilesystemencoding()
    return "".join(c if _fits(c, encoding) else _plain(c) for c in text)


def _fits(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _plain(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return bare or ("" if unicodedata.combining(letter) else "_")


def _numbered(name: str, taken: set[str]) -> str:
    """`name`, with a number where its key is taken; takes it."""
    number, free = 1, name
    while name_key(free) in taken:
        number += 1
        free = f"{cut_name(name, MAX_CHARACTERS - 5)} {number}"
    taken.add(name_key(free))
    return free


def cut_name(name: str, n_characters: int) -> str:
    """The start of a name, in no more characters, and bytes, than a file system takes."""
    name = name[:n_characters]
    while len(name.encode()) > _MAX_BYTES:
        name = name[:-1]
    return name.rstrip(" .\u200d")  # an emoji of several may be cut behind what joins them


def name_key(name: str) -> str:
    """What is equal for names that some file system takes for one."""
    folded = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFD", folded)
