"""The genre of a file: from the first folder below the library, the first two, or the genre tag."""

from __future__ import annotations

import os
import statistics
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from groovecli.audio.tags import primary_genre
from groovecli.library.genres import (
    OTHER,
    chosen_genres,
    folded,
    genre_name,
    is_reserved,
    one_spelling,
    parent_of,
    sub_genre,
)
from groovecli.library.tracks import Rejected, Track
from groovecli.messages.library import labels_not_genres, levels_not_genres, no_genres_in
from groovecli.reasons import Reason

LabelFrom = Literal["folder", "tag"]
LABEL_FROM: tuple[LabelFrom, ...] = get_args(LabelFrom)

MAX_GENRES = 40
MIN_MEDIAN_SONGS = 5


@dataclass(frozen=True)
class Labelled:
    """Genre of each path, and the paths that have none."""

    genres: Mapping[Path, str]
    loose: tuple[Rejected, ...]


def by_folder(library: Path, files: Iterable[Path], *, depth: int = 1) -> Labelled:
    """Label files by the first folder below the library, at any depth under it.

    At depth 2, by the first two: `rock/punk`. A song that lies beside its genre's sub-folders is of
    `rock/other`; of `rock` where there are none.
    """
    genres: dict[Path, str] = {}
    subgenres: dict[Path, str | None] = {}
    loose = []
    prefix = _prefix(library)
    for path in files:
        parts = os.fspath(path).removeprefix(prefix).split(os.sep, 2)
        if len(parts) > 1 and not genre_name(parts[0]).strip():
            loose.append(Rejected(path, Reason.LOOSE))
        elif len(parts) > 1 and is_reserved(parts[0]):
            loose.append(Rejected(path, Reason.RESERVED, parts[0]))
        elif len(parts) > 1:
            genres[path] = sys.intern(genre_name(parts[0]))  # one text for all songs of a folder
            if depth > 1:
                subgenres[path] = genre_name(parts[1]) if len(parts) > 2 else None
        else:
            loose.append(Rejected(path, Reason.LOOSE))
    if depth > 1:
        genres = _divided(genres, subgenres)
    return Labelled(genres, tuple(loose))


def _prefix(folder: Path) -> str:
    """What the paths below a folder begin with."""
    return "" if folder == Path() else os.path.join(folder, "")


def _divided(genres: Mapping[Path, str], subgenres: Mapping[Path, str | None]) -> dict[Path, str]:
    """Genre and sub-genre of each file, from its first two folders."""
    divided = {folded(genre) for path, genre in genres.items() if subgenres[path] is not None}
    return {
        path: sub_genre(genre, subgenres[path] or OTHER) if folded(genre) in divided else genre
        for path, genre in genres.items()
    }


def by_tag(tracks: Iterable[Track]) -> Labelled:
    """Label tracks by the first genre of their tag, in lower case."""
    genres: dict[Path, str] = {}
    loose = []
    for track in tracks:
        genre = genre_name(primary_genre(track.tags))
        if genre and is_reserved(genre):
            loose.append(Rejected(track.path, Reason.RESERVED, genre))
        elif genre:
            genres[track.path] = genre
        else:
            loose.append(Rejected(track.path, Reason.NO_GENRE_TAG))
    return Labelled(genres, tuple(loose))


def selected(labelled: Labelled, wanted: Sequence[str], *, depth: int = 1) -> Labelled:
    """Only the files of some genres, whose case does not matter; at depth 2 a parent is all its own.

    Raises
    ------
    UsageError
        A genre is not there.
    """
    chosen = chosen_genres(labelled.genres.values(), wanted, depth)
    return Labelled({p: g for p, g in labelled.genres.items() if g in chosen}, labelled.loose)


def named_once(
    labelled: Labelled, known: Collection[str], *, depth: int = 1
) -> tuple[Labelled, dict[str, str]]:
    """One name for genres that differ in their case alone, and which of them got another name.

    `known` genres keep theirs. At depth 2 so do parents.
    """
    genres = dict(labelled.genres)
    if depth > 1:
        parents = one_spelling(map(parent_of, genres.values()), map(parent_of, known))
        genres = {path: _below(genre, parents) for path, genre in genres.items()}
    others = one_spelling(genres.values(), known)
    genres = {path: others.get(genre, genre) for path, genre in genres.items()}
    renamed = {old: genres[path] for path, old in labelled.genres.items() if genres[path] != old}
    return Labelled(genres, labelled.loose), renamed


def _below(genre: str, parents: Mapping[str, str]) -> str:
    """A genre under its parent's other name, if it has one."""
    parent = parent_of(genre)
    return parents.get(parent, parent) + genre[len(parent) :]


def looks_like_genres(genres: Collection[str]) -> bool:
    """Whether labels, one per song, are few and common enough to be genres."""
    counts = Counter(genres)
    return 0 < len(counts) <= MAX_GENRES and statistics.median(counts.values()) >= MIN_MEDIAN_SONGS


def check_are_genres(
    library: Path,
    labelled: Labelled,
    label_from: LabelFrom,
    *,
    depth: int = 1,
    options: str = "",
    command: str = "ingest",
) -> None:
    """Refuse folders that are artists or albums, at either level.

    `options` are those of the `command`, with a space before them, that commands in hints are to have, too.

    Raises
    ------
    LibraryError
        The library has no genres, too many, or hardly a song in most of them.
    """
    counts = Counter(labelled.genres.values())
    if not counts:
        raise no_genres_in(library, label_from, options, command=command)
    if depth > 1:
        _check_levels(library, list(labelled.genres.values()), options)
    elif not looks_like_genres(labelled.genres.values()):
        raise labels_not_genres(
            library,
            label_from,
            options,
            n_labels=len(counts),
            median=statistics.median(counts.values()),
            most_genres=MAX_GENRES,
            least_median=MIN_MEDIAN_SONGS,
            command=command,
        )


def _check_levels(library: Path, genres: Sequence[str], options: str) -> None:
    """Raise a LibraryError if the folders of one of two levels don't look like genres."""
    parents = [parent_of(genre) for genre in genres]
    n_children = Counter(parent_of(genre) for genre in set(genres))
    most, n_most = n_children.most_common(1)[0]
    if looks_like_genres(parents) and n_most <= MAX_GENRES and _median(genres) >= MIN_MEDIAN_SONGS:
        return
    raise levels_not_genres(
        library,
        options,
        n_folders=(len(n_children), len(set(genres))),
        medians=(_median(parents), _median(genres)),
        fullest=(most, n_most),
        most_genres=MAX_GENRES,
        least_median=MIN_MEDIAN_SONGS,
    )


def _median(genres: Sequence[str]) -> float:
    return statistics.median(Counter(genres).values())


def genres_of(tracks: Sequence[Track], known: Mapping[str, str], roots: Sequence[Path]) -> list[str]:
    """Genre of each track where it is known, else an empty string.

    What the catalogue says goes first, then the genre tag, then the folder below the library, if
    these look like genres.
    """
    genres = [known.get(track.id, "") for track in tracks]
    if all(genres):
        return genres
    folders: dict[Path, str] = {}
    for root in roots:
        if root.is_dir():
            prefix = _prefix(root.absolute())
            below = [track.path for track in tracks if os.fspath(track.path).startswith(prefix)]
            folders |= by_folder(root.absolute(), below).genres
    if not looks_like_genres(folders.values()):
        folders = {}
    return [
        genre or folders.get(track.path, "") or primary_genre(track.tags)
        for genre, track in zip(genres, tracks, strict=True)
    ]
