"""The playlists of `groove cluster` as one page: names, songs, what they share, their piece of the map."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import numpy as np

from groovecli.actions.context import Context
from groovecli.actions.map.standing import Ground, standing
from groovecli.files import check_writable
from groovecli.messages import map as messages
from groovecli.playlists.folder import WriteResult
from groovecli.playlists.layout import reduced
from groovecli.playlists.playlist import Entry
from groovecli.playlists.rows import Rows
from groovecli.reports.lists_page import PAGE, ListPart, is_lists_page, write_lists
from groovecli.reports.web.frame import Foot
from groovecli.reports.web.songs import Song

_MOST_NAMED = 3  # artists


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


def write_lists_page(
    plan: PagePlan, result: WriteResult, entries: Sequence[Entry], vectors: Rows, context: Context
) -> Path:
    """Write the page beside the playlists.

    Raises
    ------
    StorageError
        It can't be written.
    """
    ground = Ground(plan.library, plan.model, plan.seed)
    laid = standing(reduced(vectors), [entry.id for entry in entries], ground, context)
    row = {entry.path: number for number, entry in enumerate(entries)}
    parts = [
        ListPart(
            name=written.name,
            file=os.path.relpath(written.path, plan.folder),
            sounds_like=playlist.exemplar.shown,
            shared=_shared(playlist.entries),
            songs=tuple(Song.at(entry.path, entry.shown, plan.folder) for entry in playlist.entries),
            rows=np.array([row[entry.path] for entry in playlist.entries], np.intp),
        )
        for written, playlist in zip(result.written, result.playlists, strict=True)
    ]
    command = f"groove cluster {quote(str(plan.library))} --out {quote(str(plan.folder))} --page"
    return write_lists(plan.folder, parts, laid.places, Foot(command=command, seed=plan.seed))


def _shared(entries: Sequence[Entry]) -> str:
    """What songs have in common, in words: genres and artists."""
    genres = Counter(entry.genre for entry in entries if entry.genre).most_common(2)
    artists = Counter(entry.artist for entry in entries if entry.artist).most_common(_MOST_NAMED)
    said = [messages.share_of(genre, n, len(entries)) for genre, n in genres]
    named = ", ".join(f"{artist} ({n})" if n > 1 else artist for artist, n in artists)
    return "; ".join([*said, *([f"most songs by {named}"] if named and artists[0][1] > 1 else [])])
