"""A small world that commands are killed in, and what of it has to be the same in the end."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import melody

_TIMES = {"created", "seconds", "training_s", "song_s", "windows_per_s", "at", "day", "started"}
_MARK = ("undo", "unchanged")  # that the last run of cluster changed nothing
_OWN = ("catalog.db-wal", "catalog.db-shm", ".lock", "resume.pt", "curve.png")
_FOLDERS = ("backups", ".busy", ".unchanged")


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    seconds: float
    text: str


class Warm:
    """A process that runs groove commands in forks of its own; see `tests.faults.warm`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._log = folder, folder.parent / "log.txt"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GROOVE_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**kept, "GROOVE_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"},
        )

    def run(self, *arguments: str, kill_after_s: float | None = None, **more: Any) -> Ran:
        """Run a command in the world's folder; kill it after some seconds."""
        assert self._process.stdin is not None and self._process.stdout is not None
        order = {"arguments": arguments, "folder": str(self.folder), "log": str(self._log), **more}
        print(json.dumps({**order, "kill_after_s": kill_after_s}), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return Ran(answer["code"], answer["seconds"], self._log.read_text("utf-8", "backslashreplace"))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def add_song(path: Path, seed: int, seconds: float = 4.0) -> Path:
    """A song that is like no other."""
    import soundfile as sf

    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, melody(seconds, sr=8000, seed=seed), 8000)
    return path


def restore(kept: Path, folder: Path) -> None:
    """Make a folder what it was."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)


def content(folder: Path) -> dict[str, Any]:
    """All that a command left below a folder, by path, without times and what only speeds things up."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if (
            not path.is_file()
            or path.name in _OWN
            or below.parts[-2:] == _MARK
            or set(below.parts) & set(_FOLDERS)
        ):
            continue
        if path.name == "catalog.db":
            found.update({f"{below}:{table}": rows for table, rows in _tables(path).items()})
        elif path.suffix == ".safetensors":
            found[str(below)] = _model(path)
        elif path.suffix == ".json":
            found[str(below)] = _timeless(json.loads(path.read_bytes()))
        else:
            found[str(below)] = path.read_bytes()
    return found


def _tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(path) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {}
        for name in sorted(set(names) - {"runs", "sqlite_sequence"}):
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})") if row[1] not in _TIMES]
            tables[name] = sorted(db.execute(f"SELECT {', '.join(columns)} FROM {name}"), key=repr)
    db.close()
    return tables


def _model(path: Path) -> tuple[Any, bytes]:
    """What a model file says of itself, and its weights."""
    data = path.read_bytes()
    (n_bytes,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + n_bytes])
    header["__metadata__"] = {k: _timeless(json.loads(v)) for k, v in header["__metadata__"].items()}
    return header, data[8 + n_bytes :]


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(each) for key, each in value.items() if key not in _TIMES}
    return [_timeless(each) for each in value] if isinstance(value, list) else value
