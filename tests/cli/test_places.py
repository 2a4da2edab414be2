"""What the user names or has: ~ in paths, pipes instead of songs, seeds, no home, a finger on Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from groovecli.actions.context import MAX_SEED, Context
from groovecli.cli.app import COMMANDS, app
from groovecli.cli.group import GrooveCommand
from groovecli.cli.outputs import REPORTS
from groovecli.errors import UsageError
from groovecli.paths import expanded
from tests.cli.conftest import Workshop, groove, groove_json
from tests.conftest import DEMO, write_song
from tests.test_config import without_home


@pytest.fixture
def tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "person"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no folder that is used")
def test_a_working_folder_that_was_removed_is_said(home: Path, tmp_path: Path) -> None:
    script = 'cd "$1" && rmdir "$1" && exec "$2" -m groovecli classify song.mp3'
    (tmp_path / "gone").mkdir()
    command = ["sh", "-c", script, "sh", str(tmp_path / "gone"), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "the folder that you are in was removed" in done.stderr


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_takes_the_home_for_a_tilde(command: str) -> None:
    found = typer.main.get_command(app)
    for word in command.split():
        found = found.commands[word]  # type: ignore[attr-defined]
    assert isinstance(found, GrooveCommand) or command in ("models", "analyses")


def test_a_tilde_is_the_home_in_options_and_arguments(home: Path, tilde: Path, tmp_path: Path) -> None:
    song = write_song(tilde / "songs" / "a.wav", 4, sr=8000)
    found = groove_json("classify", "~/songs", "~/songs/a.wav")
    assert [result["path"] for result in found["results"]] == [str(song)]
    assert groove("embed", "~/songs", "--out=~/a/x.csv", "--plot=~/a/x.png").exit_code == 0
    assert {path.name for path in (tilde / "a").iterdir()} == {"x.csv", "x.png"}
    assert groove("cluster", "~/songs", "--out=~/lists").exit_code == 0
    assert list((tilde / "lists").glob("*.m3u8"))
    assert not (tmp_path / "~").exists()


def test_a_tilde_in_repeated_options_and_in_the_environment(
    home: Path, tilde: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROOVE_HOME", "~/kept")
    assert groove_json("config")["home"] == str(tilde / "kept")
    for number in range(10):
        write_song(tilde / "gtzan" / "blues" / f"blues.{number:05d}.wav", 1, sr=8000)
    result = groove(
        "ingest", "~/gtzan", "--source", "gtzan", "--split-file=~/a.csv", "--split-file=~/b.csv"
    )
    assert str(tilde) in result.stderr
    assert "~" not in result.stderr


def test_names_that_begin_with_a_tilde_are_names(tmp_path: Path) -> None:
    assert expanded(Path("~no-such-user.mp3")) == Path("~no-such-user.mp3")
    assert expanded(Path("a/~/b")) == Path("a/~/b")


def test_without_a_home_a_tilde_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_home(monkeypatch)
    monkeypatch.setenv("GROOVE_HOME", str(home))
    assert groove("config").exit_code == 0
    result = groove("classify", "~/songs")
    assert result.exit_code == 2
    assert "this user has no home folder" in result.stderr
    monkeypatch.delenv("GROOVE_HOME")
    result = groove("config")
    assert (result.exit_code, "set GROOVE_HOME" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("cluster", "m", "-o", ""), "-o is given"),
        (("cluster", "m", "--out="), "--out is given"),
        (("cluster", ""), "a file or folder is given as"),
        (("similar", "a.mp3", "--playlist", ""), "--playlist is given"),
        (("embed", "m", "--out", ""), "--out is given"),
    ],
)
def test_an_empty_path_is_not_the_working_folder(home: Path, words: tuple[str, ...], named: str) -> None:
    result = groove(*words)
    assert result.exit_code == 2 and f"{named} an empty path" in result.stderr
    assert not home.exists()


def test_empty_texts_that_are_no_paths_are_taken(home: Path) -> None:
    assert "empty path" not in groove("similar", "a.mp3", "--artist", "").stderr
    assert "empty path" not in groove("cluster", "m", "--prefix", "").stderr


# Seeds

SEEDED = {
    "ingest": ("library",),
    "train": (),
    "evaluate": (),
    "compare": (),
    "embed": ("library", "--out", "x.npz"),
    "cluster": ("library", "--out", "lists"),
    "leakage": (),
    "similar": ("library",),
    "map": ("library", "--out", "x.html"),
    "report": ("library", "--out", "x.html"),
    "add-genre": ("metal", "library"),
    "verify": (),
    "audit": ("library",),
}


def test_every_command_with_a_seed_is_tried() -> None:
    seeded = {name for name, command in COMMANDS.items() if "seed" in command.function.__annotations__}
    assert seeded == set(SEEDED)


@pytest.mark.parametrize("command", sorted(SEEDED))
@pytest.mark.parametrize("seed", [-1, 2**32, 2**64])
def test_seeds_that_make_no_sense_are_refused(home: Path, command: str, seed: int) -> None:
    result = groove(command, *SEEDED[command], "--seed", seed)
    assert result.exit_code == 2
    assert "--seed" in result.stderr
    assert f"0 to {MAX_SEED}" in result.stderr


def test_seeds_of_settings_are_refused_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROOVE_SEED", str(2**32))
    assert groove("train").exit_code == 2
    monkeypatch.delenv("GROOVE_SEED")
    Path("groove.toml").write_text(f"seed = {2**32}\n")
    assert groove("train").exit_code == 2
    with pytest.raises(UsageError, match="--seed"):
        Context(seed=2**32)


def test_the_largest_seed_does(workshop: Workshop, tmp_path: Path) -> None:
    folk = workshop.library / "folk"
    seed = ("--seed", MAX_SEED)
    plot = ("--plot", tmp_path / "x.png", "--plot-method", "tsne")
    assert groove("embed", folk, "--out", tmp_path / "x.npz", *plot, *seed).exit_code == 0
    lists = ("--out", tmp_path / "lists", "--min-size", 2, "--method", "kmeans")
    assert groove("cluster", folk, *lists, *seed).exit_code == 0
    assert groove("train", "--epochs", 1, *seed).exit_code == 0


# Pipes and devices


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize("command", ["classify", "embed", "cluster", "ingest", "add-genre"])
@pytest.mark.parametrize(("name", "kind"), [("p.wav", "a pipe"), ("/dev/null", "a device")])
def test_what_is_no_file_is_called_what_it_is(
    workshop: Workshop, tmp_path: Path, command: str, name: str, kind: str
) -> None:
    os.mkfifo(tmp_path / "p.wav")
    place = tmp_path / name
    before = ("new",) if command == "add-genre" else ()
    after = {"embed": ("--out", "x.npz"), "cluster": ("--out", "lists")}.get(command, ())
    result = groove(command, *before, place, *after)
    assert result.exit_code == 1
    assert f"{place} is {kind}, not a " in result.stderr or f"{place}: is {kind}, not a " in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_pipes_and_broken_links_in_a_folder(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    song = write_song(folder / "a.wav", 4, sr=8000)
    os.mkfifo(folder / "b.wav")
    (folder / "c.wav").symlink_to("nothing")
    found = groove_json("classify", folder, code=3)
    assert [result["path"] for result in found["results"]] == [str(song)]
    reasons = {Path(item["path"]).name: item["reason"] for item in found["failed"]}
    lost = "is a link to a folder or file that isn't there; perhaps a drive is not connected"
    assert reasons == {"b.wav": "is a pipe, not a file", "c.wav": lost}


# Ctrl-C

INTERRUPTED = """
import os, signal, sys

class Finder:
    def find_spec(self, name, *_):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
sys.argv = ["groove", "classify", {song!r}]
from groovecli.__main__ import main
main()
"""


def _interrupted(name: str, song: str) -> tuple[int, str]:
    """Code and messages of `groove classify` with Ctrl-C as it begins to import a module."""
    code = INTERRUPTED.format(name=name, song=song)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", ["typer", "numpy", "sqlite3"])
def test_ctrl_c_while_modules_are_imported(home: Path, name: str) -> None:
    assert _interrupted(name, "nowhere") == (130, "stopped at once\n")


@pytest.mark.parametrize("name", ["typer", "numpy", "sqlite3"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_modules_are_imported_is_an_error_in_json(
    home: Path, name: str, number: signal.Signals
) -> None:
    code = INTERRUPTED.format(name=name, song="nowhere").replace("SIGINT", number.name)
    code = code.replace("'nowhere']", "'nowhere', '--json']")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 128 + number
    fault = json.loads(done.stdout)
    assert set(fault) == {"schema", "error"} and set(fault["error"]) == {"what", "hint", "code"}
    assert fault["error"]["code"] == done.returncode and fault["error"]["what"] == "stopped at once"


@pytest.mark.parametrize("name", ["joblib", "onnxruntime.capi"])
def test_ctrl_c_while_modules_are_imported_for_a_new_song(home: Path, tmp_path: Path, name: str) -> None:
    song = write_song(tmp_path / "a.wav", 3, sr=8000)
    code, said = _interrupted(name, str(song))
    assert code == 130 and "stopped: 0 of 1" in said, said


def test_who_ignores_ctrl_c_is_left_alone() -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from groovecli.cli import interrupts, progress; interrupts.listen()\n"
        "with progress.watched(): assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


@pytest.mark.parametrize("command", [("models", "list"), ("classify", DEMO / "metal"), ("evaluate",)])
def test_a_home_that_refuses_is_named(
    command: tuple[object, ...], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may do all, so that the refusal is made."""

    def refuse(_: Context) -> None:
        raise PermissionError(13, "Permission denied", str(home / "models"))

    monkeypatch.setattr(Context, "shelf", property(refuse))
    refused = groove(*command)
    assert refused.exit_code == 1
    assert f"cannot use {home / 'models'}: Permission denied" in refused.stderr
    assert "set GROOVE_HOME to a folder" in refused.stderr and "fault in groove" not in refused.stderr


def test_a_catalogue_that_cannot_be_opened_names_the_home(home: Path) -> None:
    (home / "catalog.db").mkdir(parents=True)
    refused = groove("ingest", DEMO)
    assert refused.exit_code == 1
    assert str(home / "catalog.db") in refused.stderr and "set GROOVE_HOME" in refused.stderr


def test_other_places_are_no_matter_of_the_home(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = groove("embed", DEMO / "metal", "--out", tmp_path / "file" / "x.npz", "--clips", "1")
    assert refused.exit_code == 1 and "GROOVE_HOME" not in refused.stderr


@pytest.mark.parametrize("command", sorted(REPORTS))
@pytest.mark.parametrize(
    ("option", "place", "file"),
    [
        ("--report", "report", "report/index.html"),
        ("--plot", "chart.png", "chart.png"),
        ("--figures", "charts", "charts/accuracy.svg"),
    ],
)
def test_a_file_of_another_hand_is_not_replaced_by_a_report(
    command: str, option: str, place: str, file: str, home: Path, tmp_path: Path
) -> None:
    own = tmp_path / file
    own.parent.mkdir(exist_ok=True)
    own.write_text("<html>mine</html>")
    refused = groove(command, option, tmp_path / place)
    assert refused.exit_code == 2 and "groove did not write it" in refused.stderr, refused.stderr
    assert ("--force" if command == "train" else "remove it") in refused.stderr
    assert own.read_text() == "<html>mine</html>"


@pytest.mark.parametrize("file", ["evaluation.json", "index.html"])
def test_a_report_replaces_its_own_files_alone(file: str, workshop: Workshop, tmp_path: Path) -> None:
    places = ("--report", tmp_path / "r", "--figures", tmp_path / "f", "--plot", tmp_path / "p.svg")
    for _ in range(2):
        assert groove("evaluate", "net", *places).exit_code == 0
    assert {path.name for path in (tmp_path / "r").iterdir()} == set(REPORTS["evaluate"])
    (tmp_path / "r" / file).write_text('{"mine": 1}')
    refused = groove("evaluate", "net", *places)
    assert refused.exit_code == 2 and (tmp_path / "r" / file).read_text() == '{"mine": 1}'
