"""A published data set's own information on its files: genres, official sides, and unused files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from groovecli.audio.suffixes import SUFFIXES
from groovecli.library.tracks import Rejected
from groovecli.library.walk import PassedOver
from groovecli.messages.sources import (
    GIVE_SPLIT_FILE,
    cannot_read,
    column_lacking,
    empty_side,
    mostly_unknown_songs,
    no_song_named,
    not_utf8,
    row_without_side,
    side_not_named,
    song_on_two_sides,
)
from groovecli.reasons import Reason

SourceSide = Literal["train", "validation", "test"]

_SIDES: dict[str, SourceSide] = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "val": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
_PATH_COLUMNS = ("path", "file", "filename")
_SIDE_COLUMNS = ("side", "split", "set")


@dataclass(frozen=True)
class SourceListing:
    """What a published data set says of its files.

    `genres` has every file that is used, by absolute path; `sides` the official side of each of
    them, and nothing where there is no official split; `rejected` the files that are not used,
    missing ones too, and why.
    """

    genres: Mapping[Path, str]
    sides: Mapping[Path, SourceSide]
    rejected: tuple[Rejected, ...]
    passed_over: PassedOver = field(default_factory=PassedOver)


@dataclass(frozen=True)
class _Line:
    """A line of a split file: the song as it is named there, and its side."""

    file: Path
    number: int
    name: str
    side: SourceSide

    def __str__(self) -> str:
        return f"{self.file}, line {self.number}"


def side_of(name: str) -> SourceSide | None:
    """The side that a word such as `training`, `val` or `dev` stands for."""
    return _SIDES.get(name.strip().casefold())


def song_name(name: str) -> str:
    """A file's name without folders and audio ending: `blues.00029` for `blues/blues.00029.wav`."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.stem if path.suffix.lower() in SUFFIXES else path.name


def read_text(file: Path, hint: str) -> str:
    """A whole text file.

    Raises
    ------
    DatasetError
        It can't be read, or is no UTF-8; with a hint of what was expected.
    """
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise cannot_read(file, str(error.strerror), hint) from error
    except UnicodeDecodeError as error:
        raise not_utf8(file, hint) from error


def with_split(
    listing: SourceListing, files: Sequence[Path], place: Callable[[str], Path]
) -> SourceListing:
    """A listing with the sides that split files give, and without the songs that none of them names.

    Parameters
    ----------
    listing : SourceListing
        All songs of the data set.
    files : sequence of Path
        Texts with a song a line, whose names tell the side, or CSV or TSV with path and side
        columns; no files leave the listing as it is.
    place : function of a song's name to its Path
        Where a song lies that a split file names; its stem is what songs are known by.

    Raises
    ------
    UsageError
        A file's name does not tell its side, or training or testing would have no song.
    DatasetError
        A file can't be read, puts a song on a second side, or names mostly unknown songs.
    """
    if not files:
        return listing
    named = _sides_by_song([line for file in files for line in _lines(file)], place)
    known = {path.stem for path in listing.genres} | {item.path.stem for item in listing.rejected}
    unknown = {song: line for song, line in named.items() if song not in known}
    _check_known(list(named.values()), list(unknown.values()))
    used = {path: genre for path, genre in listing.genres.items() if path.stem in named}
    sides = {path: named[path.stem].side for path in used}
    _check_both_sides(sides)
    return SourceListing(
        used,
        sides,
        (
            *listing.rejected,
            *(
                Rejected(path, Reason.NOT_IN_SPLIT, "s" if len(files) > 1 else "")
                for path in listing.genres
                if path not in used
            ),
            *(Rejected(place(line.name), Reason.NAMED_ONLY, line.file.name) for line in unknown.values()),
        ),
        listing.passed_over,
    )


def _sides_by_song(lines: Sequence[_Line], place: Callable[[str], Path]) -> dict[str, _Line]:
    named: dict[str, _Line] = {}
    for line in lines:
        first = named.setdefault(place(line.name).stem, line)
        if first.side != line.side:
            raise song_on_two_sides(line.name, (str(line), line.side), (str(first), first.side))
    return named


def _check_known(lines: Sequence[_Line], unknown: Sequence[_Line]) -> None:
    n_lines = Counter(line.file for line in lines)
    n_unknown = Counter(line.file for line in unknown)
    for line in unknown:
        if 2 * n_unknown[line.file] > n_lines[line.file]:
            raise mostly_unknown_songs(
                line.file,
                n_unknown=n_unknown[line.file],
                n_songs=n_lines[line.file],
                example=line.name,
                line=line.number,
            )


def _check_both_sides(sides: Mapping[Path, SourceSide]) -> None:
    for side in ("train", "test"):
        if side not in sides.values():
            raise empty_side(side)


def _lines(file: Path) -> list[_Line]:
    """All lines of a split file that name a song."""
    text = read_text(file, GIVE_SPLIT_FILE)
    is_table = file.suffix.lower() in (".csv", ".tsv")
    lines = list(_of_table(file, text) if is_table else _of_list(file, text))
    if not lines:
        raise no_song_named(file)
    return lines


def _of_list(file: Path, text: str) -> Iterator[_Line]:
    side = _side_by_name(file)
    for number, line in enumerate(text.splitlines(), 1):
        name = line.strip()
        if name and not name.startswith("#"):
            yield _Line(file, number, name, side)


def _side_by_name(file: Path) -> SourceSide:
    words = re.split("[^a-z]+", file.stem.casefold())
    sides = {_SIDES[word] for word in words if word in _SIDES}
    if len(sides) != 1:
        raise side_not_named(file)
    return sides.pop()


def _of_table(file: Path, text: str) -> Iterator[_Line]:
    comma = "\t" if file.suffix.lower() == ".tsv" else ","
    rows = [[cell.strip(' "') for cell in line.split(comma)] for line in text.splitlines()]
    header = [name.casefold() for name in rows[0]] if rows else []
    path_at = next((i for i, name in enumerate(header) if name in _PATH_COLUMNS), None)
    side_at = next((i for i, name in enumerate(header) if name in _SIDE_COLUMNS), None)
    if path_at is None or side_at is None:
        raise column_lacking(file, "path" if path_at is None else "side")
    for number, row in enumerate(rows[1:], 2):
        side = side_of(row[side_at]) if len(row) == len(header) else None
        if side is not None and row[path_at]:
            yield _Line(file, number, row[path_at], side)
        elif any(row):
            raise row_without_side(file, number, comma.join(row))
