"""The Free Music Archive's small and medium sets (Defferrard et al. 2017), with their official split."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from groovecli.library import walk
from groovecli.library.genres import genre_name
from groovecli.library.sources.listing import SourceListing, SourceSide, side_of, song_name, with_split
from groovecli.library.sources.source import Source
from groovecli.library.tracks import Rejected
from groovecli.messages.sources import (
    bad_fma_row,
    cannot_read,
    fma_columns_lacking,
    fma_table_not_csv,
    no_fma_songs,
    no_fma_table,
    several_fma_folders,
)
from groovecli.reasons import Problem, Reason

# Each set holds the smaller ones, too.
_SUBSETS = {"fma_small": ("small",), "fma_medium": ("small", "medium")}
_ARCHIVES = (*_SUBSETS, "fma_large", "fma_full")
_ALL = ("small", "medium", "large")
_COLUMNS = (("set", "split"), ("set", "subset"), ("track", "genre_top"))
_TABLE = "tracks.csv"


@dataclass(frozen=True)
class _Row:
    """What tracks.csv says of one song; the genre may be empty."""

    side: SourceSide
    subset: str
    genre: str


def listing(root: Path, split_files: Sequence[Path] = ()) -> SourceListing:
    """The songs of FMA with their top genres and official sides.

    Parameters
    ----------
    root : Path
        `fma_small` or `fma_medium`, where no song of that set may be missing, a folder of another
        name with whatever songs are there, or a folder that holds one of these.
    split_files : sequence of Path
        Another split than the official one; see `with_split`.

    Raises
    ------
    LibraryError
        There are no songs, or no tracks.csv beside them.
    DatasetError
        tracks.csv is not as published, or a split file can't be used.
    UsageError
        A split file is malformed.
    """
    root = Path(os.path.abspath(root))
    folder = _songs_folder(root)
    listed = walk.list_audio(folder)
    rows = _read_rows(_table(root, folder))
    subsets = _SUBSETS.get(folder.name, _ALL)
    problems = {path: why for path in listed.files if (why := _problem(rows.get(path.stem), subsets))}
    used = {path: rows[path.stem] for path in listed.files if path not in problems}
    missing = _missing(folder, listed.files, rows)
    if not used:
        raise no_fma_songs(folder)
    official = SourceListing(
        {path: row.genre for path, row in used.items()},
        {path: row.side for path, row in used.items()},
        (*listed.rejected, *(Rejected.by(path, why) for path, why in problems.items()), *missing),
        listed.passed_over,
    )
    return with_split(official, split_files, partial(_place, folder))


def _songs_folder(root: Path) -> Path:
    """`root`, or the one of FMA's folders in it."""
    folders = [root / name for name in _ARCHIVES if (root / name).is_dir()]
    if len(folders) > 1:
        raise several_fma_folders(root, [folder.name for folder in folders])
    return folders[0] if folders else root


def _table(root: Path, folder: Path) -> Path:
    """tracks.csv in or beside the songs' folder, or in fma_metadata there."""
    for near in dict.fromkeys((folder, folder.parent, root, root.parent)):
        for file in (near / _TABLE, near / "fma_metadata" / _TABLE):
            if file.is_file():
                return file
    raise no_fma_table(folder)


def _problem(row: _Row | None, subsets: Collection[str]) -> Problem | None:
    """Why a file is not used, if it is not."""
    if row is None:
        return Problem(Reason.NOT_IN_TABLE, _TABLE)
    if row.subset not in subsets:
        return Problem(Reason.OTHER_SUBSET, row.subset)
    return None if row.genre else Problem(Reason.NO_TOP_GENRE, _TABLE)


def _missing(folder: Path, files: Sequence[Path], rows: Mapping[str, _Row]) -> Iterator[Rejected]:
    """Songs of the folder's set that are not in it; only the small and the medium set are closed."""
    songs = {path.stem for path in files}
    for song, row in rows.items():
        if row.subset in _SUBSETS.get(folder.name, ()) and song not in songs:
            yield Rejected(_place(folder, song), Reason.NAMED_ONLY, _TABLE)


def _place(folder: Path, name: str) -> Path:
    song = song_name(name).zfill(6)
    return folder / song[:3] / f"{song}.mp3"


def _read_rows(file: Path) -> dict[str, _Row]:
    """The rows of tracks.csv by the name of the song's file, such as `000002`."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text, _long_fields():
            return dict(_parsed(file, csv.reader(text)))
    except OSError as error:
        raise cannot_read(file, str(error.strerror)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise fma_table_not_csv(file, str(error)) from error


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let the csv module read artists' biographies of any length."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _parsed(file: Path, lines: Iterator[list[str]]) -> Iterator[tuple[str, _Row]]:
    # Columns have a name of two levels; the third line names the index, which is the first column.
    header = list(zip(next(lines, []), next(lines, []), strict=False))
    absent = [name for name in _COLUMNS if name not in header]
    if absent or next(lines, [])[:1] != ["track_id"]:
        raise fma_columns_lacking(file, ["/".join(name) for name in absent] or ["track_id"])
    split, subset, genre = (header.index(name) for name in _COLUMNS)
    for number, row in enumerate(lines, 1):
        side = side_of(row[split]) if len(row) == len(header) else None
        if side is None or row[subset] not in _ALL or not row[0].isdecimal():
            raise bad_fma_row(file, number, ",".join(row))
        yield row[0].zfill(6), _Row(side, row[subset], genre_name(row[genre].strip()))


FMA = Source(
    name="fma",
    listing=lambda root, files: listing(root, files.split_files),
    takes=("--split-file",),
)
