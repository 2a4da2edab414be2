"""Several files of a folder changed at once, or none: staged, written down, then moved to their places.

What a change replaces or removes is kept in a hidden folder, so that the last five can be taken back,
one after the other.
A process killed before its journal is there has changed nothing; the next one finishes what a journal
says. A file that a person changed meanwhile is left as it is.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.errors import StorageError
from groovecli.files import exclusive, read_json, sha256_hex, storage_errors, write_bytes, write_json
from groovecli.library.tracks import PLAYLISTS_HIDDEN, PLAYLISTS_MANIFEST, PLAYLISTS_PAGE
from groovecli.playlists.manifest import is_own_name

HIDDEN = PLAYLISTS_HIDDEN
_JOURNAL = "journal.json"
_NEXT, _UNDO = "next", "undo"
N_KEPT = 5
"""How many changes can be taken back."""
_UNDOS = (_UNDO, *(f"{_UNDO}-{number}" for number in range(2, N_KEPT + 1)))
"""The last change, the one before it, and so on."""
_CHANGES = "changes.json"
_UNCHANGED = "unchanged"
_STAGED = re.compile(r"(new|old)-\d+")


@dataclass(frozen=True)
class Change:
    """A file of the folder that comes, is replaced, or goes.

    `new` and `old` are files of the hidden folder: what it is to be, and what it was; None for none.
    """

    name: str
    new: str | None
    old: str | None
    sha256: str | None = None
    was: str | None = None


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Be the only one at work in a folder, after what a killed process left there is finished.

    A folder that is made for it, and stays empty, is removed.

    Raises
    ------
    StorageError
        The folder can't be written.
    DatasetError
        Another process is at work there.
    """
    made = [each for each in (folder / HIDDEN, folder, *folder.parents) if not each.exists()]
    try:
        with exclusive(folder / HIDDEN):
            recover(folder)
            yield
    finally:
        hidden = folder / HIDDEN
        if made and set(_names_in(hidden)) <= {".lock"}:
            shutil.rmtree(hidden, ignore_errors=True)
            with suppress(OSError):
                for each in made[1:]:
                    each.rmdir()


def _names_in(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


class Staged:
    """Files that are to come into a folder, as yet in its hidden one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = folder / HIDDEN / _NEXT
        self.changes: list[Change] = []
        shutil.rmtree(self.place, ignore_errors=True)

    def write(self, name: str, data: bytes) -> None:
        """Let a file have these bytes."""
        new = f"new-{len(self.changes)}"
        write_bytes(self.place / new, data)
        self._add(name, new, sha256_hex(data))

    def take(self, name: str, source: Path) -> None:
        """Let a file be what another one is now, with its time."""
        new = f"new-{len(self.changes)}"
        sha256 = _sha256_of(source)
        _linked(source, self.place / new)
        self._add(name, new, sha256)

    def remove(self, name: str) -> None:
        """Let a file go."""
        self._add(name, None, None)

    def _add(self, name: str, new: str | None, sha256: str | None) -> None:
        path, old = self.folder / name, None
        was = _sha256_of(path)
        if was is not None:
            old = f"old-{len(self.changes)}"
            _linked(path, self.place / old)
        self.changes.append(Change(name, new, old, sha256, was))

    def commit(self, *, for_undo: bool = True) -> None:
        """Make the changes, all of them or none.

        Parameters
        ----------
        for_undo : bool
            Whether they can be taken back; otherwise they take the last ones back.

        Raises
        ------
        StorageError
            The folder is as it was.
        """
        journal = self.folder / HIDDEN / _JOURNAL
        value = {"undo": for_undo, "back": False, "changes": [vars(each) for each in self.changes]}
        write_json(journal, value)
        try:
            with storage_errors(self.folder):
                _apply(self.folder, self.changes)
        except BaseException:
            with suppress(Exception):
                write_json(journal, value | {"back": True})
            _take_back(self.folder, self.changes)
            journal.unlink(missing_ok=True)
            self.drop()
            raise
        with suppress(StorageError):  # all is in its place, and the next run tidies up
            _finish(self.folder, for_undo=for_undo)

    def drop(self) -> None:
        """Forget what was staged, unless a journal has it."""
        if not (self.folder / HIDDEN / _JOURNAL).exists():
            shutil.rmtree(self.place, ignore_errors=True)


def _linked(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the disk can't do that."""
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)


def _sha256_of(path: Path) -> str | None:
    try:
        return None if path.is_symlink() else sha256_hex(path.read_bytes())
    except OSError:
        return None


def _apply(folder: Path, changes: Iterable[Change]) -> None:
    """Move what is staged to its place; what was moved already is passed over."""
    place = folder / HIDDEN / _NEXT
    for change in changes:
        path = folder / change.name
        if os.path.lexists(path) and _sha256_of(path) not in (change.was, change.sha256):
            continue  # a person changed it meanwhile
        if change.new is None:
            path.unlink(missing_ok=True)
        elif os.path.lexists(place / change.new):
            os.replace(place / change.new, path)


def _take_back(folder: Path, changes: Sequence[Change]) -> None:
    """Put back what was there before."""
    place = folder / HIDDEN / _NEXT
    for change in reversed(changes):
        path = folder / change.name
        if os.path.lexists(path) and _sha256_of(path) not in (change.was, change.sha256):
            continue
        with suppress(OSError):
            if change.old is None:
                path.unlink(missing_ok=True)
            elif _sha256_of(path) != change.was and os.path.lexists(place / change.old):
                os.replace(place / change.old, path)


def _finish(folder: Path, *, for_undo: bool) -> None:
    """Keep what was replaced before what earlier runs replaced, and end the journal."""
    hidden = folder / HIDDEN
    with storage_errors(hidden):
        if not for_undo:
            shutil.rmtree(hidden / _UNDO, ignore_errors=True)
            shutil.rmtree(hidden / _NEXT, ignore_errors=True)
            (hidden / _JOURNAL).unlink(missing_ok=True)
            _close_gap(hidden)
            return
        if (hidden / _NEXT).exists():
            if (hidden / _UNDO).exists():
                (hidden / _UNDO / _UNCHANGED).unlink(missing_ok=True)  # that run is not the last any more
                _make_room(hidden)
            os.replace(hidden / _NEXT, hidden / _UNDO)
        (hidden / _UNDO).mkdir(exist_ok=True)
        os.replace(hidden / _JOURNAL, hidden / _UNDO / _CHANGES)


def _make_room(hidden: Path) -> None:
    """Let each change be one further back; the last is forgotten, unless a killed process left a gap."""
    last = next((i for i, name in enumerate(_UNDOS) if not (hidden / name).exists()), len(_UNDOS) - 1)
    shutil.rmtree(hidden / _UNDOS[last], ignore_errors=True)
    for number in range(last, 0, -1):
        os.replace(hidden / _UNDOS[number - 1], hidden / _UNDOS[number])


def _close_gap(hidden: Path) -> None:
    """Let the changes that can be taken back begin with the last one."""
    there = [name for name in _UNDOS if (hidden / name).exists()]
    for name, free in zip(there, _UNDOS, strict=False):
        if name != free:
            os.replace(hidden / name, hidden / free)


def recover(folder: Path) -> None:
    """Finish what a killed process left half done."""
    hidden = folder / HIDDEN
    if not (hidden / _JOURNAL).exists():
        shutil.rmtree(hidden / _NEXT, ignore_errors=True)
        with storage_errors(hidden):
            _close_gap(hidden)
        return
    value = read_json(hidden / _JOURNAL)
    changes = _changes(value) or []
    if not changes or value.get("back"):
        _take_back(folder, changes)
        (hidden / _JOURNAL).unlink(missing_ok=True)
        shutil.rmtree(hidden / _NEXT, ignore_errors=True)
        return
    if (hidden / _NEXT).exists():
        with storage_errors(folder):
            _apply(folder, changes)
    _finish(folder, for_undo=bool(value.get("undo")))


def coming(folder: Path) -> dict[str, str]:
    """Files of a half done change, and the SHA-256 that they are to have, or have already."""
    changes = _changes(read_json(folder / HIDDEN / _JOURNAL))
    return {each.name: each.sha256 for each in changes or () if each.sha256}


def is_damaged(folder: Path) -> bool:
    """Whether a killed process left a journal in a folder that can't be finished or taken back."""
    path = folder / HIDDEN / _JOURNAL
    return os.path.lexists(path) and not _changes(read_json(path))


def last_changes(folder: Path) -> list[Change] | None:
    """What the last run that changed something did, and can be taken back; None where that is damaged."""
    path = folder / HIDDEN / _UNDO / _CHANGES
    return _changes(read_json(path)) if os.path.lexists(path) else []


def note_unchanged(folder: Path) -> None:
    """Note that the last run changed nothing, where there is one before it that can be taken back."""
    path = folder / HIDDEN / _UNDO / _UNCHANGED
    if path.parent.is_dir() and not path.exists():
        with storage_errors(path):
            path.touch()


def pop_unchanged(folder: Path) -> bool:
    """Whether the last run changed nothing; the next time it is asked, the run before counts."""
    path = folder / HIDDEN / _UNDO / _UNCHANGED
    is_noted = path.exists()
    with storage_errors(path):
        path.unlink(missing_ok=True)
    return is_noted


def undone(folder: Path, changes: Iterable[Change]) -> list[str]:
    """Take changes of the last run back; what a person changed since is left alone, and returned."""
    staged = Staged(folder)
    place = folder / HIDDEN / _UNDO
    left: list[str] = []
    for change in changes:
        is_as_left = _sha256_of(folder / change.name) == change.sha256
        if not is_as_left or (change.sha256 is None and os.path.lexists(folder / change.name)):
            left.append(change.name)
        elif change.old is None:
            staged.remove(change.name)
        elif _sha256_of(place / change.old) == change.was:
            staged.take(change.name, place / change.old)
    staged.commit(for_undo=False)
    return left


def _changes(value: Any) -> list[Change] | None:
    """The changes of a journal, in which anything may stand; None where one leads out of the folder."""
    items = value.get("changes") if isinstance(value, dict) else None
    if not isinstance(items, list):
        return None
    found = []
    for each in items:
        try:
            change = Change(**each)
        except TypeError:
            return None
        texts = (change.new, change.old, change.sha256, change.was)
        if not isinstance(change.name, str) or not all(isinstance(text, str | None) for text in texts):
            return None
        if not all(_STAGED.fullmatch(name) for name in (change.new, change.old) if name is not None):
            return None
        if change.name not in (PLAYLISTS_MANIFEST, PLAYLISTS_PAGE) and not is_own_name(change.name):
            return None
        found.append(change)
    return found
