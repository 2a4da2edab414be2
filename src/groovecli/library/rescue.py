"""A damaged catalogue: kept aside, and built again of what can be read and of the copies of the rest."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.files import PREFIX, storage_errors
from groovecli.library import backups
from groovecli.library.catalog import Catalog
from groovecli.library.schema import MIGRATIONS, VECTORS_MOVE


@dataclass(frozen=True)
class Rescued:
    """What became of a damaged catalogue.

    Parameters
    ----------
    why : str
        What SQLite says of the damage.
    aside : Path, optional
        Where the damaged file is kept, unless it was gone.
    n_read : mapping of table to int
        Rows that could be read.
    lost : tuple of str
        Tables of which some rows could not be read.
    n_restored : mapping of table to int
        Rows that came back from a copy of what can't be computed.
    backup : Path, optional
        That copy, if there was one and it was needed.
    damaged_copies : tuple of Path
        Copies that were needed and could not be read.
    """

    why: str
    aside: Path | None
    n_read: Mapping[str, int]
    lost: tuple[str, ...]
    n_restored: Mapping[str, int]
    backup: Path | None
    damaged_copies: tuple[Path, ...]

    @property
    def are_datasets_lost(self) -> bool:
        """Whether there were copies of datasets that could not be read, and none that could."""
        is_needed = not {"datasets", "songs", "clips"}.isdisjoint(self.lost)
        return is_needed and self.backup is None and bool(self.damaged_copies)


def damage(path: Path) -> str:
    """What is wrong with a catalogue; nothing where it is sound, of a newer groove, or of a new home.

    Raises
    ------
    sqlite3.OperationalError
        It can't be opened.
    """
    has_copies = bool(backups.backups(backups.folder_of(path)))
    if not path.exists():
        return "it is gone" if has_copies else ""
    try:
        with closing(sqlite3.connect(path)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                return ""
            if not version and has_copies:
                return "it is empty"
            found = db.execute("PRAGMA integrity_check(3)").fetchall()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        return str(error)
    lines = [line for (text,) in found for line in str(text).splitlines() if not line.startswith("***")]
    return "" if lines == ["ok"] else lines[0]


def rescue(path: Path, why: str) -> Rescued:
    """Build a damaged catalogue again; it stays as it was, under another name, before anything else.

    Raises
    ------
    StorageError
        There is no room for it, or the folder can't be written.
    """
    with storage_errors(path):
        aside = _aside(path)
        with tempfile.TemporaryDirectory(prefix=f"{PREFIX}rescue-", dir=path.parent) as folder:
            damaged, new = Path(folder) / "damaged.db", Path(folder) / "catalog.db"
            for ending in ("", "-wal"):
                if os.path.exists(f"{path}{ending}"):
                    shutil.copyfile(f"{path}{ending}", f"{damaged}{ending}")
            n_read, lost = _salvaged(damaged, new)
            _keep_vectors(new.parent / "embeddings", path.parent / "embeddings")
            n_restored, backup, bad = _restored(new, backups.folder_of(path), lost)
            for ending in ("-wal", "-shm"):  # SQLite would apply them to the new file
                with suppress(FileNotFoundError):
                    os.unlink(f"{path}{ending}")
            os.replace(new, path)
    return Rescued(why, aside, n_read, lost, n_restored, backup, bad)


def _keep_vectors(made: Path, folder: Path) -> None:
    """Take over the matrices that an older catalogue's vectors became."""
    for matrix in made.glob("*") if made.is_dir() else ():
        folder.mkdir(exist_ok=True)
        os.replace(matrix, folder / matrix.name)


def _aside(path: Path) -> Path | None:
    """Keep the damaged file, and what SQLite had not written into it yet, under another name."""
    if not path.exists():
        return None
    day, number = time.strftime("%Y-%m-%d"), 1
    while (aside := path.with_name(f"catalog-damaged-{day}-{number}.db")).exists():
        number += 1
    for ending in ("", "-wal"):
        if os.path.exists(f"{path}{ending}"):
            shutil.copyfile(f"{path}{ending}", f"{aside}{ending}")
    return aside


def _salvaged(damaged: Path, new: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    """Copy the rows that can be read to a new catalogue: how many a table, and which are not whole."""
    with closing(sqlite3.connect(damaged)) as source:
        source.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        version = _version(source)
        with closing(sqlite3.connect(new, isolation_level=None)) as target:
            target.executescript("".join(MIGRATIONS[:version]))
            if version >= VECTORS_MOVE:
                target.execute("DROP TABLE embeddings")
            target.execute(f"PRAGMA user_version = {version}")
            tables = [
                row[0] for row in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            n_read, lost = {}, []
            target.execute("BEGIN")
            for table in tables:
                rows = _Rows(source, target, table)
                n_read[table] = rows.copied()
                if rows.is_damaged:
                    lost.append(table)
            target.execute("COMMIT")
    with Catalog(new):  # of an older version it becomes one of this
        pass
    _without_log(new)
    return n_read, tuple(lost)


def _version(db: sqlite3.Connection) -> int:
    """The version of a catalogue's tables; this groove's where it can't be read."""
    try:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        return len(MIGRATIONS)
    return version if 0 < version <= len(MIGRATIONS) else len(MIGRATIONS)


class _Rows:
    """The rows of a table, read from its beginning and then from its end up to what is damaged."""

    def __init__(self, source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> None:
        self.source, self.target, self.table = source, target, table
        info = target.execute(f"PRAGMA table_info({table})").fetchall()
        self.columns = [row[1] for row in info]
        keys = [row[1] for row in sorted(info, key=lambda row: row[5]) if row[5]]
        self.order = "rowid" if self._has_rowid() else ", ".join(f"{key} DESC" for key in keys)
        self.is_damaged = False

    def _has_rowid(self) -> bool:
        try:
            self.target.execute(f"SELECT rowid FROM {self.table} LIMIT 0")
        except sqlite3.OperationalError:
            return False
        return True

    def copied(self) -> int:
        """Copy the rows; how many there are then."""
        names = ", ".join(self.columns)
        backwards = f"{self.order} DESC" if self.order == "rowid" else self.order
        self._copy(f"SELECT {names} FROM {self.table}")
        if self.is_damaged:
            self._copy(f"SELECT {names} FROM {self.table} ORDER BY {backwards}")
        return int(self.target.execute(f"SELECT count(*) FROM {self.table}").fetchone()[0])

    def _copy(self, query: str) -> None:
        put = f"INSERT OR IGNORE INTO {self.table} VALUES ({', '.join('?' * len(self.columns))})"
        for row in self._read(query):
            try:
                self.target.execute(put, row)
            except (sqlite3.Error, UnicodeEncodeError):  # what damage made of a row
                self.is_damaged = True

    def _read(self, query: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self.source.execute(query)
        except sqlite3.Error:
            self.is_damaged = True


def _restored(
    new: Path, folder: Path, lost: tuple[str, ...]
) -> tuple[dict[str, int], Path | None, tuple[Path, ...]]:
    """Put back what can't be computed and could not be read, from the newest copy that can be.

    Also that copy, and those that could not be read.
    """
    tables = [table for table in backups.TABLES if table in lost]
    bad: list[Path] = []
    for backup in backups.backups(folder) if tables else ():
        with closing(sqlite3.connect(new, isolation_level=None)) as db:
            try:
                found = backups.restore_all(db, backup.path, tables)
            except sqlite3.Error:  # damaged too: the one before it
                bad.append(backup.path)
                continue
        return found, backup.path, tuple(bad)
    return {}, None, tuple(bad)


def _without_log(path: Path) -> None:
    """Write all into the file itself, which is moved without its log."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
