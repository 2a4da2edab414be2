"""A home with the demo library ingested and two models trained, shared by the tests that only look."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from groovecli.cli.app import app
from tests.conftest import DEMO


def groove(*arguments: object) -> Result:
    """Run a command as a user would, in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def groove_json(*arguments: object, code: int = 0) -> Any:
    """The JSON that a command prints."""
    result = groove(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@dataclass(frozen=True)
class Workshop:
    """A library of demo songs and a GROOVE_HOME that knows it."""

    library: Path
    home: Path


def _set_home(home: Path) -> dict[str, str]:
    saved = {name: value for name, value in os.environ.items() if name.startswith("GROOVE_")}
    for name in saved:
        del os.environ[name]
    os.environ["GROOVE_HOME"] = str(home)
    return saved


@pytest.fixture(scope="session")
def _workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("workshop")
    library, home = folder / "music", folder / "home"
    for genre in ("electronic", "folk", "metal", "orchestral"):
        shutil.copytree(DEMO / genre, library / genre)
    saved = _set_home(home)
    assert groove("ingest", library, "--split-by", "artist", "--jobs", "1").exit_code == 0
    assert groove("train", "--epochs", "4", "--name", "net").exit_code == 0
    assert groove("models", "use", "net", "--for", "all", "--force").exit_code == 0
    os.environ.update(saved)
    yield Workshop(library, home)


@pytest.fixture
def workshop(_workshop: Workshop, home: Path) -> Workshop:
    """The shared home, copied, so that each test may change its own."""
    shutil.copytree(_workshop.home, home)
    return Workshop(_workshop.library, home)
