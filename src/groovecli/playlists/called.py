"""What a song is called where its tags don't say it: by its file and folders."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

_SIGN = r"[-\u2013\u2014._)\]]"  # behind a number; right before a digit it is the title's: 24-7
_MARKED = re.compile(
    rf"(?:\d{{1,2}}-\d{{2,3}}(?:\s*{_SIGN}\s*|\s+)"
    rf"|\d{{1,3}}(?:\s*{_SIGN}\s+|\s+{_SIGN}\s*|{_SIGN}(?!\d))"
    rf"|0\d\s+)(?=\S)(?=.*[^\W\d])"
)
_NUMBER = re.compile(r"\d{1,3}\s+(?=\S)(?=.*[^\W\d])")
_DISC = re.compile(r"(?i)(cd|dis[ck])[ _-]?\d{1,2}")
_NOBODY = frozenset(["", "various", "various artists", "va", "unknown artist", "unknown", "compilations"])
_NUMBERED = 0.8  # share of a folder's files that begin with a number, from which it is the track's


@dataclass(frozen=True)
class Called:
    """Artist and title of a song; an empty artist where nothing says who it is."""

    artist: str
    title: str


def numbered_folders(paths: Iterable[Path]) -> frozenset[Path]:
    """The folders in which names of files begin with track numbers: most of two or more do."""
    files, numbers = Counter[str](), Counter[str]()
    for path in paths:
        folder, name = os.path.split(path)
        files[folder] += 1
        numbers[folder] += name[:1].isdigit() and _is_numbered(Path(name).stem)
    return frozenset(
        Path(folder) for folder, n in files.items() if n > 1 and numbers[folder] >= _NUMBERED * n
    )


def _is_numbered(stem: str) -> bool:
    return bool(_NUMBER.match(stem) or _MARKED.match(stem))


def called(
    path: Path, library: Path, *, artist: str = "", title: str = "", numbered: Collection[Path] = ()
) -> Called:
    """Artist and title by the tags, else by `Artist/Album/NN - Title` or `Artist - Title`.

    Parameters
    ----------
    path, library : Path
        The song's file, and the folder that the artists' folders are in, at any depth.
    artist, title : str
        What the tags say; what they say stays.
    numbered : collection of Path
        Folders in which a number before a title is the track's, even without a dot or a dash.
    """
    artist, title = artist.strip(), title.strip()
    if artist and title:
        return Called(artist, title)
    rest = without_number(path.stem, is_numbered=path.parent in numbered)
    is_track = rest != path.stem
    first, is_pair, second = (part.strip() for part in rest.partition(" - "))
    if is_pair and first and second and (not artist or first.casefold() == artist.casefold()):
        return Called(artist or first, title or without_number(second, is_numbered=False))
    return Called(artist or (_artist_above(path, library) if is_track else ""), title or rest)


def without_number(stem: str, *, is_numbered: bool) -> str:
    """The name of a file without a track's number: `01 - Hell`, `1-02 Hell`, `03.Hell`, `04 Hell`.

    `12 Hell` loses its number only where the folder `is_numbered`: it may be the title's.
    """
    stem = stem.strip()
    match = _MARKED.match(stem) or (_NUMBER.match(stem) if is_numbered else None)
    return stem[match.end() :].strip() or stem if match else stem


def _artist_above(path: Path, library: Path) -> str:
    """The folder two above a track, or three where it is on a disc of several; none above the library."""
    try:
        folders = path.parent.relative_to(library).parts
    except ValueError:
        return ""
    if folders and _DISC.fullmatch(folders[-1]):
        folders = folders[:-1]
    artist = folders[-2] if len(folders) > 1 else ""
    return "" if artist.casefold() in _NOBODY else artist
