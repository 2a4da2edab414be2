"""Copies of the catalogue: whole before its tables change, else what can't be computed.

Settings, songs with their sides, clips and lyrics of datasets can't be computed again from the music.
Their copies are numbered, since a clock may go backwards; those of the newest days are kept.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from groovecli.files import PREFIX, storage_errors

TABLES = ("datasets", "songs", "clips", "words")
"""Tables of what can't be computed."""
KEPT = 3
_NAME = re.compile(r"datasets-(\d{6})-(\d{4}-\d\d-\d\d)\.db")


@dataclass(frozen=True)
class Backup:
    """A copy of what can't be computed, and the day it was made on."""

    path: Path
    number: int
    day: str


def folder_of(catalog: Path) -> Path:
    """Where a catalogue's copies lie."""
    return catalog.parent / "backups"


def backups(folder: Path) -> list[Backup]:
    """The copies in a folder, the newest first."""
    names = os.listdir(folder) if folder.is_dir() else []
    found = [match for name in names if (match := _NAME.fullmatch(name))]
    kept = [Backup(folder / match[0], int(match[1]), match[2]) for match in found]
    return sorted(kept, key=lambda each: each.number, reverse=True)


def keep(db: sqlite3.Connection, folder: Path) -> Path:
    """Copy what can't be computed; the copy of today, if there is one, is replaced.

    It stays where it has a dataset that the catalogue lacks: that may be the last place it is in.

    Raises
    ------
    StorageError
        The disk is full, or the folder can't be written.
    sqlite3.Error
        The catalogue can't be read.
    """
    before, day = backups(folder), time.strftime("%Y-%m-%d")
    number = 1
    if before:
        stays = before[0].day != day or _has_more(before[0].path, db)
        number = before[0].number + stays
    path = folder / f"datasets-{number:06}-{day}.db"
    with _replacing(path) as new:
        _copy_tables(db, new)
    for old in backups(folder)[KEPT:]:
        old.path.unlink(missing_ok=True)
    return path


def _has_more(backup: Path, db: sqlite3.Connection) -> bool:
    """Whether a copy has a dataset that the catalogue lacks; no, where it can't be read."""
    query = "SELECT name FROM datasets UNION SELECT dataset FROM songs"
    here = set(db.execute(query))
    try:
        with closing(sqlite3.connect(backup)) as copy:
            return not here.issuperset(copy.execute(query))
    except sqlite3.Error:
        return False


def keep_before_migration(db: sqlite3.Connection, catalog: Path, version: int) -> Path:
    """Copy a whole catalogue before its tables change; only what can't be computed where room is short.

    A copy of the same version stays: it is of the first try.

    Raises
    ------
    StorageError
        The disk is full, or the folder can't be written.
    """
    folder = folder_of(catalog)
    path = folder / f"catalog-v{version}.db"
    if path.exists():
        return path
    with storage_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        is_roomy = shutil.disk_usage(folder).free > 3 * catalog.stat().st_size
    with _replacing(path) as new:
        if is_roomy:
            with closing(sqlite3.connect(catalog)) as source, closing(sqlite3.connect(new)) as target:
                source.backup(target)
        else:
            _copy_tables(db, new)
    return path


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that replaces it when the block ends without an error."""
    new = path.with_name(f"{PREFIX}{path.name}.{os.getpid()}.tmp")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            new.unlink(missing_ok=True)
            yield new
            with new.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(new, path)
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)


def _copy_tables(db: sqlite3.Connection, path: Path) -> None:
    """Copy the tables of what can't be computed, all at one moment.

    Through a connection of its own where the database is a file: the given one may be in a transaction.
    """
    (main,) = (row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main")
    with closing(sqlite3.connect(main, isolation_level=None)) as source:
        source.execute("ATTACH ? AS kept", (str(path),))
        source.execute("PRAGMA kept.journal_mode = OFF")
        source.execute("PRAGMA kept.synchronous = OFF")
        there = {
            row[0] for row in source.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")
        }
        version = source.execute("PRAGMA main.user_version").fetchone()[0]
        source.execute("BEGIN")
        for table in TABLES:
            if table in there:
                source.execute(f"CREATE TABLE kept.{table} AS SELECT * FROM main.{table}")
        source.execute("COMMIT")
        source.execute(f"PRAGMA kept.user_version = {version}")


def restore(db: sqlite3.Connection, backup: Path, table: str) -> int:
    """Put the rows that a copy has and the catalogue lacks into a table; how many.

    Columns that only one of the two knows are left out.

    Raises
    ------
    sqlite3.Error
        The copy can't be read.
    """
    db.execute("ATTACH ? AS kept", (str(backup),))
    try:
        theirs = [row[1] for row in db.execute(f"PRAGMA kept.table_info({table})")]
        ours = {row[1] for row in db.execute(f"PRAGMA main.table_info({table})")}
        columns = ", ".join(name for name in theirs if name in ours)
        if not columns:
            return 0
        before = db.total_changes
        db.execute(f"INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM kept.{table}")
        return db.total_changes - before
    finally:
        db.execute("DETACH kept")


def restore_all(db: sqlite3.Connection, backup: Path, tables: Sequence[str]) -> dict[str, int]:
    """Put the rows that a copy has and the catalogue lacks into some tables; how many each.

    Raises
    ------
    sqlite3.Error
        The copy can't be read, or is cut off.
    """
    with closing(sqlite3.connect(backup)) as copy:
        copy.execute("SELECT count(*) FROM songs").fetchone()  # an empty file is a database, too
    return {table: restore(db, backup, table) for table in tables}
