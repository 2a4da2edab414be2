"""What a genre tag says: one genre or several, by name or by their numbers in ID3's list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mutagen._constants import GENRES

_BETWEEN = r"[;/,|\\\x00]"
# Names that hold what separates others: those of ID3's list, of iTunes' and of Discogs'.
_WHOLE = (
    *(name for name in GENRES if re.search(_BETWEEN, name)),
    "Blues/R&B",
    "Cantopop/HK-Pop",
    "Contemporary Singer/Songwriter",
    "Death Metal/Black Metal",
    "Electronica/Dance",
    "Folk/Rock",
    "Folk, World, & Country",
    "Funk / Soul",
    "Hip Hop/Rap",
    "Hip-Hop/Rap",
    "IDM/Experimental",
    "Jungle/Drum'n'bass",
    "Pop/Rock",
    "Prog-Rock/Art Rock",
    "R&B/Soul",
    "Singer/Songwriter",
)
_NUMBERS = re.compile(r"(?:\((?:\d{1,3}|RX|CR)\))+")
_NONE = "unknown"  # what mutagen calls ID3's numbers that are not in the list, such as 255
_WORDS = {"RX": "Remix", "CR": "Cover"}


def _key(name: str) -> str:
    """A name without regard to case and to spaces around what separates."""
    return re.sub(rf"\s*({_BETWEEN})\s*", r"\1", " ".join(name.split())).casefold()


_NAMES = {_key(name): name for name in _WHOLE}
_MOST = max(len(re.findall(_BETWEEN, name)) for name in _WHOLE)


def named(value: str) -> list[str]:
    """Names in one value of a tag: `17` and `(17)` are Rock, `(4)Eurodisco` two, unknown numbers none."""
    value = value.strip()
    if value.isdecimal() and len(value) < 4:  # a longer number may be a year
        return [GENRES[int(value)]] if int(value) < len(GENRES) else []
    if value.casefold() == _NONE:
        return []
    if value in _WORDS:
        return [_WORDS[value]]
    numbers = _NUMBERS.match(value)
    listed = re.findall(r"\w+", numbers[0]) if numbers else []
    names = [
        _WORDS.get(each) or GENRES[int(each)]
        for each in listed
        if each in _WORDS or int(each) < len(GENRES)
    ]
    rest = (value[numbers.end() :] if numbers else value).strip()
    rest = rest[1:] if rest.startswith("((") else rest  # how ID3 writes a name that begins with a bracket
    return [*names, rest] if rest and rest not in names else names


def first_genre(text: str) -> str:
    """The first genre of a tag that may hold several, in lower case; empty if it holds none."""
    return next((name.lower() for part in parts(text) for name in named(part)), "")


def parts(text: str) -> Iterator[str]:
    """The genres of a tag, a known name whole."""
    pieces = re.split(rf"({_BETWEEN})", text)  # a genre, what separates, a genre, ...
    start = 0
    while start < len(pieces):
        for stop in range(min(len(pieces), start + 2 * _MOST + 1), start + 1, -2):
            name = _NAMES.get(_key("".join(pieces[start:stop])))
            if name:
                break
        else:
            name, stop = pieces[start], start + 1
        yield name
        start = stop + 1
