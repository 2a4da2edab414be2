"""A module imports only from above: the order of the list is the architecture."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "groovecli"

# Modules and folders, top to bottom; those in one line know nothing of each other.
LAYERS = (
    "errors monitor quiet levels schema",
    "store config",
    "paths parallel",
    "payload tags lyrics choice bundles",
    "words",
    "audio",
    "tracks prints",
    "splits clips labels",
    "sources features",
    "chunks catalog",
    "extraction plans texts libraries replicas",
    "ingest datasets models",
    "pooling memory familiarity",
    "plots checkpoints devices protocols confidence",
    "training shelf published exports calibration naming",
    "figures predict",
    "training_data transfer",
    "trained",
    "runs",
    "evaluation embeddings pages",
    "spaces",
    "extension growth reports clusters playlists previews",
    "comparison",
    "scoreboard honesty",
    "honesty_report",
    "curation",
    "cli",
)
FREE = {"__init__", "__main__"}  # version; the way into cli
RANKS = {name: rank for rank, line in enumerate(LAYERS) for name in line.split()}
ONLY_IN_CLI = {"typer", "rich", "click"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def top(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(source: str) -> Iterator[str]:
    """Dotted names of all imports, those inside functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(name: str, source: str) -> list[str]:
    """What a module called `name` (its first part below the package) may not import."""
    found = []
    for target in imported(source):
        parts = target.split(".")
        if parts[0] in ONLY_IN_CLI and name != "cli":
            found.append(f"{name} imports {target}")
        if parts[0] != "groovecli" or len(parts) < 2 or parts[1] == "__version__":
            continue
        if parts[1] != name and RANKS.get(parts[1], 99) >= RANKS.get(name, -1):
            found.append(f"{name} imports {target}")
    return found


def test_every_module_has_its_place_in_the_list() -> None:
    assert {top(path) for path in modules()} - FREE - set(RANKS) == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_import_from_above_alone(path: Path) -> None:
    if top(path) not in FREE:
        assert violations(top(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("audio", "from groovecli.tracks import scan"),
        ("audio", "def f():\n    import groovecli.cli.app"),
        ("tags", "from groovecli import payload"),
        ("catalog", "import rich.markup"),
        ("models", "from typer import Exit"),
    ],
)
def test_the_test_sees_violations(name: str, source: str) -> None:
    assert len(violations(name, source)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("features", "from groovecli.features.mel import mel_db"),
        ("cli", "import typer\nfrom groovecli.runs import train"),
        ("runs", "import torch\nfrom groovecli import __version__"),
    ],
)
def test_the_test_lets_the_rest_pass(name: str, source: str) -> None:
    assert violations(name, source) == []


def test_workers_import_neither_torch_nor_librosa() -> None:
    """What a worker process needs costs 61 MiB; torch and librosa would make it 418."""
    heavy = ("torch", "librosa", "sklearn", "matplotlib", "typer")
    code = f"import sys, groovecli.extraction; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
