"""The playlists of `groove cluster` as one page: names, songs, what they share, their piece of the map."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import numpy as np

from groovecli.actions.context import Context
from groovecli.actions.map.standing import Ground, standing
from groovecli.files import check_writable, storage_errors
from groovecli.messages import map as messages
from groovecli.playlists.folder import Stayed, WriteResult
from groovecli.playlists.layout import reduced
from groovecli.playlists.playlist import Entry
from groovecli.playlists.rows import Rows
from groovecli.reports.lists_page import PAGE, ListPart, is_lists_page, lists_page
from groovecli.reports.web.frame import Foot
from groovecli.reports.web.songs import Song

_MOST_NAMED = 3  # artists
_MADE = re.compile(rb"groove [\w.+-]+, \d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class PagePlan:
    """Of which library and model the page is, in which folder it stands."""

    library: Path
    folder: Path
    model: str
    seed: int


def check_page(folder: Path, *, is_wanted: bool) -> None:
    """Find out before the work whether the page can be written, if it is to be.

    Raises
    ------
    UsageError
        Another file is there.
    StorageError
        It can't be written there.
    """
    page = folder / PAGE
    if is_wanted:
        check_writable(page)
        if page.exists() and not is_lists_page(page):
            raise messages.no_lists_page_there(page)


def has_page(folder: Path) -> bool:
    """Whether a page of groove's is there, which is to be as the playlists are."""
    try:
        return is_lists_page(folder / PAGE)
    except OSError:  # it may not be read
        return False


def page_of(
    plan: PagePlan, result: WriteResult, entries: Sequence[Entry], vectors: Rows, context: Context
) -> bytes | None:
    """The page of all lists in the folder, or None where it is there already, made on any day.

    Raises
    ------
    StorageError
        Where the songs stand on the map can't be kept.
    """
    ground = Ground(plan.library, plan.model, plan.seed)
    laid = standing(reduced(vectors), [entry.id for entry in entries], ground, context)
    row = {Path(os.path.abspath(entry.path)): number for number, entry in enumerate(entries)}
    parts = [
        ListPart(
            name=written.name,
            file=os.path.relpath(written.path, plan.folder),
            sounds_like=playlist.exemplar.shown,
            shared=_shared(playlist.entries),
            songs=tuple(Song.at(entry.path, entry.shown, plan.folder) for entry in playlist.entries),
            rows=np.array([row[Path(os.path.abspath(entry.path))] for entry in playlist.entries], np.intp),
        )
        for written, playlist in zip(result.written, result.playlists, strict=True)
    ]
    parts += [_stayed(each, plan.folder, entries, row) for each in result.stayed]
    command = f"groove cluster {quote(str(plan.library))} --out {quote(str(plan.folder))} --page"
    data = lists_page(parts, laid.places, Foot(command=command, seed=plan.seed))
    with storage_errors(plan.folder / PAGE):
        is_same = has_page(plan.folder) and _undated((plan.folder / PAGE).read_bytes()) == _undated(data)
    return None if is_same else data


def _stayed(list: Stayed, folder: Path, entries: Sequence[Entry], row: Mapping[Path, int]) -> ListPart:
    """A list that a person changed, as its file is."""
    numbers = [row.get(song) for song in list.songs]
    known = [entries[number] for number in numbers if number is not None]
    return ListPart(
        name=list.name,
        file=os.path.relpath(list.path, folder),
        sounds_like="",
        shared=_shared(known),
        songs=tuple(
            Song.at(song, song.stem if number is None else entries[number].shown, folder)
            for song, number in zip(list.songs, numbers, strict=True)
        ),
        rows=np.array([number for number in numbers if number is not None], np.intp),
    )


def _undated(page: bytes) -> bytes:
    """A page without the day on which it was made."""
    return _MADE.sub(b"", page)


def _shared(entries: Sequence[Entry]) -> str:
    """What songs have in common, in words: genres and artists."""
    genres = Counter(entry.genre for entry in entries if entry.genre).most_common(2)
    artists = Counter(entry.artist for entry in entries if entry.artist).most_common(_MOST_NAMED)
    said = [messages.share_of(genre, n, len(entries)) for genre, n in genres]
    named = ", ".join(f"{artist} ({n})" if n > 1 else artist for artist, n in artists)
    return "; ".join([*said, *([f"most songs by {named}"] if named and artists[0][1] > 1 else [])])
