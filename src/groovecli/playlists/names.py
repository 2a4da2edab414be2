"""Names of playlists."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence

from groovecli.playlists.playlist import Entry

_MAIN_SHARE = 0.6  # share of the songs with a genre that makes it the name alone


_FORBIDDEN = str.maketrans(
    {**dict.fromkeys("/\\:|", "-"), **dict.fromkeys('"', "'"), **dict.fromkeys("*?<>")}
)


_RESERVED = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)")


_INVISIBLE = frozenset(("Cc", "Cs", "Zl", "Zp"))


MAX_CHARACTERS = 80
_MAX_BYTES = 200  # file systems stop at 255, and an ending and a number are to come


def name_playlists(groups: Sequence[Sequence[Entry]], exemplars: Sequence[Entry]) -> tuple[str, ...]:
    """Name each group of songs: by genre, by artist or title where that isn't enough, by number.

    Names differ whatever the case of their letters, and are file names on any system.
    """
    choices = [_choices(group, exemplar) for group, exemplar in zip(groups, exemplars, strict=True)]
    while True:
        counts = Counter(name_key(names[0]) for names in choices)
        vague = [names for names in choices if len(names) > 1 and counts[name_key(names[0])] > 1]
        if not vague:
            break
        for names in vague:
            del names[0]
    taken: set[str] = set()
    return tuple(_numbered(names[0], taken) for names in choices)


def _choices(group: Sequence[Entry], exemplar: Entry) -> list[str]:
    """Names for a group, from the shortest to the one that tells most."""
    genre = _genres(group)
    like = f"{genre} like" if genre else "Like"
    names = [genre] if genre else []
    if exemplar.artist.strip():
        names.append(f"{like} {exemplar.artist}")
        names.append(f"{like} {exemplar.artist}, {exemplar.shown_title}")
    else:
        names.append(f"{like} {exemplar.shown_title}")
    return [safe_name(name[:1].upper() + name[1:]) for name in names]


def _genres(group: Sequence[Entry]) -> str:
    """The genre of most songs, or the two of most; empty where under half have one."""
    counts = Counter(" ".join(entry.genre.split()).lower() for entry in group)
    n_unknown = counts.pop("", 0)
    if n_unknown > len(group) / 2 or not counts:
        return ""
    top = sorted(counts, key=lambda genre: (-counts[genre], genre))
    if counts[top[0]] >= _MAIN_SHARE * counts.total():
        return top[0]
    return " & ".join(top[:2])


def safe_name(text: str) -> str:
    """`text` as a file name, without ending, on Linux, Windows and macOS and here; never empty."""
    text = unicodedata.normalize("NFC", text)
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
    return name.rstrip(" .")


def name_key(name: str) -> str:
    """What is equal for names that some file system takes for one."""
    folded = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFD", folded)
