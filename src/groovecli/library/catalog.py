"""The catalogue: files, tracks, fingerprints and vectors, in SQLite.

Paths are stored as the bytes that the file system has. Datasets keep their tables here too: see
`datasets/tables.py`.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from groovecli import __version__
from groovecli.errors import StorageError
from groovecli.files import storage_errors
from groovecli.library import backups
from groovecli.library.known import failure_of, failure_row, track_of
from groovecli.library.schema import MIGRATIONS, VECTORS_MOVE, matrix_file, rows_in
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.messages.library import catalog_gone, catalog_unusable, newer_catalog, not_a_catalog
from groovecli.paths import StrPath, as_path

# What holds vectors imports numpy, which takes a third of the time that a command such as `groove status`
# has: it is imported where a vector is asked for.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from groovecli.library.answers import StoredAnswer
    from groovecli.library.matrices import Matrix

_PATIENCE_S = 30.0  # how long to wait for another process that holds the catalogue


_AT_ONCE = 900  # values in a query; older SQLite takes 999
_FILES = "SELECT path, size, mtime_ns, id, duration_s, tags FROM files JOIN tracks ON track = n"
_FAILED = "SELECT path, size, mtime_ns, code, detail FROM failures WHERE stage = ?"
_PUT_FAILURE = "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?)"
NOTHING: Mapping[str, FileState | None] = MappingProxyType({})
READ = "read"
"""The stage in which a file is identified."""


class Catalog:
    """An open catalogue; a context manager that commits at its end.

    Raises
    ------
    DatasetError
        The file is no catalogue, one of a newer groove, or empty or gone while there are copies.
    StorageError
        The folder can't be written.
    """

    def __init__(self, path: StrPath) -> None:
        self.path = path = as_path(path, "Catalog", "path")
        self.is_copy_due = False
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
        if self.is_copy_due and self.path.is_file():
            self.is_copy_due = False
            with suppress(
                sqlite3.Error, StorageError
            ):  # the work is done; `groove doctor` says how old it is
                backups.keep(self._db, backups.folder_of(self.path))
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
            raise newer_catalog(self.path, self._written_by())
        if not version and self.path.is_file() and backups.backups(backups.folder_of(self.path)):
            raise catalog_gone(self.path)
        if version < len(MIGRATIONS):
            with self.transaction() as db:  # another process may just have done it: look again
                version = int(db.execute("PRAGMA user_version").fetchone()[0])
                if version:
                    backups.keep_before_migration(db, self.path, version)
                for statement in ";".join(MIGRATIONS[version:]).split(";"):
                    db.execute(statement)
                if version < VECTORS_MOVE:
                    from groovecli.library.answers import move_vectors

                    move_vectors(db, self.vectors)
                db.execute("INSERT OR REPLACE INTO about VALUES ('groove', ?)", (__version__,))
                db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _written_by(self) -> str:
        """The version of groove that made the catalogue what it is; "" where it doesn't say."""
        try:
            row = self._db.execute("SELECT value FROM about WHERE key = 'groove'").fetchone()
        except sqlite3.OperationalError:
            return ""
        return str(row[0]) if row else ""

    @contextmanager
    def changing_datasets(self) -> Iterator[sqlite3.Connection]:
        """A transaction on what can't be computed: where it changes something, a copy is due at the end."""
        with self.transaction() as db:
            before = db.total_changes
            yield db
            self.is_copy_due = self.is_copy_due or db.total_changes > before

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a query gives; for modules that keep tables of their own here."""
        with self._sqlite_errors():
            return self._db.execute(query, values).fetchall()

    def each(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The same one after the other: any number takes no memory."""
        for rows in self._parts(query, values):
            yield from rows

    def values(self, query: str, *values: Any) -> Iterator[list[Any]]:
        """The first column of what a query gives, some thousands at a time."""
        for rows in self._parts(query, values):
            yield [row[0] for row in rows]

    def _parts(self, query: str, values: Sequence[Any]) -> Iterator[list[tuple[Any, ...]]]:
        with self._sqlite_errors():
            cursor = self._db.execute(query, values)
            while rows := cursor.fetchmany(5000):
                yield rows

    @property
    def n_changes(self) -> int:
        """How many rows were written since it was opened."""
        return self._db.total_changes

    def noted(self, key: str) -> str | None:
        """What is noted about the catalogue under a key."""
        rows = self.rows("SELECT value FROM about WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def note(self, key: str, value: str) -> None:
        """Note something about the catalogue under a key, unless that is noted already."""
        if self.noted(key) != value:
            with self.transaction() as db:
                db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    def restore(self, backup: Path, table: str) -> int:
        """Put the rows that a copy has and a table lacks into it; how many."""
        with self._sqlite_errors():
            return backups.restore(self._db, backup, table)

    # Files and tracks

    def known_files(
        self, paths: Collection[Path] | None = None, looked_at: Mapping[str, FileState | None] = NOTHING
    ) -> dict[Path, Track | Rejected]:
        """What earlier scans found at some paths, or at all, by path.

        Where a file is as it was when it was `looked_at`, its state is that one: many take much memory.
        """
        if paths is None:
            items: list[Track | Rejected] = [track_of(row) for row in self.rows(_FILES)]
            items += map(failure_of, self.rows(_FAILED, READ))
            return {item.path: item for item in items}
        known: dict[Path, Track | Rejected] = {}
        every = list(paths)
        for start in range(0, len(every), _AT_ONCE):
            given = {os.fsencode(path): path for path in every[start : start + _AT_ONCE]}
            for row in self._of_each(f"{_FILES} WHERE path IN ({{}})", list(given)):
                path = given[row[0]]
                known[path] = track_of(row, path, looked_at.get(str(path)))
            for row in self._of_each(f"{_FAILED} AND path IN ({{}})", list(given), READ):
                known[given[row[0]]] = failure_of(row)
        return known

    def _of_each(self, query: str, values: Sequence[Any], *first: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query with `{}` for the values, which may be any number."""
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self.rows(query.format(",".join("?" * len(some))), *first, *some)

    def remember(self, items: Iterable[Track | Rejected]) -> None:
        """Store what a scan found. Nothing is forgotten: a file that is gone may only be out of reach."""
        now = time.time()
        with self.transaction() as db:
            for item in items:
                if isinstance(item, Track):
                    self._put_track(db, item)
                elif item.state is not None:
                    db.execute("DELETE FROM files WHERE path = ?", (os.fsencode(item.path),))
                    db.execute(_PUT_FAILURE, failure_row(item, READ, now))

    @staticmethod
    def _put_track(db: sqlite3.Connection, track: Track) -> None:
        path, tags = os.fsencode(track.path), {name: tag for name, tag in asdict(track.tags).items() if tag}
        db.execute(
            "INSERT INTO tracks (id, duration_s) VALUES (?, ?) ON CONFLICT (id) DO UPDATE"
            " SET duration_s = excluded.duration_s WHERE duration_s IS NOT excluded.duration_s",
            (track.id, track.duration_s),
        )
        (number,) = db.execute("SELECT n FROM tracks WHERE id = ?", (track.id,)).fetchone()
        state = track.state
        db.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
            (path, state.size, state.mtime_ns, number, json.dumps(tags) if tags else None),
        )
        db.execute("DELETE FROM failures WHERE path = ?", (path,))

    def tracks(self, ids: Iterable[str], read: Iterable[Track] = ()) -> dict[str, tuple[Track, ...]]:
        """The files known for each of some tracks, by track id and path.

        Tracks that were `read` from here already are given as they are: many take much memory.
        """
        there = {os.fsencode(track.path): track for track in read}
        files: dict[str, tuple[Track, ...]] = {}
        query = f"{_FILES} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY path"
        for row in self.each(query, _json(ids)):
            track = there.get(row[0])
            if track is None or track.id != row[3]:
                track = track_of(row)
            files[track.id] = (*files.get(track.id, ()), track)
        return files

    # Failures

    def add_failures(self, stage: str, failures: Iterable[Rejected]) -> None:
        """Store which files failed in a stage; those without a state are out of reach, and forgotten."""
        now = time.time()
        rows = [failure_row(each, stage, now) for each in failures if each.state is not None]
        with self.transaction() as db:
            db.executemany(_PUT_FAILURE, rows)

    def failures(self, stage: str, paths: Collection[Path]) -> dict[Path, Rejected]:
        """The failures of a stage among some files, by path; `state` is the file's when it failed."""
        raw = [os.fsencode(path) for path in paths]
        rows = self._of_each(f"{_FAILED} AND path IN ({{}})", raw, stage)
        return {failure.path: failure for failure in map(failure_of, rows)}

    # Fingerprints

    def prints(self, kind: str, ids: Iterable[str]) -> dict[str, NDArray[np.uint32]]:
        """Fingerprints of some tracks, by track id."""
        import numpy as np

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

    # Answers of models

    @property
    def vectors(self) -> Path:
        """The folder of the models' matrices."""
        return self.path.parent / "embeddings"

    def matrix(self, model: str) -> Matrix | None:
        """The vectors of a model; None where it has answered nothing yet."""
        from groovecli.library.matrices import Matrix

        rows = self.rows("SELECT dim FROM matrices WHERE model = ?", model)
        return Matrix(matrix_file(self.vectors, model), rows[0][0]) if rows else None

    def n_rows(self, model: str) -> int:
        """How many vectors of a model there are, some of which may be of no song."""
        rows = self.rows("SELECT dim FROM matrices WHERE model = ?", model)
        return rows_in(matrix_file(self.vectors, model), rows[0][0]) if rows else 0

    def answers(self, model: str, ids: Iterable[str], *, words: str = "") -> dict[str, StoredAnswer]:
        """A model's answers for some tracks, by track id; those with these `words`, where it reads lyrics.

        A row that the matrix doesn't have, or that is damaged, is as if there were no answer.
        """
        matrix = self.matrix(model)
        if matrix is None:
            return {}
        rows = self.rows(
            "SELECT id, place, exponent, crc, probabilities"
            " FROM tracks CROSS JOIN answers ON track = tracks.n"
            " WHERE matrix = (SELECT n FROM matrices WHERE model = ?) AND words = ?"
            " AND id IN (SELECT value FROM json_each(?))",
            model,
            words,
            _json(ids),
        )
        from groovecli.library.answers import answers_at

        return answers_at(matrix, rows)

    def vectors_at(
        self, model: str, ids: Iterable[str], *, words: str = "", named: bool = False
    ) -> dict[str, tuple[int, int]]:
        """Place and exponent of a model's vectors of some tracks, by track id; see `VectorRows`.

        Where `named`, only of those whose genres were named, too. A damaged row is as if there were none.
        """
        matrix = self.matrix(model)
        if matrix is None:
            return {}
        rows = self.rows(
            "SELECT id, place, exponent, crc FROM tracks CROSS JOIN answers ON track = tracks.n"
            " WHERE matrix = (SELECT n FROM matrices WHERE model = ?) AND words = ?"
            " AND (probabilities IS NOT NULL OR NOT ?) AND id IN (SELECT value FROM json_each(?))"
            " ORDER BY place",
            model,
            words,
            named,
            _json(ids),
        )
        from groovecli.library.answers import places_at

        return places_at(matrix, rows)

    def add_answers(
        self, model: str, answers: Mapping[str, StoredAnswer], *, words: str | Sequence[str] = ""
    ) -> None:
        """Store a model's answers for tracks: the vectors first, then the rows that name them.

        `words` are those of all the answers, or of each.
        """
        from groovecli.library.answers import put_answers

        if answers:
            with self.transaction() as db:
                put_answers(db, self.vectors, model, answers, words=words)

    def log_run(self, command: str, summary: Mapping[str, Any]) -> None:
        """Store that a command ran."""
        with self.transaction() as db:
            values = (command.encode(errors="replace").decode(), time.time(), json.dumps(summary))
            db.execute("INSERT INTO runs (command, started, summary) VALUES (?, ?, ?)", values)


def _json(ids: Iterable[str]) -> str:
    """Ids as one value of a query, however many."""
    return json.dumps(list(ids))
