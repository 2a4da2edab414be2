"""docs/papers.ipynb runs from end to end on any folder of genres; what is published is one whole run."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from groovecli.networks.registry import model_spec
from tests.conftest import write_song

PATH = Path(__file__).parent.parent / "docs" / "papers.ipynb"
NETWORKS = ("dense", "seq-cnn", "seq-lstm")
MOST_BYTES = 1_500_000


def published() -> NotebookNode:
    return nbformat.read(PATH, as_version=4)


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook on the music in a folder, one epoch, with a home and a Jupyter of its own."""
    own = {
        "PAPERS_MUSIC": str(folder / "music"),
        "PAPERS_GENRES": "",
        "PAPERS_EPOCHS": "1",
        "GROOVE_HOME": str(folder / "home"),
        "LOKY_MAX_CPU_COUNT": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        where = {"metadata": {"path": str(folder)}}
        return NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two genres of six tones each, hardly longer than what the networks get of a song."""
    folder = tmp_path_factory.mktemp("notebook")
    for number, hz in enumerate((220, 1568)):
        for song in range(6):
            path = folder / "music" / f"genre {number}" / f"{song}.wav"
            write_song(path, 28, sr=8000, hz=hz * (1 + song / 90), seed=10 * number + song)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> NotebookNode:
    return execute(published(), folder)


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def texts(notebook: NotebookNode) -> str:
    """All that is read in the outputs: what is printed, and tables."""
    parts = (o.get("text") or o.get("data", {}).get("text/markdown", "") for o in outputs(notebook))
    return "\n".join(parts)


def n_pictures(notebook: NotebookNode) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs(notebook))


def test_it_runs_from_end_to_end(run: NotebookNode, folder: Path) -> None:
    said = texts(run)
    for number in range(2):
        assert re.search(rf"\| genre {number} \| 5 \| 1 \|", said)
    for network in NETWORKS:
        assert re.search(rf"^{network}: 1 epoch in \d+\.\d (s|min)", said, re.M)
        figures = r"\d+\.\d % \(\d+\.\d % to \d+\.\d %\) \| \d\.\d\d \| \d\.\d\d"
        assert re.search(rf"^\| {network} \| {figures} \|", said, re.M)
    assert "2 test songs of 2 genres; always saying genre 0: 50.0 % right" in said
    assert "songs without an artist tag: 12" in said
    assert said.count("songs without lyrics: ") == said.count("an epoch draws ") == len(NETWORKS)
    assert n_pictures(run) == 4
    assert not (folder / "home").exists(), "all is done in a folder of its own"


def test_the_paper_s_figures_are_the_registry_s() -> None:
    said = texts(published())
    for network in NETWORKS:
        row = re.search(rf"^\| {network} \|.*\| (.+) \| (0\.\d\d) \| (0\.\d\d) \|$", said, re.M)
        assert row
        accuracy, precision, f1 = row.groups()
        text = model_spec(network).published.text
        assert text.startswith(accuracy) and text.endswith(f"average precision {precision}, F1 {f1}")


def test_a_cell_that_fails_fails_the_run(folder: Path) -> None:
    """As in this test, so in the one above: no cell may hide an error behind a tag."""
    notebook = copy.deepcopy(published())
    assert all("raises-exception" not in cell.metadata.get("tags", []) for cell in notebook.cells)
    parameters = next(
        n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])
    )
    notebook.cells = [*notebook.cells[: parameters + 1], new_code_cell("assert EPOCHS == 2")]
    with pytest.raises(CellExecutionError, match="AssertionError"):
        execute(notebook, folder)


def test_what_is_published_is_one_whole_run() -> None:
    notebook = published()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {(output.output_type, output.get("name", "")) for output in outputs(notebook)}
    assert kinds == {("stream", "stdout"), ("display_data", "")}
    assert n_pictures(notebook) == 4
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells), "no times of the run"
    assert PATH.stat().st_size < MOST_BYTES
    assert "of ten genres" in notebook.cells[-2].source and "10 genres;" in texts(notebook)


def test_what_is_published_names_no_place_of_a_machine() -> None:
    notebook = published()
    written = "\n".join(cell.source for cell in notebook.cells) + texts(notebook) + str(notebook.metadata)
    written += str([{**cell.metadata} for cell in notebook.cells])
    assert not re.findall(r"(?<![\w.:/])/[A-Za-z]\w+/\S*|[A-Z]:\\\S+", written)
