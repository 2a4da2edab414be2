"""Something that can go, and what a kind of such things has to say and do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.actions.context import Context


@dataclass(frozen=True)
class Item:
    """Something that can go.

    Parameters
    ----------
    kind : str
        The kind's name.
    name : str
        Its name within its kind.
    size : int
        Bytes that are free without it.
    why : str
        Why it can go.
    n : int
        How many it is: files, songs, or 1 of what is one thing.
    path : Path, optional
        Its file or folder.
    files : tuple of Path
        The user's files that it stands for.
    doubt : str
        Why it stays all the same, unless that is insisted on.
    moved : tuple of Path
        Old paths of files that are at another place.
    """

    kind: str
    name: str
    size: int
    why: str
    n: int = 1
    path: Path | None = None
    files: tuple[Path, ...] = ()
    doubt: str = ""
    moved: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        path = None if self.path is None else str(self.path)
        own: dict[str, Any] = {"kind": self.kind, "name": self.name, "bytes": self.size, "n": self.n}
        files, moved = [[str(each) for each in paths] for paths in (self.files, self.moved)]
        return {**own, "path": path, "why": self.why, "doubt": self.doubt, "files": files, "moved": moved}


@dataclass(frozen=True)
class Kind:
    """A kind of things that can go.

    Parameters
    ----------
    name : str
    is_asked_for : bool
        Whether it only goes where it is named: it costs something to have it again.
    find : function
        What of it is there; of one dataset where its name is given, and of all without.
    remove : function
        Makes one go; how many bytes that freed.
    """

    name: str
    is_asked_for: bool
    find: Callable[[Context, str | None], Iterable[Item]]
    remove: Callable[[Context, Item], int]
