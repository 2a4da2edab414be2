"""The house: its wings from the door down to the ground, and what may import what."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "groovecli"

# From the top down: a module imports from its own wing and from lines below. Wings in one line know
# nothing of each other; the last line is the ground, modules and all.
WINGS = (
    "cli",
    "actions",
    "reports",
    "evaluation",
    "training",
    "models",
    "datasets",
    "networks",
    "features playlists describe words",
    "library",
    "audio",
    "errors reasons messages monitor files paths checked home workers",
)
FLOORS = {name: len(WINGS) - n for n, line in enumerate(WINGS) for name in line.split()}
GROUND = set(WINGS[-1].split())
FREE = {"__init__", "__main__"}  # what the package exports; the way into the command line
ONLY_IN_CLI = {"typer", "rich", "click"}
MOST_LINES = 400
MOST_LINES_OF_A_BODY = 60


def modules(package: Path = PACKAGE) -> list[Path]:
    return sorted(package.rglob("*.py"))


def dotted(path: Path, package: Path = PACKAGE) -> str:
    """`audio/read.py` -> `audio.read`; a folder's `__init__.py` -> the folder's name."""
    return ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__")


NAMES = {dotted(path) for path in modules()}


def imported(source: str) -> Iterator[str]:
    """Dotted names of all imports, those inside functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(source: str) -> Iterator[str]:
    """groovecli's modules among the imports: `audio.read` for `from groovecli.audio.read import load`."""
    for target in imported(source):
        root, _, rest = target.partition(".")
        if root == "groovecli" and rest:
            name = rest
            while name not in NAMES and "." in name:
                name = name.rpartition(".")[0]
            if name in NAMES:
                yield name


def with_packages(names: Iterable[str]) -> set[str]:
    """Modules and the packages that they lie in, which Python imports too."""
    return {
        ".".join(parts[:n])
        for name in names
        if (parts := name.split("."))
        for n in range(1, len(parts) + 1)
    }


def wing(module: str) -> str:
    return module.partition(".")[0]


def violations(module: str, source: str) -> list[str]:
    """The imports that a module may not have."""
    outside = [t for t in imported(source) if t.split(".")[0] in ONLY_IN_CLI and wing(module) != "cli"]
    upwards = [
        name
        for name in own_imports(source)
        if wing(name) != wing(module)
        and FLOORS[wing(name)] >= FLOORS[wing(module)]
        and not {wing(name), wing(module)} <= GROUND
    ]
    return sorted({*outside, *upwards})


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def n_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, without its arguments and its docstring."""
    is_documented = ast.get_docstring(function) is not None and len(function.body) > 1
    first = function.body[1 if is_documented else 0]
    assert function.end_lineno is not None
    return function.end_lineno - first.lineno + 1


def test_every_module_has_its_wing() -> None:
    assert {wing(name) for name in NAMES} - FREE - set(FLOORS) == set()


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_a_module_imports_from_its_wing_and_from_those_below(path: Path) -> None:
    name = dotted(path)
    if name not in FREE:
        assert violations(name, path.read_text("utf-8")) == []


def test_no_module_imports_itself_by_any_way() -> None:
    graph = {}
    for path in modules():
        name = dotted(path)
        graph[name] = with_packages([*own_imports(path.read_text("utf-8")), name]) - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_modules_and_functions_are_short(path: Path) -> None:
    source = path.read_text("utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    long = [f.name for f in functions(source) if n_lines(f) > MOST_LINES_OF_A_BODY]
    assert long == []


@pytest.mark.parametrize("folder", sorted({path.parent for path in modules()}), ids=str)
def test_every_wing_says_in_a_line_what_belongs_there(folder: Path) -> None:
    tree = ast.parse((folder / "__init__.py").read_text("utf-8"))
    assert len((ast.get_docstring(tree) or "").splitlines()) == 1
    if folder != PACKAGE:
        assert len(tree.body) == 1, "packages export nothing"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("audio.read", "from groovecli.library.tracks import scan"),
        ("audio.read", "def f():\n    import groovecli.cli.app"),
        ("features.images", "from groovecli.playlists import clusters"),
        ("files", "from groovecli.audio import tags"),
        ("library.catalog", "import rich.markup"),
        ("models.file", "from typer import Exit"),
    ],
)
def test_the_test_sees_violations(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("features.images", "from groovecli.features.mel import mel_db"),
        ("cli.app", "import typer\nfrom groovecli.actions.train import train"),
        ("actions.train", "import torch\nfrom groovecli import __version__"),
        ("workers.pool", "from groovecli.errors import GrooveError"),
    ],
)
def test_the_test_lets_the_rest_pass(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_a_function_is_as_long_as_its_body() -> None:
    (function,) = functions('def f(\n    a,\n    b,\n):\n    """Docs."""\n\n    x = 1\n    return x\n')
    assert n_lines(function) == 2


def test_workers_import_neither_torch_nor_librosa() -> None:
    """What a worker process needs costs 61 MiB; torch and librosa would make it 418."""
    heavy = ("torch", "librosa", "sklearn", "matplotlib", "typer")
    code = f"import sys, groovecli.datasets.cache; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
