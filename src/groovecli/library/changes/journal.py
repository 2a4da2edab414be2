"""Changes of songs as they were written down before they were done: one folder for each run.

A folder has what was asked for (`about.json`), a line for each step (`steps.jsonl`), and what restores a
file that was tagged. A line is on the disk before the file that it is about is touched. So a process that
is killed leaves at most one step half done, and the last line says which.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from groovecli.files import PREFIX, read_json, storage_errors, write_bytes, write_json

ABOUT, STEPS = "about.json", "steps.jsonl"
_FOLDER = re.compile(r"\d{6,}")
_SCHEMA = 1

Kind = Literal["move", "tag"]


@dataclass
class Step:
    """One song's move, or the writing of its tags; `values` are those that its lines have.

    `is_undo_begun` says that taking it back was begun, `undo_in_place` how its bytes were then written.
    """

    number: int
    values: dict[str, Any]
    is_undo_begun: bool = False
    undo_in_place: bool = False

    @property
    def kind(self) -> str:
        """Whether it is a "move" or a "tag"."""
        return str(self.values.get("kind"))

    @property
    def song(self) -> Path:
        """The song as it was called before."""
        return self.path("source" if self.kind == "move" else "path")

    @property
    def now(self) -> Path:
        """The song as it is called since."""
        return self.path("target" if self.kind == "move" else "path")

    @property
    def songs(self) -> tuple[Path, ...]:
        """The paths that the song has had: before it and since."""
        return (self.song, self.now) if self.kind == "move" else (self.now,)

    def path(self, name: str) -> Path:
        """One of the paths that it has."""
        return Path(self.values[name])


@dataclass
class Record:
    """A run that changed songs.

    `key` is equal for runs that were asked for the same. `steps` were done and are not taken back yet, but
    for the last one of a run that has no `end`, which may be half done. `has_restored`: some were.
    """

    folder: Path
    command: str
    library: str
    key: str
    started: str
    steps: list[Step] = field(default_factory=list)
    end: str = ""
    is_damaged: bool = False
    has_restored: bool = False

    @property
    def number(self) -> int:
        """How many runs changed songs before it, or more."""
        return int(self.folder.name)

    @property
    def is_undo_begun(self) -> bool:
        """Whether taking it back was begun."""
        return self.has_restored or any(step.is_undo_begun for step in self.steps)

    @property
    def is_cut_off(self) -> bool:
        """Whether its process was killed, or what it did last."""
        return not self.end

    def blob(self, step: Step) -> Path:
        """The file that restores the song of a step."""
        return self.folder / f"{step.number}.delta"


def records(changes: Path) -> list[Record]:
    """The runs that can be taken back, the earliest first."""
    folders = sorted(changes.iterdir(), key=lambda each: each.name.zfill(20)) if changes.is_dir() else []
    return [
        read for folder in folders if _FOLDER.fullmatch(folder.name) and (read := _read(folder)) is not None
    ]


def unfinished(changes: Path) -> list[Record]:
    """The runs that a killed process left, as they are."""
    return [record for record in records(changes) if record.is_cut_off]


def _read(folder: Path) -> Record | None:
    """A run; None where it has been taken back already."""
    about = read_json(folder / ABOUT)
    if not (folder / ABOUT).exists():
        shutil.rmtree(folder, ignore_errors=True)
        return None
    if not isinstance(about, dict) or about.get("schema") != _SCHEMA:
        return Record(folder, "", "", "", "", end="damaged", is_damaged=True)
    command, library, key, started = (
        str(about.get(name, "")) for name in ("command", "library", "key", "started")
    )
    record = Record(folder, command, library, key, started)
    steps: dict[int, Step] = {}
    for line in _lines(folder / STEPS):
        _take(line, steps, record)
    record.steps = [steps[number] for number in sorted(steps)]
    if not all(map(_is_sound, record.steps)):
        return Record(folder, command, library, key, started, end="damaged", is_damaged=True)
    return record


def _is_sound(step: Step) -> bool:
    """Whether a step has what taking it back needs; a damaged one may name any file."""
    values = step.values
    paths = {"move": ("source", "target", "staged"), "tag": ("path", "staged")}.get(step.kind, ())
    if not paths or not all(_is_path(values.get(name)) for name in paths):
        return False
    staged, songs = step.path("staged"), [step.path(name) for name in paths[:-1]]
    if staged.parent != step.now.parent or not staged.name.startswith(PREFIX) or staged in songs:
        return False
    if not all(isinstance(values.get(name, ""), str) for name in ("was", "sha256")):
        return False
    if step.kind == "tag":
        time = values.get("mtime_ns")
        return isinstance(time, int) and abs(time) < 1 << 63 and ("was" in values) == ("sha256" in values)
    made = values.get("made", [])
    is_list = isinstance(made, list) and all(map(_is_path, made))
    return is_list and all(Path(each) in step.now.parents for each in made)


def _is_path(value: Any) -> bool:
    if not isinstance(value, str) or "\0" in value or not os.path.isabs(value):
        return False
    with suppress(UnicodeError):
        return bool(os.fsencode(value))
    return False


def _take(line: Mapping[str, Any], steps: dict[int, Step], record: Record) -> None:
    """Add what a line says to what those before it said."""
    if "end" in line:
        record.end = str(line["end"])
        return
    record.end = ""
    if isinstance(number := line.get("undo"), int):
        if number in steps:
            steps[number].is_undo_begun = True
            steps[number].undo_in_place = bool(line.get("in_place"))
        return
    number = line.get("n")
    if not isinstance(number, int):
        return
    if line.get("void"):
        steps.pop(number, None)
        record.has_restored |= bool(line.get("restored"))
        return
    step = steps.setdefault(number, Step(number, {}))
    step.values |= {name: value for name, value in line.items() if name != "n"}


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file; the last one may be torn."""
    try:
        texts = path.read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    found = []
    for text in texts:
        with suppress(ValueError, RecursionError):
            line = json.loads(text)
            if isinstance(line, dict):
                found.append(line)
    return found


class Journal:
    """The record of a run, open for further lines.

    `is_half_done` where a file is left half written, so that the run can't be ended as it is.

    Raises
    ------
    StorageError
        The disk is full, or the folder can't be written; so does each of its methods.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.is_half_done = False
        self._path = record.folder / STEPS
        with storage_errors(self._path):
            self._file = self._path.open("r+b" if self._path.exists() else "w+b", buffering=0)
            text = self._file.read()
            whole = text.rfind(b"\n") + 1
            self._file.seek(whole)
            self._file.truncate()  # what was being written when the process was killed
        self._next = max((step.number for step in record.steps), default=-1) + 1

    @classmethod
    def begun(cls, changes: Path, *, command: str, library: Path, key: str, started: str) -> Journal:
        """A new record, behind those that are there."""
        last = max((int(p.name) for p in changes.iterdir() if _FOLDER.fullmatch(p.name)), default=0)
        folder = changes / f"{last + 1:06}"
        about = {"schema": _SCHEMA, "command": command, "library": str(library), "key": key}
        write_json(folder / ABOUT, about | {"started": started})
        return cls(Record(folder, command, str(library), key, started))

    @property
    def n_begun(self) -> int:
        """How many steps were begun, which is the number of the next one."""
        return self._next

    def begin(self, kind: Kind, **values: Any) -> Step:
        """Write down a step that is about to be done."""
        step = Step(self._next, {"kind": kind, **values})
        self._write({"n": step.number, **step.values})
        self._next += 1
        self.record.steps.append(step)
        return step

    def add(self, step: Step, **values: Any) -> None:
        """Write down more about a step."""
        self._write({"n": step.number, **values})
        step.values |= values

    def keep(self, step: Step, restores: bytes) -> None:
        """Keep what restores the song of a step."""
        write_bytes(self.record.blob(step), restores)

    def void(self, step: Step, *, restored: bool = False) -> None:
        """Write down that a step was not done, or was taken back; nobody minds if the disk has no room."""
        if step in self.record.steps:
            self.record.steps.remove(step)
        self.record.has_restored |= restored
        with suppress(Exception):
            self._write({"n": step.number, "void": True, "restored": restored}, waits=not restored)
        with suppress(OSError):
            self.record.blob(step).unlink(missing_ok=True)

    def undo(self, step: Step, *, in_place: bool = False) -> None:
        """Write down that a step is about to be taken back."""
        self._write({"undo": step.number, "in_place": in_place})
        step.is_undo_begun, step.undo_in_place = True, in_place

    def end(self, how: str) -> None:
        """Write down that no step is half done: the run is "done", or was "cut" off."""
        if self.is_half_done:
            return
        with suppress(Exception):
            self._write({"end": how})
            self.record.end = how

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def drop(self) -> None:
        """Forget the run: it was taken back, or nothing was done."""
        self.close()
        with suppress(OSError):
            (self.record.folder / ABOUT).unlink()
            shutil.rmtree(self.record.folder, ignore_errors=True)

    def _write(self, line: Mapping[str, Any], *, waits: bool = True) -> None:
        with storage_errors(self._path):
            self._file.write(json.dumps(line).encode() + b"\n")
            if waits:
                os.fsync(self._file.fileno())
