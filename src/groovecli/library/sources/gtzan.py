"""GTZAN: ten folders of a hundred 30 s excerpts each (Tzanetakis and Cook 2002)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from groovecli.errors import AudioError
from groovecli.library import walk
from groovecli.library.sources.listing import SourceListing, song_name, with_split
from groovecli.library.sources.source import Source
from groovecli.library.tracks import Rejected
from groovecli.messages.sources import gtzan_folders_empty, gtzan_folders_lacking, no_gtzan_folders
from groovecli.reasons import Problem, Reason

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
SONGS_PER_GENRE = 100

# Where the genre folders lie in what is unpacked: Marsyas' archive, Kaggle's, and Kaggle's whole.
_PLACES = (".", "genres", "genres_original", "Data/genres_original")
_CORRUPT = "jazz.00054"  # in Kaggle's edition


def listing(root: Path, split_files: Sequence[Path] = ()) -> SourceListing:
    """The songs of GTZAN, and their sides if split files are given.

    The one to give is the fault-filtered split (Kereliuk, Sturm and Larsen 2015), which has no
    artist on two sides: three texts of paths such as `blues/blues.00029.wav`, or of the numbers of
    songs, 1 to 1000, as the authors published them. The audio ending may differ.

    Raises
    ------
    LibraryError
        The ten genre folders are not there.
    UsageError, DatasetError
        A split file is malformed; see `with_split`.
    """
    folder = _genres_folder(Path(os.path.abspath(root)))
    genres: dict[Path, str] = {}
    rejected: list[Rejected] = []
    passed_over = walk.PassedOver()
    for genre in GENRES:
        listed = walk.list_audio(folder / genre)
        problems = dict(_problems(genre, listed.files))
        genres.update((path, genre) for path in listed.files if path not in problems)
        rejected += listed.rejected
        passed_over += listed.passed_over
        rejected += (Rejected.by(path, problem) for path, problem in problems.items())
    if not genres:
        raise gtzan_folders_empty(folder, GENRES)
    return with_split(
        SourceListing(genres, {}, tuple(rejected), passed_over), split_files, partial(_place, folder)
    )


def _genres_folder(root: Path) -> Path:
    """The folder at or below `root` that holds the ten genres."""
    lacking: list[tuple[Path, list[str]]] = []
    for folder in (root / place for place in _PLACES):
        missing = [genre for genre in GENRES if not (folder / genre).is_dir()]
        if not missing:
            return folder
        if len(missing) < len(GENRES):
            lacking.append((folder, missing))
    raise gtzan_folders_lacking(*lacking[0], GENRES) if lacking else no_gtzan_folders(root, GENRES)


def _problems(genre: str, files: Sequence[Path]) -> Iterator[tuple[Path, Problem]]:
    """Files that can't be used, and why."""
    songs: dict[str, Path] = {}
    for path in files:
        first = songs.setdefault(path.stem, path)
        if not re.fullmatch(rf"{genre}\.\d{{5}}", path.stem):
            yield path, Problem(Reason.NO_SONG, "GTZAN")
        elif first != path:  # in .au and .wav
            yield path, Problem(Reason.SAME_SONG, first.name)
        elif path.stem == _CORRUPT and not _can_be_opened(path):
            yield path, Problem(Reason.CORRUPT, "GTZAN")


def _can_be_opened(path: Path) -> bool:
    from groovecli.audio.read import probe  # with what decodes

    try:
        probe(path)
    except AudioError:
        return False
    return True


def _place(folder: Path, name: str) -> Path:
    """Where a song lies by its name in a split file, or by its number there."""
    song = song_name(name)
    if re.fullmatch(r"\d{1,4}", song) and 1 <= int(song) <= len(GENRES) * SONGS_PER_GENRE:
        genre, number = divmod(int(song) - 1, SONGS_PER_GENRE)
        song = f"{GENRES[genre]}.{number:05d}"
    return folder / song.split(".")[0] / f"{song}.wav"


GTZAN = Source(
    name="gtzan",
    listing=lambda root, files: listing(root, files.split_files),
    takes=("--split-file",),
)
