"""A plan of moves and of genre tags: a file that a person reads, edits, and gives back.

Nothing in it is believed: each entry is looked at again before its song is touched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from groovecli.audio.payload import audio_hash
from groovecli.files import key_of, storage_errors, write_json
from groovecli.library.scan import file_state, whole_id
from groovecli.library.tracks import FileState
from groovecli.messages.tidy import how_to_edit, no_plan, plan_not_there, plan_of_newer_groove
from groovecli.reasons import Problem, Reason

_SCHEMA = 1
_LARGEST = 256 << 20
_MOST_OF_A_NAME, _MOST_OF_A_PATH = 255, 4000  # bytes
_MOST_GENRES, _LONGEST_GENRE = 20, 200


@dataclass(frozen=True)
class Change:
    """A song that is to move to another path below the library, or to have other genre tags.

    `path` and `to` are below the library, with slashes. `why` is for the reader.
    """

    path: str
    id: str
    state: FileState
    to: str = ""
    genre: tuple[str, ...] = ()
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order in which a person reads them."""
        what = {"to": self.to} if self.to else {"genre": list(self.genre)}
        about = {"id": self.id, "size": self.state.size, "mtime_ns": self.state.mtime_ns}
        return {"path": self.path, **what, "why": self.why, **about}


@dataclass(frozen=True)
class Plan:
    """Changes of a library's songs, and entries that make none; `key` tells plans apart."""

    library: Path
    model: str
    changes: tuple[Change, ...]
    unfit: tuple[tuple[str, Problem], ...] = ()
    key: str = ""


def write_plan(out: Path, plan: Plan) -> None:
    """Write a plan as JSON, an entry for each song.

    Raises
    ------
    StorageError
        The file can't be written.
    """
    value = {
        "groove_plan": _SCHEMA,
        "how_to_edit": how_to_edit(),
        "library": str(plan.library),
        "model": plan.model,
        "changes": [change.to_json() for change in plan.changes],
    }
    write_json(out, value)


def read_plan(path: Path) -> Plan:
    """The plan of a file that may have been edited.

    Raises
    ------
    UsageError
        There is no such file, or it is no plan.
    StorageError
        It can't be read.
    """
    if not path.is_file():
        raise plan_not_there(path)
    with storage_errors(path):
        if path.stat().st_size > _LARGEST:
            raise no_plan(path, "it is too large")
        data = path.read_bytes()
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise no_plan(path, f"it isn't JSON{where}") from error
    if not isinstance(value, dict) or not isinstance(value.get("groove_plan"), int):
        raise no_plan(path, "it has no groove_plan")
    if value["groove_plan"] > _SCHEMA:
        raise plan_of_newer_groove(path)
    library, entries = value.get("library"), value.get("changes")
    if not isinstance(library, str) or not os.path.isabs(library) or "\0" in library:
        raise no_plan(path, "its library is no whole path")
    if (why := _too_long(library)) is not None:
        raise no_plan(path, f"its library {why}")
    if not isinstance(entries, list):
        raise no_plan(path, "it has no list of changes")
    changes, unfit = [], []
    for number, entry in enumerate(entries, 1):
        read = _change(entry)
        if isinstance(read, Change):
            changes.append(read)
        else:
            name = entry.get("path") if isinstance(entry, dict) else None
            name = name if isinstance(name, str) and name and "\0" not in name else f"change {number}"
            unfit.append((name, Problem(Reason.MALFORMED, read)))
    return Plan(Path(library), str(value.get("model", "")), tuple(changes), tuple(unfit), _key(value))


def _key(value: Mapping[str, Any]) -> str:
    return key_of([value["library"], value["changes"]], 32)


def _change(entry: Any) -> Change | str:
    """An entry of a plan, or what is wrong with it."""
    if not isinstance(entry, dict):
        return "is no change: it has to be { ... }"
    path, to, genre = entry.get("path"), entry.get("to"), entry.get("genre")
    if not isinstance(path, str) or not path:
        return "has no path"
    if (why := _unfit_path(path)) is not None:
        return f"has a path that {why}"
    if (to is None) == (genre is None):
        return 'needs either "to" or "genre"'
    if isinstance(genre, str):
        genre = [genre]
    if to is not None and not isinstance(to, str):
        return 'has a "to" that isn\'t text'
    if to == "":
        return 'has an empty "to"'
    if genre is not None and (why := _unfit_genre(genre)) is not None:
        return why
    track, size, mtime_ns = entry.get("id"), entry.get("size"), entry.get("mtime_ns")
    if not isinstance(track, str) or not isinstance(size, int) or not isinstance(mtime_ns, int):
        return "lacks its id, its size or its time"
    why_text = entry.get("why")
    return Change(
        path,
        track,
        FileState(size, mtime_ns),
        "" if to is None else to,
        tuple(each.strip() for each in genre or ()),
        why_text if isinstance(why_text, str) else "",
    )


def _unfit_genre(genre: Any) -> str | None:
    is_list = isinstance(genre, list) and 0 < len(genre) <= _MOST_GENRES
    if not is_list or not all(isinstance(each, str) and each.strip() for each in genre):
        return "has a genre that isn't a text or a list of texts"
    if any(len(each) > _LONGEST_GENRE or not each.isprintable() for each in genre):
        return "has a genre with control characters, or a very long one"
    return None


def _unfit_path(path: str) -> str | None:
    """What is wrong with a path below a library, to be read after "that"; None for nothing."""
    if "\0" in path:
        return "has a NUL"
    if not path or PurePosixPath(path).is_absolute() or (os.sep == "\\" and ("\\" in path or ":" in path)):
        return "is not below the library"
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "is not below the library" if ".." in parts else "has an empty part"
    return _too_long(path)


def _too_long(path: str) -> str | None:
    """Why no file can have a path, whichever system it is on; None where one can."""
    try:
        raw = [os.fsencode(part) for part in path.split("/")]
    except UnicodeEncodeError:
        return "has letters that no file name can have"
    if any(len(part) > _MOST_OF_A_NAME for part in raw) or sum(map(len, raw)) > _MOST_OF_A_PATH:
        return "is too long"
    return None


def target_of(library: Path, change: Change) -> Path | Problem:
    """Where a song is to move to, or why it can't: the path is no path, or leaves the library."""
    to = change.to
    why = _unfit_path(to)
    if why is None and any(part.startswith(".") for part in to.split("/")):
        why = "would be hidden"
    if why is None and PurePosixPath(to).suffix.lower() != PurePosixPath(change.path).suffix.lower():
        why = "has another ending"
    if why is not None:
        return Problem(Reason.NO_PLACE, f"{to!r}: it {why}")
    target = library / to
    if not _is_within(library, target.parent):
        return Problem(Reason.NO_PLACE, f"{to!r}: it is not below the library")
    return target


def source_of(library: Path, change: Change) -> Path | Problem:
    """The song of a change, or why it can't be changed: it isn't the one that the plan was made of."""
    path = library / change.path
    if not _is_within(library, path.parent):
        return Problem(Reason.NO_PLACE, f"{change.path!r}: it is not below the library")
    state = file_state(path)
    if state is None:
        return Problem(Reason.MISSING)
    return path if state == change.state and is_song(path, change.id) else Problem(Reason.CHANGED_SINCE)


def is_song(path: Path, track_id: str) -> bool:
    """Whether a file has the sound of a track id."""
    try:
        return audio_hash(path) == track_id or whole_id(path) == track_id
    except OSError:
        return False


def _is_within(library: Path, folder: Path) -> bool:
    """Whether a folder, which need not be there, is below a library whichever links lead there."""
    try:
        root, real = os.path.realpath(library), os.path.realpath(folder)
    except (OSError, ValueError):
        return False
    return real == root or real.startswith(os.path.join(root, ""))
