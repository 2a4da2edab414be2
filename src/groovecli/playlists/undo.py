"""The last run in a folder of playlists, taken back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from groovecli.library.tracks import PLAYLISTS_MANIFEST
from groovecli.messages.playlists import (
    journal_damaged,
    last_run_changed_nothing,
    nothing_to_undo,
    undo_damaged,
)
from groovecli.paths import StrPath, as_path
from groovecli.playlists import journal
from groovecli.playlists.standing import Kept
from groovecli.reasons import Reason


@dataclass(frozen=True)
class Undone:
    """What was put back or removed when the last run was taken back, and what was left alone."""

    restored: tuple[Path, ...]
    removed: tuple[Path, ...]
    kept: tuple[Kept, ...]
    notes: tuple[str, ...] = ()


def undo_playlists(folder: StrPath) -> Undone:
    """Take the last run in a folder back, byte for byte; what a person changed since stays.

    Raises
    ------
    LibraryError
        There is no run that could be taken back, or what it changed is not known; or the last run
        changed nothing: asked again, the run before it is taken back.
    StorageError
        The folder can't be written, and is as it was.
    """
    folder = as_path(folder, "undo_playlists", "folder")
    if not (folder / journal.HIDDEN).is_dir():
        raise nothing_to_undo(folder)
    notes = (journal_damaged(folder),) if journal.is_damaged(folder) else ()
    with journal.at_work(folder):
        changes = journal.last_changes(folder)
        if changes is None:
            raise undo_damaged(folder)
        if changes and journal.pop_unchanged(folder):
            raise last_run_changed_nothing(folder)
        if not changes:
            raise nothing_to_undo(folder)
        left = journal.undone(folder, changes)
        is_first = not (folder / PLAYLISTS_MANIFEST).exists()
    if is_first:
        shutil.rmtree(folder / journal.HIDDEN, ignore_errors=True)
    done = [each for each in changes if each.name not in left and each.name != PLAYLISTS_MANIFEST]
    return Undone(
        tuple(folder / each.name for each in done if each.old is not None),
        tuple(folder / each.name for each in done if each.old is None),
        tuple(Kept(folder / name, Reason.EDITED) for name in left),
        notes,
    )
