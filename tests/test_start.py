"""What a command costs before it does anything, by counts that no busy machine changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from groovecli.actions.embed import embed
from groovecli.audio.decoders import registry
from groovecli.cli.app import COMMANDS
from groovecli.cli.help import first_line
from groovecli.features import cutting
from groovecli.library.catalog import Catalog
from groovecli.models.loaded import open_model
from groovecli.models.session import may_have_gpu
from groovecli.models.shelf import shipped_model
from tests.cli.conftest import groove
from tests.conftest import write_song

# Runs a command, and says what it imported, opened and asked the catalogue.
WATCHED = """
import json, sqlite3, sys
opened, asked, connect = [], [], sqlite3.connect
def heard(event, given):
    if event == "open" and isinstance(given[0], str) and not given[0].endswith((".py", ".pyc")):
        opened.append(given[0])
def traced(*given, **named):
    made = connect(*given, **named)
    made.set_trace_callback(asked.append)
    return made
sys.addaudithook(heard)
sqlite3.connect = traced
log, sys.argv = sys.argv[1], ["groove", *sys.argv[2:]]
from groovecli.__main__ import main
try:
    main()
finally:
    with open(log, "w") as file:
        json.dump({"modules": sorted(sys.modules), "opened": opened, "asked": asked}, file)
"""
NETWORKS = {"torch", "onnxruntime", "librosa", "numba"}
TO_READ_FILES = {"av", "soundfile", "soxr", "mutagen"}
TO_WORK = {"joblib", "psutil", "asyncio", "multiprocessing"}
TO_COUNT = {"scipy", "sklearn", "matplotlib"}
HEAVY = NETWORKS | TO_READ_FILES | TO_WORK | TO_COUNT | {"numpy", "rich", "pandas"}


@dataclass(frozen=True)
class Run:
    """What a command imported, which files Python opened for it, and which statements of SQL it ran."""

    modules: frozenset[str]
    opened: tuple[str, ...]
    asked: tuple[str, ...]

    @property
    def n_own(self) -> int:
        """Modules of groove's."""
        return sum(name.startswith("groovecli") for name in self.modules)

    @property
    def heavy(self) -> set[str]:
        """Packages that take long to import."""
        return HEAVY & self.modules


@dataclass(frozen=True)
class Known:
    """Songs that were analysed, and the home that knows them."""

    songs: tuple[Path, ...]
    home: Path

    @property
    def folder(self) -> Path:
        return self.songs[0].parent

    def run(self, *arguments: object) -> Run:
        """Run a command in a process of its own."""
        log = self.home.parent / "log.json"
        command = [sys.executable, "-c", WATCHED, str(log), *map(str, arguments)]
        environment = {**os.environ, "GROOVE_HOME": str(self.home)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=log.parent)
        assert done.returncode == 0, done.stderr
        said: Any = json.loads(log.read_text())
        return Run(frozenset(said["modules"]), tuple(said["opened"]), tuple(said["asked"]))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    folder = tmp_path_factory.mktemp("known")
    songs = [write_song(folder / "tones" / f"{n}.wav", 20, hz=200.0 * 2**n, seed=n) for n in range(4)]
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GROOVE_")]:
            patch.delenv(name)
        patch.setenv("GROOVE_HOME", str(folder / "home"))
        out = folder / "x.npz"
        assert groove("embed", folder / "tones", "--out", out, "--jobs", 1).exit_code == 0
        assert groove("classify", folder / "tones", "--jobs", 1).exit_code == 0
        assert groove("similar", songs[0], "--jobs", 1).exit_code == 0  # which compares copies, once
        yield Known(tuple(songs), folder / "home")


# What each command imports of what is slow, and how many modules of groove's own: a number that grows is
# changed here, on purpose.
STARTS: dict[tuple[str, ...], tuple[set[str], int]] = {
    ("--help",): (set(), 33),
    ("--version",): (set(), 33),
    ("similar", "--help"): (set(), 42),
    ("config",): (set(), 37),
    ("models",): ({"numpy"}, 106),
    ("models", "show", "groove-net"): ({"numpy"}, 107),
    ("status",): (set(), 64),
    ("classify", "SONG"): ({"numpy"}, 122),
    ("duplicates", "FOLDER"): ({"numpy"}, 153),
    ("embed", "FOLDER", "--out", "y.npz"): ({"numpy", "mutagen"}, 136),
    ("similar", "SONG"): ({"numpy", "scipy"}, 165),
    ("between", "SONG", "OTHER", "-n", "3"): ({"numpy", "scipy"}, 167),
    ("search", "piano"): ({"numpy", "scipy"}, 181),
}
FEW = 3


@pytest.mark.parametrize("command", STARTS, ids=" ".join)
def test_a_command_on_known_songs_imports_what_it_uses(command: tuple[str, ...], known: Known) -> None:
    places = {"SONG": known.songs[0], "OTHER": known.songs[-1], "FOLDER": known.folder}
    run = known.run(*(places.get(word, word) for word in command))
    heavy, n_own = STARTS[command]
    assert run.heavy <= heavy
    assert run.n_own <= n_own + FEW
    assert not [path for path in run.opened if path.endswith(".wav")]


@pytest.mark.skipif(may_have_gpu(), reason="PyTorch answers on a GPU")
def test_a_new_song_is_answered_without_pytorch(known: Known, tmp_path: Path) -> None:
    run = known.run("classify", write_song(tmp_path / "new.wav", 20, hz=333.0))
    assert "onnxruntime" in run.modules
    assert not {"torch", "librosa", "numba", "matplotlib"} & run.modules


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_command_itself_says(name: str) -> None:
    assert COMMANDS[name].about == first_line(COMMANDS[name].function.__doc__)


def test_known_songs_take_as_many_statements_however_many_they_are(known: Known) -> None:
    one, all_of_them = (known.run("classify", paths).asked for paths in (known.songs[0], known.folder))
    assert len(all_of_them) == len(one)


def test_one_model_file_is_read_a_few_times_and_the_catalogue_is_opened_once(known: Known) -> None:
    run = known.run("classify", known.songs[0])
    assert sum(path.endswith("songs.npz") for path in run.opened) <= 2
    assert sum(path.endswith("model.safetensors") for path in run.opened) <= 2


def test_a_song_is_decoded_once_at_each_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = write_song(tmp_path / "a.wav", 60)
    spans: list[float] = []

    def counted(decoder: Any) -> Any:
        def reading(path: Path, start_s: float, length_s: float | None) -> Any:
            spans.append(length_s or 0.0)
            return decoder.read(path, start_s, length_s)

        return replace(decoder, read=reading)

    decoders = tuple(map(counted, registry.DECODERS))
    with Catalog(tmp_path / "catalog.db") as catalog:
        model = open_model(shipped_model("groove-net"), "cpu")
        monkeypatch.setattr(
            cutting, "imap", lambda function, items, **_: (function(item) for item in items)
        )
        monkeypatch.setattr(registry, "DECODERS", decoders)
        first = embed(model, [song], catalog, jobs=1)
        assert len(spans) == 3 and sum(spans) <= 46
        again = embed(model, [song], catalog, jobs=1)
        assert len(spans) == 3 and (first.vectors == again.vectors).all()
