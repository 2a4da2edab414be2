"""groove from Python: what the package exports."""

from __future__ import annotations

import ast
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import groovecli
from groovecli import ClassifyRequest, Context, Home, IngestRequest, classify, ingest
from groovecli.actions.classify import run
from groovecli.datasets.tables import dataset_names
from groovecli.errors import GrooveError, UsageError

SOURCE = Path(groovecli.__file__)


@pytest.mark.parametrize("name", groovecli.__all__)
def test_every_export_is_there(name: str) -> None:
    assert getattr(groovecli, name)
    assert name in dir(groovecli)


def test_type_checkers_see_what_is_imported() -> None:
    """The names under TYPE_CHECKING and those of the table are the same, from the same modules."""
    tree = ast.parse(SOURCE.read_text("utf-8"))
    typed = {
        alias.asname: f"{node.module.removeprefix('groovecli.')}:{alias.name}"
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert typed == groovecli._EXPORTS
    assert set(groovecli.__all__) == {*typed, "__version__"}


def test_every_action_is_exported() -> None:
    """A file in `actions/` that has a `run` is an action."""
    folder = SOURCE.parent / "actions"
    files = [path for path in folder.rglob("*.py") if "\ndef run(" in path.read_text("utf-8")]
    modules = {".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) + ":run" for path in files}
    assert modules == {place for place in groovecli._EXPORTS.values() if place.endswith(":run")}


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'clasify'"):
        groovecli.clasify  # noqa: B018


def test_importing_the_package_costs_nothing() -> None:
    code = "import sys, groovecli; print({'numpy', 'torch', 'typer'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_action_is_a_function_of_a_request_and_a_context(demo: Path, tmp_path: Path) -> None:
    assert classify is run
    song = next((demo / "metal").glob("*.opus"))
    with Context(Home(tmp_path / "home"), jobs=1, device="cpu") as context:
        (named,) = classify(ClassifyRequest([song]), context).results
        assert named.path == song and 0 < named.confidence <= 1
        with pytest.raises(GrooveError, match="no model 'nothing'"):
            classify(ClassifyRequest([song], model="nothing"), context)
        with pytest.raises(
            UsageError, match="ClassifyRequest: n_clips takes a whole number from 1 to 100, not 0"
        ):
            classify(ClassifyRequest([song], n_clips=0), context)
    assert not (tmp_path / "home").exists(), "naming a song leaves nothing behind"


def test_a_context_that_is_used_again_opens_its_catalogue_again(tmp_path: Path) -> None:
    context = Context(Home(tmp_path))
    with context:
        context.catalog.log_run("once", {})
        first = context.catalog
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.known_files()
    with context:
        assert context.catalog is not first
        assert context.catalog.known_files() == {}


def test_one_place_asks_for_the_home() -> None:
    """So that a worker can be on another machine; the demo sets it for the commands that it runs."""
    asking = {
        path.name for path in SOURCE.parent.rglob("*.py") if '"GROOVE_HOME"' in path.read_text("utf-8")
    }
    assert asking == {"home.py", "demo.py", "manual.py"}  # the manual only names it


@pytest.mark.parametrize(
    "wrong",
    [
        {"split_by": "wrong"},
        {"label_from": "wrong"},
        {"source": "nosuch"},
        {"clips_per_song": 0},
        {"clips_per_genre": 0},
        {"seed": -1},
    ],
)
def test_settings_that_make_no_sense_are_not_stored(
    library: Path, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    with Context(Home(tmp_path / "home"), jobs=1) as context:
        with pytest.raises(UsageError, match=next(iter(wrong))):
            ingest(IngestRequest(library, clip_s=3.0, **wrong), context)
        assert dataset_names(context.catalog) == []
