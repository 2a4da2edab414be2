"""The doctor: well here, and what it says of a home, libraries, formats and settings that are not."""

from __future__ import annotations

import os
import sqlite3
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from groovecli.actions.context import Context
from groovecli.actions.doctor import formats, places, run, software
from groovecli.actions.doctor.check import Check, Level
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.library.schema import MIGRATIONS
from tests.cli.conftest import groove, groove_json


def named(checks: object, name: str) -> list[Check]:
    return [check for check in checks if check.name == name]  # type: ignore[attr-defined]


def test_all_is_well_and_nothing_is_made(home: Path) -> None:
    answer = groove_json("doctor")
    assert (answer["n_problems"], answer["schema"]) == (0, 1)
    names = [check["name"] for check in answer["checks"]]
    assert {"groove", "libraries", "device", "formats", "folder", "space", "settings"} <= set(names)
    assert not home.exists()


def test_every_format_is_decoded() -> None:
    checks = list(formats.checks())
    assert [check.level for check in checks] == [Level.OK]
    assert len(checks[0].facts["decoded"]) == len(formats.FORMATS)


def test_a_format_that_decodes_to_something_else_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    right = formats.read
    monkeypatch.setattr(formats, "read", lambda path: (right(path)[0], 8000))
    checks = list(formats.checks())
    assert len(named(checks, "format flac")) == 1
    assert all(check.level == Level.PROBLEM for check in checks[:-1])


def test_a_temporary_folder_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(formats.tempfile, "TemporaryDirectory", refuse)
    (check,) = formats.checks()
    assert check.level == Level.PROBLEM
    assert "No space left" in check.text


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("no-such-library>=1", "is not installed"),
        ("numpy>=900", "needs numpy>=900"),
    ],
)
def test_a_library_that_is_missing_or_old(line: str, why: str) -> None:
    requirement = Requirement(line)
    fault, last = software._required([requirement])
    assert fault.level == Level.PROBLEM
    assert why in fault.text
    assert "pip install" in fault.hint
    assert last.text.startswith("0 of the 1")


def test_a_library_that_breaks_when_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise OSError(f"lib{name}.so: cannot open shared object file")

    monkeypatch.setattr(software.importlib, "import_module", broken)
    fault, _ = software._required([Requirement("numpy")])
    assert "libnumpy.so" in fault.text
    assert f"numpy=={metadata.version('numpy')}" in fault.hint


def test_a_part_that_breaks_is_said_and_the_others_are_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run.machine, "checks", lambda: 1 / 0)
    found = run.run(run.DoctorRequest(), Context())
    (check,) = found.problems
    assert (check.name, "ZeroDivisionError" in check.text) == ("machine", True)
    assert named(found.checks, "formats")


def catalog_check(home: Path) -> Check:
    return named(places.checks(Home(home)), "catalogue")[0]


def test_the_catalogue(home: Path) -> None:
    with Catalog(home / "catalog.db"):
        assert catalog_check(home).level == Level.OK
    with sqlite3.connect(home / "catalog.db") as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    assert catalog_check(home).hint == "upgrade groove"


def test_a_catalogue_of_an_older_groove_is_not_migrated(home: Path) -> None:
    home.mkdir()
    with sqlite3.connect(home / "catalog.db") as db:
        db.execute("CREATE TABLE something (a)")
        db.execute("PRAGMA user_version = 1")
    check = catalog_check(home)
    assert (check.level, check.facts["version"]) == (Level.OK, 1)


@pytest.mark.parametrize("content", [b"no database at all" * 500, b""])
def test_a_damaged_catalogue_and_an_empty_file(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "catalog.db").write_bytes(content)
    check = catalog_check(home)
    assert check.level == (Level.PROBLEM if content else Level.OK)
    assert ("groove verify" in check.hint) == bool(content)


@pytest.mark.parametrize("content", [None, b""])
def test_an_empty_catalogue_beside_copies(home: Path, content: bytes | None) -> None:
    (home / "backups").mkdir(parents=True)
    (home / "backups" / "datasets-000001-2026-11-29.db").touch()
    if content is not None:
        (home / "catalog.db").write_bytes(content)
    check = catalog_check(home)
    assert (check.level, "groove verify" in check.hint) == (Level.PROBLEM, True)


@pytest.mark.skipif(os.name == "nt", reason="a file where the folder should be")
def test_a_home_that_is_a_file(home: Path) -> None:
    home.write_text("a file")
    answer = groove_json("doctor", code=3)
    assert {check["name"] for check in answer["checks"] if check["level"] == "problem"} >= {"folder"}


def test_little_room(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: usage)
    (check,) = named(places.checks(Home(home)), "space")
    assert check.level == Level.PROBLEM
    assert "10.0 MB free" in check.text


def test_a_damaged_model_and_a_choice_that_is_gone(home: Path) -> None:
    (home / "models" / "bad").mkdir(parents=True)
    (home / "models" / "bad" / "model.safetensors").write_bytes(b"nothing")
    (home / "model-in-use.json").write_text('{"classify": "gone"}')
    found = list(places.checks(Home(home)))
    assert len(named(found, "model")) == 1
    assert "gone" in named(found, "model in use")[0].text


def test_a_setting_that_no_command_can_use(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROOVE_JOBS", "many")
    result = groove("doctor")
    assert result.exit_code == 3
    assert "problem settings" in result.stdout
    assert "GROOVE_JOBS" in result.stdout
