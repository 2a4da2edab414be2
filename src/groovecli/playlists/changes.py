"""What a run changes in a folder of playlists, list by list and song by song."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groovecli.playlists.lasting import Lasting


@dataclass(frozen=True)
class ListChange:
    """What becomes of a list.

    `kind` is new, gone, renamed, changed or same. `came` are songs that were in no list, `left` those
    that are in none now; `moved` are songs that were in another list, with its name. `lost` are those
    that left because their file is not there.
    """

    kind: str
    id: str
    name: str
    was: str = ""
    n_before: int = 0
    n_after: int = 0
    came: tuple[Path, ...] = ()
    moved: tuple[tuple[Path, str], ...] = ()
    left: tuple[Path, ...] = ()
    lost: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        return {
            "change": self.kind,
            "id": self.id,
            "name": self.name,
            "was": self.was or None,
            "songs_before": self.n_before,
            "songs": self.n_after,
            "come": [str(path) for path in self.came],
            "moved": [{"path": str(path), "from": name} for path, name in self.moved],
            "left": [str(path) for path in self.left],
            "lost": [str(path) for path in self.lost],
        }


def changes(
    lists: Lasting,
    names: Mapping[int, tuple[str, str]],
    before: Mapping[str, str],
    stayed: Mapping[str, int],
) -> tuple[ListChange, ...]:
    """What becomes of each list of this run and of the last.

    Parameters
    ----------
    names : mapping
        Id and name of each playlist that is written, by its number.
    before : mapping
        The names that lists had after the last run, by id: a person may have given them others since.
    stayed : mapping
        How many songs lists have that stay as a person made them, or as they were, by id.
    """
    home = {
        row: number
        for number, rows in enumerate(lists.old_rows)
        if number not in lists.deleted
        for row in rows
    }
    now = {row for number in names for row in lists.rows[number]}
    found = [_of_list(lists, number, *names[number], home, before) for number in names]
    written = {lists.numbers[number] for number in names} | lists.frozen
    for number, old in enumerate(lists.old):
        left = [line for line in old.songs if (row := lists.find.of(line)) is None or row not in now]
        paths = tuple(lists.find.path(line) for line in left)
        lost = tuple(path for path in paths if not path.exists())
        if number in lists.frozen:
            if old.id in stayed:
                found.append(ListChange("same", old.id, old.name, "", stayed[old.id], stayed[old.id]))
        elif number in written:
            if paths:
                at = next(i for i, each in enumerate(found) if each.id == old.id)
                kind = "changed" if found[at].kind == "same" else found[at].kind
                found[at] = replace(found[at], kind=kind, left=paths, lost=lost)
        elif number not in lists.deleted:
            found.append(ListChange("gone", old.id, old.name, "", len(old.songs), left=paths, lost=lost))
    return tuple(found)


def _of_list(
    lists: Lasting,
    number: int,
    id: str,
    name: str,
    home: Mapping[int, int],
    before: Mapping[str, str],
) -> ListChange:
    playlist, old = lists.playlists[number], lists.of(number)
    own = lists.numbers[number]
    came, moved = [], []
    for row, entry in zip(lists.rows[number], playlist.entries, strict=True):
        was_in = home.get(row)
        if was_in is None:
            came.append(entry.path)
        elif was_in != own:
            moved.append((entry.path, lists.old[was_in].name))
    kind = "same"
    if old is None or own in lists.deleted:
        kind = "new"
    elif before.get(id, old.name) != name:
        kind = "renamed"
    elif came or moved or len(old.songs) != len(playlist.entries):
        kind = "changed"
    was, n_before = (before.get(id, old.name), len(old.songs)) if old else ("", 0)
    return ListChange(
        kind,
        id,
        name,
        was if kind == "renamed" else "",
        n_before,
        len(playlist.entries),
        tuple(came),
        tuple(moved),
    )
