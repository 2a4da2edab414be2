"""The catalogue: files, tracks, fingerprints and vectors, in SQLite.

Paths are stored as the bytes that the file system has. Datasets keep their tables here too: see
`datasets/tables.py`.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groovecli.audio.tags import Tags
from groovecli.files import storage_errors
from groovecli.library.schema import MIGRATIONS
from groovecli.library.tracks import FileState, Rejected, Scan, Track
from groovecli.messages.library import catalog_unusable, newer_catalog, not_a_catalog
from groovecli.paths import StrPath, as_path
from groovecli.reasons import stored_problem

_PATIENCE_S = 30.0  # how long to wait for another process that holds the catalogue


@dataclass(frozen=True)
class StoredAnswer:
    """A model's answer for a song.

    vector : np.ndarray [shape=(dim,), dtype=float32]
    probabilities : np.ndarray [shape=(genres,), dtype=float64], or None where it names no genres
    """

    vector: NDArray[np.float32]
    probabilities: NDArray[np.float64] | None = None


class Catalog:
    """An open catalogue; a context manager that commits at its end.

    Raises
    ------
    DatasetError
        The file is no catalogue, or one of a newer groove.
    StorageError
        The folder can't be written.
    """

    def __init__(self, path: StrPath) -> None:
        self.path = path = as_path(path, "Catalog", "path")
        with storage_errors(path), self._sqlite_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_S)
            self._use_write_ahead_log()
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._migrate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    @contextmanager
    def _sqlite_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:  # closed, or of another thread: a fault of the caller's
            raise
        except sqlite3.OperationalError as error:
            raise catalog_unusable(self.path, str(error)) from error
        except sqlite3.DatabaseError as error:
            raise not_a_catalog(self.path, str(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write in one piece: all that the block does, or nothing."""
        with self._sqlite_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled back already
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _use_write_ahead_log(self) -> None:
        """SQLite does not wait for others when it changes the mode, so that we have to."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)

    def _migrate(self) -> None:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise newer_catalog(self.path)
        if version < len(MIGRATIONS):
            with self.transaction() as db:  # another process may just have done it: look again
                version = int(db.execute("PRAGMA user_version").fetchone()[0])
                for statement in ";".join(MIGRATIONS[version:]).split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a query gives; for modules that keep tables of their own here."""
        with self._sqlite_errors():
            return self._db.execute(query, values).fetchall()

    # Files and tracks

    def known_files(self) -> dict[Path, Track | Rejected]:
        """What earlier scans found, by path."""
        rows = self.rows(
            "SELECT path, size, mtime_ns, track, code, reason, duration_s, tags"
            " FROM files LEFT JOIN tracks ON track = id"
        )
        return {_path(row[0]): _file_row(row) for row in rows}

    def remember(self, scan: Scan) -> None:
        """Store what a scan found. Nothing is forgotten: a file that is gone may only be out of reach."""
        now = time.time()
        with self.transaction() as db:
            for track in scan.tracks:
                self._put_file(db, track.path, track.state, track.id, None, now)
                db.execute(
                    "INSERT OR REPLACE INTO tracks VALUES (?, ?, ?)",
                    (track.id, track.duration_s, json.dumps(asdict(track.tags))),
                )
            for rejected in scan.rejected:
                if rejected.state is not None:
                    self._put_file(db, rejected.path, rejected.state, None, rejected, now)

    @staticmethod
    def _put_file(
        db: sqlite3.Connection,
        path: Path,
        state: FileState,
        track: str | None,
        rejected: Rejected | None,
        now: float,
    ) -> None:
        why = (rejected.detail, now, rejected.reason) if rejected else (None, now, None)
        values = (os.fsencode(path), state.size, state.mtime_ns, track, *why)
        db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def tracks(self, ids: Iterable[str]) -> dict[str, tuple[Track, ...]]:
        """The files known for each of some tracks, by track id and path."""
        files: dict[str, list[Track]] = defaultdict(list)
        for row in self.rows(
            "SELECT path, size, mtime_ns, track, code, reason, duration_s, tags FROM files"
            " JOIN tracks ON track = id WHERE track IN (SELECT value FROM json_each(?)) ORDER BY path",
            _json(ids),
        ):
            track = _file_row(row)
            if isinstance(track, Track):
                files[track.id].append(track)
        return {track_id: tuple(tracks) for track_id, tracks in files.items()}

    # Fingerprints, embeddings and runs

    def prints(self, kind: str, ids: Iterable[str]) -> dict[str, NDArray[np.uint32]]:
        """Fingerprints of some tracks, by track id."""
        rows = self.rows(
            "SELECT track, words FROM prints WHERE kind = ? AND track IN (SELECT value FROM json_each(?))",
            kind,
            _json(ids),
        )
        return {track: np.frombuffer(words, "<u4").astype(np.uint32) for track, words in rows}

    def add_prints(self, kind: str, words: Mapping[str, NDArray[np.uint32]]) -> None:
        """Store fingerprints by track id."""
        with self.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO prints VALUES (?, ?, ?)",
                (
                    (track, kind, fingerprint.astype("<u4").tobytes())
                    for track, fingerprint in words.items()
                ),
            )

    def answers(self, model: str, ids: Iterable[str]) -> dict[str, StoredAnswer]:
        """A model's answers for some tracks, by track id."""
        rows = self.rows(
            "SELECT track, vector, probabilities FROM embeddings WHERE model = ?"
            " AND track IN (SELECT value FROM json_each(?))",
            model,
            _json(ids),
        )
        return {
            track: StoredAnswer(
                np.frombuffer(vector, np.float32),
                None if probabilities is None else np.frombuffer(probabilities, np.float64),
            )
            for track, vector, probabilities in rows
        }

    def add_answers(self, model: str, answers: Mapping[str, StoredAnswer]) -> None:
        """Store a model's answers for tracks."""
        with self.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)",
                (
                    (
                        track,
                        model,
                        answer.vector.astype(np.float32).tobytes(),
                        None
                        if answer.probabilities is None
                        else answer.probabilities.astype(np.float64).tobytes(),
                    )
                    for track, answer in answers.items()
                ),
            )

    def log_run(self, command: str, summary: Mapping[str, Any]) -> None:
        """Store that a command ran."""
        with self.transaction() as db:
            values = (command.encode(errors="replace").decode(), time.time(), json.dumps(summary))
            db.execute("INSERT INTO runs (command, started, summary) VALUES (?, ?, ?)", values)


def _json(ids: Iterable[str]) -> str:
    """Ids as one value of a query, however many."""
    return json.dumps(list(ids))


def _path(raw: bytes) -> Path:
    return Path(os.fsdecode(raw))


def _file_row(row: tuple[Any, ...]) -> Track | Rejected:
    path, size, mtime_ns, track, code, detail, duration_s, tags = row
    state = FileState(size, mtime_ns)
    if track is None or tags is None:
        return Rejected.by(_path(path), stored_problem(code or "", detail), state)
    return Track(track, _path(path), state, duration_s, Tags(**json.loads(tags)))
