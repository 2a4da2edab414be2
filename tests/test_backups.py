"""Copies of the catalogue: made before a migration and after datasets changed, and put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from groovecli.audio.clips import Clip
from groovecli.datasets.tables import DatasetSettings, SideClip, Song, Tables
from groovecli.library import backups
from groovecli.library.catalog import Catalog
from groovecli.library.schema import MIGRATIONS

SETTINGS = DatasetSettings("default", "song", 0.2, 0, 30.0, "folder", 3, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Today, which a test may change."""
    today = ["2026-11-29"]
    monkeypatch.setattr(backups.time, "strftime", lambda _: today[0])
    return today


def add(catalog: Catalog, number: int) -> None:
    tables = Tables(catalog, "default")
    tables.put_settings(SETTINGS)
    song = f"{number:032x}"
    tables.add_songs([Song(song, "rock", "train")], [SideClip(Clip(song, 0, 1.5), "train")])


def songs_in(backup: Path) -> int:
    with closing(sqlite3.connect(backup)) as db:
        return int(db.execute("SELECT count(*) FROM songs").fetchone()[0])


def copies(path: Path) -> list[backups.Backup]:
    return backups.backups(backups.folder_of(path))


def test_a_copy_is_made_where_datasets_change_and_only_there(path: Path, day: list[str]) -> None:
    with Catalog(path) as catalog:
        catalog.log_run("classify", {})
    assert copies(path) == []
    for number in (1, 2):
        with Catalog(path) as catalog:
            add(catalog, number)
    (copy,) = copies(path)
    assert (copy.day, songs_in(copy.path)) == ("2026-11-29", 2)
    before = copy.path.stat().st_mtime_ns
    with Catalog(path) as catalog:
        add(catalog, 2)  # nothing new
    assert copy.path.stat().st_mtime_ns == before


def test_those_of_the_newest_days_are_kept_whatever_the_clock(path: Path, day: list[str]) -> None:
    for number, day[0] in enumerate(("2026-11-29", "2031-01-01", "2026-11-30", "2026-12-01"), 1):
        with Catalog(path) as catalog:
            add(catalog, number)
    kept = copies(path)
    assert [copy.day for copy in kept] == ["2026-12-01", "2026-11-30", "2031-01-01"]
    assert [songs_in(copy.path) for copy in kept] == [4, 3, 2]


def test_a_copy_with_a_dataset_that_the_catalogue_lacks_is_not_replaced(path: Path, day: list[str]) -> None:
    with Catalog(path) as catalog:
        add(catalog, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for table in ("datasets", "songs", "clips"):
            db.execute(f"DELETE FROM {table}")
    for number in (2, 3):  # of another dataset
        with Catalog(path) as catalog:
            tables = Tables(catalog, "other")
            tables.put_settings(SETTINGS)
            tables.add_songs([Song(f"{number:032x}", "rock", "train")], [])
    new, old = copies(path)
    assert (new.number, new.day, songs_in(new.path)) == (2, old.day, 2)
    assert songs_in(old.path) == 1


def test_a_copy_that_cannot_be_read_is_replaced(path: Path, day: list[str]) -> None:
    for number in (1, 2):
        with Catalog(path) as catalog:
            add(catalog, number)
        (copy,) = copies(path)
        if number == 1:
            copy.path.write_bytes(b"none")
    assert songs_in(copy.path) == 2


def test_a_full_disk_does_not_fail_what_was_done(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backups, "_copy_tables", full)
    with Catalog(path) as catalog:
        add(catalog, 1)
    assert copies(path) == []
    assert not list(path.parent.rglob(".groove-*"))


def old_catalog(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript("".join(MIGRATIONS[:version]))
        db.execute("INSERT INTO songs VALUES ('default', ?, 'rock', 'train')", (f"{1:032x}",))
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_the_whole_catalogue_is_copied_before_a_migration(path: Path, version: int) -> None:
    old_catalog(path, version)
    with closing(sqlite3.connect(path)) as db:
        before = list(db.iterdump())
    with Catalog(path):
        pass
    with closing(sqlite3.connect(backups.folder_of(path) / f"catalog-v{version}.db")) as db:
        assert list(db.iterdump()) == before
        assert db.execute("PRAGMA user_version").fetchone() == (version,)


def test_little_room_keeps_what_cannot_be_computed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_catalog(path, 6)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1}))
    with Catalog(path):
        pass
    with closing(sqlite3.connect(backups.folder_of(path) / "catalog-v6.db")) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    assert tables == set(backups.TABLES)


def test_a_copy_that_cannot_be_made_leaves_the_old_catalogue(path: Path) -> None:
    from groovecli.errors import StorageError

    old_catalog(path, 6)
    (path.parent / "backups").write_text("a file")
    with pytest.raises(StorageError), Catalog(path):
        pass
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (6,)


def test_rows_that_are_lost_come_back_and_others_stay(path: Path) -> None:
    with Catalog(path) as catalog:
        add(catalog, 1)
        add(catalog, 2)
    (copy,) = copies(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM songs WHERE track = ?", (f"{1:032x}",))
        db.execute("UPDATE songs SET side = 'test'")
        assert backups.restore(db, copy.path, "songs") == 1
        assert sorted(row[3] for row in db.execute("SELECT * FROM songs")) == ["test", "train"]
