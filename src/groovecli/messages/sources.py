"""What goes wrong with published data sets, and with the files that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groovecli.errors import DatasetError, GrooveError, LibraryError, UsageError

GIVE_TAGTRAUM = "take a file such as msd_tagtraum_cd2c.cls.zip from tagtraum.com/msd_genre_datasets.html"
"""What to do about a file that should be tagtraum's genres."""

GIVE_SPLIT_FILE = "a split file has one song per line, or is CSV with the columns path and side"
"""What to do about a file that should be a split file."""

_GIVE_MSD = "give the folder with the Million Song Dataset's songs, such as A/B/C/TRABCXX128F1234567.h5"


# Any source


def unknown_source(name: str) -> DatasetError:
    """A dataset is of a source that only a later groove knows."""
    return DatasetError(f"a newer groove made this dataset, from the source {name!r}", "upgrade groove")


def cannot_read(file: Path, reason: str, hint: str = "") -> DatasetError:
    """The system refused to read a file, for a reason in its words; `hint` says what was expected."""
    return DatasetError(
        f"cannot read {file}: {reason}", hint or "make that file readable, then run it again"
    )


def not_utf8(file: Path, hint: str) -> DatasetError:
    """A file that should be text is in another encoding; `hint` says what was expected."""
    return DatasetError(f"{file} is not text in UTF-8", hint)


# Split files


def song_on_two_sides(song: str, second: tuple[str, str], first: tuple[str, str]) -> DatasetError:
    """Two lines of split files contradict each other: each is a place and the side that it gives."""
    return DatasetError(
        f"{second[0]} puts {song} in {second[1]}, but {first[0]} puts it in {first[1]}",
        "put each song on one side only in the split files",
    )


def mostly_unknown_songs(
    file: Path, *, n_unknown: int, n_songs: int, example: str, line: int
) -> DatasetError:
    """Most songs of a split file are none of the data set's; `example` is one, and its line."""
    return DatasetError(
        f"{n_unknown} of the {n_songs} songs in {file} are not in the data set,"
        f" such as {example!r} in line {line}",
        "give the split files that belong to this data set",
    )


def empty_side(side: str) -> UsageError:
    """A split has no song to train on, or none to test with."""
    return UsageError(
        f"the split files put no song of the data set in {side}",
        "give the files of all sides, each with its own `--split-file`",
    )


def no_song_named(file: Path) -> DatasetError:
    """A split file is empty, but for comments."""
    return DatasetError(f"{file} names no song", GIVE_SPLIT_FILE)


def side_not_named(file: Path) -> UsageError:
    """A split file's name has no word for a side, or words for several."""
    return UsageError(
        f"the name of {file} does not tell which side its songs are on",
        "name it train.txt, valid.txt or test.txt, or give CSV with the columns path and side",
    )


def column_lacking(file: Path, column: str) -> DatasetError:
    """A split in CSV does not have the column for the path, or for the side."""
    return DatasetError(
        f"{file} lacks a column {column!r} in its first line",
        "a split in CSV has the columns path and side; a side is train, validation or test",
    )


def row_without_side(file: Path, line: int, row: str) -> DatasetError:
    """A row of a split in CSV has no path, no side, or another number of cells."""
    return DatasetError(
        f"{file}, line {line} has no song with a side: {row!r}",
        "give each line a path and a side: train, validation or test",
    )


# GTZAN


def _give_gtzan(genres: Sequence[str]) -> str:
    return f"unpack GTZAN and give the folder that holds {', '.join(genres)}, such as blues/blues.00000.wav"


def no_gtzan_folders(root: Path, genres: Sequence[str]) -> LibraryError:
    """None of GTZAN's genre folders is in a folder."""
    return LibraryError(f"{root} does not hold GTZAN's genre folders", _give_gtzan(genres))


def gtzan_folders_lacking(folder: Path, lacking: Sequence[str], genres: Sequence[str]) -> LibraryError:
    """Not all of GTZAN's genre folders are in a folder."""
    return LibraryError(f"{folder} lacks the folders {', '.join(lacking)}", _give_gtzan(genres))


def gtzan_folders_empty(folder: Path, genres: Sequence[str]) -> LibraryError:
    """GTZAN's genre folders are there, but none of its songs."""
    return LibraryError(f"the genre folders in {folder} hold no songs", _give_gtzan(genres))


# The Free Music Archive


def no_fma_songs(folder: Path) -> LibraryError:
    """No song in a folder has a genre in FMA's table."""
    return LibraryError(
        f"{folder} holds no song that has a genre in tracks.csv",
        "give the unpacked fma_small or fma_medium, with songs such as 000/000002.mp3",
    )


def several_fma_folders(root: Path, names: Sequence[str]) -> LibraryError:
    """A folder holds more than one of FMA's sets."""
    return LibraryError(f"{root} holds {' and '.join(names)}", "give one of these folders")


def no_fma_table(folder: Path) -> LibraryError:
    """FMA's table lies nowhere near its songs."""
    return LibraryError(
        f"there is no tracks.csv in or beside {folder}",
        "unpack FMA's fma_metadata.zip, which holds it, into the same folder as the songs' archive",
    )


def _bad_fma_table(file: Path, why: str) -> DatasetError:
    return DatasetError(
        f"{file} is not FMA's tracks.csv: {why}",
        "take it as it is from fma_metadata.zip: three header lines, and the columns"
        " set/split, set/subset and track/genre_top",
    )


def fma_table_not_csv(file: Path, reason: str) -> DatasetError:
    """FMA's table can't be parsed, or is in another encoding."""
    return _bad_fma_table(file, f"it is not CSV in UTF-8 ({reason})")


def fma_columns_lacking(file: Path, columns: Sequence[str]) -> DatasetError:
    """FMA's table does not have the columns that it was published with."""
    return _bad_fma_table(file, f"its three header lines do not name {', '.join(columns)}")


def bad_fma_row(file: Path, number: int, row: str) -> DatasetError:
    """A row of FMA's table has another number of cells, or a malformed cell."""
    return _bad_fma_table(file, f"song {number} ({row[:40]!r}) has other cells than its header")


# The Million Song Dataset


def no_msd_folder(root: Path) -> LibraryError:
    """The data set's folder is missing, or is a file."""
    return LibraryError(f"{root} is not a folder", _GIVE_MSD)


def no_msd_songs(root: Path) -> LibraryError:
    """A folder has none of the data set's files, at any depth."""
    return LibraryError(f"there are no .h5 files in {root}", _GIVE_MSD)


def no_msd_genres(root: Path, n_songs: int, tagtraum: Path) -> LibraryError:
    """The file of genres is of other songs."""
    return LibraryError(f"no song of the {n_songs} in {root} has a genre in {tagtraum}", GIVE_TAGTRAUM)


def several_tagtraum_files(folder: Path, names: Sequence[str]) -> UsageError:
    """A folder has more than one file of genres to choose from."""
    return UsageError(f"{folder} holds {' and '.join(names)}", "choose one with `--tagtraum FILE`")


def no_tagtraum_file(root: Path) -> LibraryError:
    """No file of genres was given, and none lies near the songs."""
    return LibraryError(
        f"there is no msd_tagtraum_*.cls with the genres of the songs in or beside {root}",
        f"{GIVE_TAGTRAUM} and give it with `--tagtraum FILE`",
    )


def bad_tagtraum_line(file: Path, number: int, line: str) -> DatasetError:
    """A line of the file of genres is not as published."""
    return DatasetError(
        f"{file}, line {number} is not a track id, a tab and a genre: {line[:60]!r}", GIVE_TAGTRAUM
    )


def no_h5py() -> GrooveError:
    """The package that reads HDF5 is not installed."""
    return GrooveError(
        "reading the Million Song Dataset needs the package h5py", "install it: `pip install h5py`"
    )


# musiXmatch's lyrics


def bad_lyrics_line(path: Path, number: int, why: str) -> DatasetError:
    """A file of bags of words is not as published, from a line on."""
    return DatasetError(
        f"{path}, line {number}: {why}",
        "give mxm_dataset_train.txt and mxm_dataset_test.txt as musiXmatch published them",
    )


def lyrics_without_words(path: Path, number: int) -> DatasetError:
    """A file of bags of words ends before it said which words they are of."""
    return bad_lyrics_line(path, number, "the file ends without a line of words, which starts with %")
