"""The catalogue: what groove knows of files, songs, clips, chunks and embeddings, in SQLite.

Paths are stored as the bytes that the file system has.
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

from groovecli.audio.clips import Clip
from groovecli.audio.tags import Tags
from groovecli.datasets.splits import SplitBy
from groovecli.errors import DatasetError, StorageError
from groovecli.files import storage_errors
from groovecli.library.schema import MIGRATIONS
from groovecli.library.sources.registry import Source
from groovecli.library.tracks import FileState, Rejected, Scan, Track

_PATIENCE_S = 30.0  # how long to wait for another process that holds the catalogue


@dataclass(frozen=True)
class DatasetSettings:
    """How a dataset was labelled, split and cut; fixed when it is made, but for the clip counts.

    At depth 2 its genres are named `parent/child`.
    """

    name: str
    split_by: SplitBy
    test_share: float
    seed: int
    clip_s: float
    label_from: str
    clips_per_song: int
    clips_per_genre: int | None
    source: Source = "folder"
    depth: int = 1


@dataclass(frozen=True)
class Song:
    """A track in a dataset: its genre and its side ("both" where clips are split)."""

    track_id: str
    genre: str
    side: str


@dataclass(frozen=True)
class SideClip:
    """A clip of a dataset, its side, and why it can't be used, if so."""

    clip: Clip
    side: str
    problem: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a clip's feature lies: a chunk file below the dataset's folder, and its row there."""

    chunk: str
    row: int


class Catalog:
    """An open catalogue; a context manager that commits at its end.

    Raises
    ------
    DatasetError
        The file is no catalogue, or one of a newer groove.
    StorageError
        The folder can't be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"cannot use the catalogue {self.path}: {error}",
                "check that the disk has room and that you may write there",
            ) from error
        except sqlite3.DatabaseError as error:
            raise DatasetError(
                f"{self.path} is no catalogue of groove's: {error}", "move it away and ingest again"
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
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
            raise DatasetError(f"{self.path} was written by a newer groove", "upgrade groove")
        if version < len(MIGRATIONS):
            with self._transaction() as db:  # another process may just have done it: look again
                version = int(db.execute("PRAGMA user_version").fetchone()[0])
                for statement in ";".join(MIGRATIONS[version:]).split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._sqlite_errors():
            return self._db.execute(query, values).fetchall()

    # Files and tracks

    def known_files(self) -> dict[Path, Track | Rejected]:
        """What earlier scans found, by path."""
        rows = self._rows(
            "SELECT path, size, mtime_ns, track, reason, duration_s, tags"
            " FROM files LEFT JOIN tracks ON track = id"
        )
        return {_path(row[0]): _file_row(row) for row in rows}

    def remember(self, scan: Scan) -> None:
        """Store what a scan found. Nothing is forgotten: a file that is gone may only be out of reach."""
        now = time.time()
        with self._transaction() as db:
            for track in scan.tracks:
                self._put_file(db, track.path, track.state, track.id, None, now)
                db.execute(
                    "INSERT OR REPLACE INTO tracks VALUES (?, ?, ?)",
                    (track.id, track.duration_s, json.dumps(asdict(track.tags))),
                )
            for rejected in scan.rejected:
                if rejected.state is not None:
                    self._put_file(db, rejected.path, rejected.state, None, rejected.reason, now)

    @staticmethod
    def _put_file(
        db: sqlite3.Connection,
        path: Path,
        state: FileState,
        track: str | None,
        reason: str | None,
        now: float,
    ) -> None:
        values = (os.fsencode(path), state.size, state.mtime_ns, track, reason, now)
        db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", values)

    def tracks(self, dataset: str) -> dict[str, list[Track]]:
        """The files known for each track of a dataset, by track id."""
        found: dict[str, list[Track]] = defaultdict(list)
        for row in self._rows(
            "SELECT path, size, mtime_ns, track, reason, duration_s, tags FROM files"
            " JOIN tracks ON track = id WHERE track IN (SELECT track FROM songs WHERE dataset = ?)"
            " ORDER BY path",
            dataset,
        ):
            track = _file_row(row)
            if isinstance(track, Track):
                found[track.id].append(track)
        return found

    # Datasets

    def dataset(self, name: str) -> DatasetSettings | None:
        """The settings of a dataset, None where there is none of that name."""
        rows = self._rows("SELECT settings FROM datasets WHERE name = ?", name)
        return DatasetSettings(**json.loads(rows[0][0])) if rows else None

    def existing_dataset(self, name: str) -> DatasetSettings:
        """The settings of a dataset that has to be there.

        Raises
        ------
        DatasetError
            There is no such dataset.
        """
        settings = self.dataset(name)
        if settings is None:
            others = ", ".join(self.dataset_names())
            raise DatasetError(
                f"there is no dataset {name!r} yet" + (f" (there is: {others})" if others else ""),
                "make one with `groove ingest LIBRARY`",
            )
        return settings

    def dataset_names(self) -> list[str]:
        """Names of all datasets, sorted."""
        return [row[0] for row in self._rows("SELECT name FROM datasets ORDER BY name")]

    def put_dataset(self, settings: DatasetSettings) -> None:
        """Store a dataset's settings."""
        with self._transaction() as db:
            values = (settings.name, json.dumps(asdict(settings)))
            db.execute("INSERT OR REPLACE INTO datasets VALUES (?, ?)", values)

    def songs(self, dataset: str) -> dict[str, Song]:
        """The songs of a dataset by track id."""
        rows = self._rows("SELECT track, genre, side FROM songs WHERE dataset = ? ORDER BY track", dataset)
        return {row[0]: Song(*row) for row in rows}

    def labels(self) -> dict[str, str]:
        """Genre of every track that stands in some dataset."""
        return dict(self._rows("SELECT track, genre FROM songs"))

    def clips(self, dataset: str) -> list[SideClip]:
        """All clips of a dataset, those that can't be used included, by track and number."""
        rows = self._rows(
            "SELECT track, number, start_s, side, problem FROM clips WHERE dataset = ?"
            " ORDER BY track, number",
            dataset,
        )
        return [SideClip(Clip(track, n, start), side, why) for track, n, start, side, why in rows]

    def add_songs(self, dataset: str, songs: Iterable[Song], clips: Iterable[SideClip]) -> None:
        """Add songs and clips; one that is there stays as it is."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO songs VALUES (?, ?, ?, ?)",
                ((dataset, song.track_id, song.genre, song.side) for song in songs),
            )
            db.executemany(
                "INSERT OR IGNORE INTO clips VALUES (?, ?, ?, ?, ?, NULL)",
                ((dataset, c.clip.track_id, c.clip.index, c.clip.start_s, c.side) for c in clips),
            )

    def forget_songs(self, dataset: str, track_ids: Iterable[str]) -> None:
        """Take songs out of a dataset, with their clips and features."""
        rows = [(dataset, track_id) for track_id in track_ids]
        with self._transaction() as db:
            for table in ("songs", "clips", "chunk_rows"):
                db.executemany(f"DELETE FROM {table} WHERE dataset = ? AND track = ?", rows)

    def mark_clips(self, dataset: str, problems: Mapping[Clip, str]) -> None:
        """Store why clips can't be used."""
        with self._transaction() as db:
            db.executemany(
                "UPDATE clips SET problem = ? WHERE dataset = ? AND track = ? AND number = ?",
                ((why, dataset, clip.track_id, clip.index) for clip, why in problems.items()),
            )

    def forget_problems(self, dataset: str, prefix: str) -> None:
        """Give the clips another try whose problem begins with `prefix`."""
        with self._transaction() as db:
            values = (dataset, len(prefix), prefix)
            db.execute(
                "UPDATE clips SET problem = NULL WHERE dataset = ? AND substr(problem, 1, ?) = ?", values
            )

    # Lyrics that are not in the songs' files

    def lyrics(self, dataset: str) -> dict[str, dict[str, int]]:
        """How often which word occurs, by track id, for songs whose lyrics came from elsewhere."""
        rows = self._rows(
            "SELECT track, words FROM lyrics WHERE track IN (SELECT track FROM songs WHERE dataset = ?)",
            dataset,
        )
        return {track: json.loads(words) for track, words in rows}

    def add_lyrics(self, bags: Mapping[str, Mapping[str, int]]) -> None:
        """Store the words of songs, by track id."""
        with self._transaction() as db:
            rows = ((track, json.dumps(dict(bag))) for track, bag in bags.items())
            db.executemany("INSERT OR REPLACE INTO lyrics VALUES (?, ?)", rows)

    # Chunks

    def places(self, dataset: str, feature: str) -> dict[tuple[str, int], Place]:
        """Where each clip's feature lies, by (track id, clip number)."""
        rows = self._rows(
            "SELECT track, number, chunk, place FROM chunk_rows WHERE dataset = ? AND feature = ?",
            dataset,
            feature,
        )
        return {(track, number): Place(chunk, row) for track, number, chunk, row in rows}

    def cached_features(self, dataset: str) -> list[str]:
        """Fingerprints of the features that a dataset has chunks of."""
        rows = self._rows("SELECT DISTINCT feature FROM chunk_rows WHERE dataset = ?", dataset)
        return sorted(row[0] for row in rows)

    def chunks(self, dataset: str) -> set[str]:
        """Names of all chunk files of a dataset, below its folder."""
        rows = self._rows("SELECT DISTINCT chunk FROM chunk_rows WHERE dataset = ?", dataset)
        return {row[0] for row in rows}

    def forget_chunks(self, dataset: str, chunks: Iterable[str]) -> None:
        """Forget chunk files that are gone: their features have to be computed again."""
        with self._transaction() as db:
            rows = ((dataset, chunk) for chunk in chunks)
            db.executemany("DELETE FROM chunk_rows WHERE dataset = ? AND chunk = ?", rows)

    def add_chunk(self, dataset: str, feature: str, chunk: str, clips: Iterable[Clip]) -> None:
        """Store that a chunk file holds the features of `clips`, in their order."""
        rows = (
            (dataset, feature, clip.track_id, clip.index, chunk, place) for place, clip in enumerate(clips)
        )
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO chunk_rows VALUES (?, ?, ?, ?, ?, ?)", rows)

    # Fingerprints, embeddings and runs

    def prints(self, dataset: str, kind: str) -> dict[str, NDArray[np.uint32]]:
        """Fingerprints of a dataset's songs, by track id."""
        rows = self._rows(
            "SELECT track, words FROM prints WHERE kind = ?"
            " AND track IN (SELECT track FROM songs WHERE dataset = ?)",
            kind,
            dataset,
        )
        return {track: np.frombuffer(words, "<u4").astype(np.uint32) for track, words in rows}

    def add_prints(self, kind: str, words: Mapping[str, NDArray[np.uint32]]) -> None:
        """Store fingerprints by track id."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO prints VALUES (?, ?, ?)",
                ((track, kind, some.astype("<u4").tobytes()) for track, some in words.items()),
            )

    def embeddings(self, model: str) -> dict[str, NDArray[np.float32]]:
        """Vectors that a model gave, by track id."""
        rows = self._rows("SELECT track, vector FROM embeddings WHERE model = ?", model)
        return {track: np.frombuffer(vector, np.float32) for track, vector in rows}

    def add_embeddings(self, model: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Store vectors that a model gave."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)",
                ((track, model, vector.astype(np.float32).tobytes()) for track, vector in vectors.items()),
            )

    def log_run(self, command: str, summary: Mapping[str, Any]) -> None:
        """Store that a command ran."""
        with self._transaction() as db:
            values = (command.encode(errors="replace").decode(), time.time(), json.dumps(summary))
            db.execute("INSERT INTO runs (command, started, summary) VALUES (?, ?, ?)", values)


def _path(raw: bytes) -> Path:
    return Path(os.fsdecode(raw))


def _file_row(row: tuple[Any, ...]) -> Track | Rejected:
    path, size, mtime_ns, track, reason, duration_s, tags = row
    state = FileState(size, mtime_ns)
    if track is None or tags is None:
        return Rejected(_path(path), reason or "", state)
    return Track(track, _path(path), state, duration_s, Tags(**json.loads(tags)))
