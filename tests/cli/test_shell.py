"""The shell around the commands: exit codes, one-line errors, settings, help, completions."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from groovecli.cli.app import COMMANDS, main
from groovecli.cli.commands.completion import SHELLS
from tests.cli.conftest import Workshop, groove, groove_json
from tests.conftest import write_song

ROOT = Path(__file__).parent.parent.parent
_HEAVY = ("rich", "torch", "librosa", "sklearn", "numpy", "scipy", "matplotlib", "av", "joblib")


def _assert_error(stderr: str, *parts: str) -> None:
    line, *hints = stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert len(hints) <= 1 and all(hint.startswith("hint: ") for hint in hints)
    for part in parts:
        assert part in stderr


def test_help_and_version_import_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['groove', '--help']\n"
        "from groovecli.cli.app import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print('HEAVY', [name for name in {_HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("HEAVY []")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_and_is_in_the_readme(command: str) -> None:
    shown = groove(*command.split(), "--help")
    assert shown.exit_code == 0
    assert (COMMANDS[command].function.__doc__ or "").split(".")[0] in " ".join(shown.stdout.split())
    assert f"groove {command}" in (ROOT / "README.md").read_text("utf-8")


def test_a_group_alone_is_named_in_the_readme_with_each_of_its_commands() -> None:
    groups = {command.split()[0] for command in COMMANDS if " " in command}
    assert groups == {"analyses", "models"} <= set(COMMANDS)


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_committed_completions_are_what_the_command_prints(shell: str) -> None:
    committed = ROOT / "completions" / SHELLS[shell]
    assert groove("completion", shell).stdout == committed.read_text("utf-8")


def test_bash_completion_knows_the_commands() -> None:
    environment = {
        **os.environ,
        "_GROOVE_COMPLETE": "complete_bash",
        "COMP_WORDS": "groove cl",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "groovecli"], env=environment, capture_output=True, text=True, check=False
    )
    assert set(done.stdout.split()) == {"classify", "clean", "cluster"}


def test_a_library_that_is_not_there(home: Path) -> None:
    result = groove("ingest", "nowhere")
    assert result.exit_code == 1
    _assert_error(result.stderr, "nowhere", "does not exist")


def test_a_genre_that_is_not_there_names_the_nearest(workshop: Workshop) -> None:
    result = groove("ingest", workshop.library, "--genres", "folk,mettal")
    assert result.exit_code == 2
    _assert_error(result.stderr, "mettal", "orchestral", "did you mean 'metal'?")


def test_folders_that_are_artists(home: Path, tmp_path: Path) -> None:
    for number in range(41):
        (tmp_path / "library" / f"artist {number}").mkdir(parents=True)
        (tmp_path / "library" / f"artist {number}" / "song.mp3").write_bytes(b"x")
    result = groove("ingest", tmp_path / "library")
    assert result.exit_code == 1
    _assert_error(result.stderr, "41", "--label-from tag", "--yes")


def test_another_split_names_the_dataset_option(workshop: Workshop) -> None:
    result = groove("ingest", workshop.library, "--split-by", "song")
    assert result.exit_code == 1
    _assert_error(result.stderr, "artist", "--dataset")


def test_no_dataset_yet(home: Path) -> None:
    result = groove("train")
    assert result.exit_code == 1
    _assert_error(result.stderr, "no dataset 'default'", "groove ingest")


def test_a_network_that_was_never_trained(home: Path) -> None:
    result = groove("classify", home, "--model", "time-cnn")
    assert result.exit_code == 1
    _assert_error(result.stderr, "groove train --network time-cnn")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_where_there_is_none(workshop: Workshop) -> None:
    result = groove("train", "--device", "cuda")
    assert result.exit_code == 2
    _assert_error(result.stderr, "'cuda'", "choose --device from auto, cpu")


def test_nothing_to_classify(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = groove("classify", tmp_path / "empty")
    assert result.exit_code == 1
    _assert_error(result.stderr, "no music")


def test_a_hostile_chunk_is_an_error_and_runs_nothing(workshop: Workshop, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    chunk = next(workshop.home.rglob("folk/train/chunk-*.pkl"))
    payload = b"cos\nsystem\n(S'touch %s'\ntR." % os.fsencode(marker)
    chunk.write_bytes(payload)
    result = groove("train", "--epochs", "1")
    assert result.exit_code == 1
    _assert_error(result.stderr, str(chunk), "the cached features")
    assert not marker.exists()


def test_a_model_file_that_is_none(workshop: Workshop) -> None:
    (workshop.home / "models" / "net" / "model.safetensors").write_text("no weights")
    result = groove("evaluate", "net")
    assert result.exit_code == 1
    _assert_error(result.stderr, "can't be used")


def test_skipped_songs_are_listed_with_exit_code_3(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    for genre, hz in (("low", 200), ("high", 2000)):
        for number in range(5):
            write_song(library / genre / f"{number}.wav", 4, sr=8000, hz=hz + number)
    write_song(library / "low" / "short [1].wav", 1, sr=8000)
    (library / "high" / "text.mp3").write_text("no music")
    write_song(library / "loose.wav", 4, sr=8000)
    arguments = ("ingest", library, "--clip-seconds", "3")
    found = groove_json(*arguments, code=3)
    reasons = {Path(item["path"]).name: item["reason"] for item in found["skipped"]}
    assert "too short" in reasons["short [1].wav"]
    assert "cannot be decoded" in reasons["text.mp3"]
    assert "no genre folder" in reasons["loose.wav"]
    again = groove(*arguments)
    assert again.exit_code == 3
    assert "short [1].wav" in again.stderr


def test_a_full_disk_is_one_line(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("groovecli.files.os.fsync", full)
    result = groove("-q", "train", "--epochs", "1", "--name", "lost")
    assert result.exit_code == 1
    _assert_error(result.stderr, "lost", "No space left on device")
    monkeypatch.undo()
    assert not list(workshop.home.glob("models/lost/*"))


def test_a_fault_in_groove_is_one_line_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def boom(_: object) -> None:
        raise RuntimeError("boom\nbang")

    monkeypatch.setattr("groovecli.models.shelf.Shelf.trained", boom)
    monkeypatch.setattr("sys.argv", ["groove", "models"])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 1
    _assert_error(capsys.readouterr().err, "RuntimeError: boom", "--debug")
    monkeypatch.setattr("sys.argv", ["groove", "models", "--json"])
    with pytest.raises(SystemExit):
        main()
    fault = json.loads(capsys.readouterr().out)["error"]
    assert (fault["what"], fault["code"]) == ("RuntimeError: boom", 1)


def test_quiet_goes_before_or_after_the_command(workshop: Workshop) -> None:
    assert groove("ingest", workshop.library).stderr
    assert groove("-q", "ingest", workshop.library).stderr == ""
    assert groove("ingest", workshop.library, "--quiet").stderr == ""


def test_debug_shows_the_traceback(home: Path) -> None:
    result = groove("--debug", "ingest", "nowhere")
    assert result.exception is not None
    assert "does not exist" in str(result.exception)


def test_settings_have_an_order(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "groove.toml").write_text('dataset = "from-file"\njobs = 1\n')
    assert "'from-file'" in groove("train").stderr
    monkeypatch.setenv("GROOVE_DATASET", "from-environment")
    assert "'from-environment'" in groove("train").stderr
    assert "'from-flag'" in groove("train", "--dataset", "from-flag").stderr
    settings = groove_json("config")["settings"]
    assert settings["dataset"] == {
        "value": "from-environment",
        "origin": "GROOVE_DATASET",
        "problem": None,
    }
    assert settings["jobs"] == {"value": 1, "origin": "groove.toml", "problem": None}
    assert settings["seed"]["origin"] == "default"


def test_a_setting_that_is_none(home: Path, tmp_path: Path) -> None:
    (tmp_path / "groove.toml").write_text("colour = 3\n")
    result = groove("config")
    assert result.exit_code == 2
    _assert_error(result.stderr, "groove.toml", "colour")


def test_models_lists_what_there_is_and_what_can_be_trained(workshop: Workshop) -> None:
    found = groove_json("models")
    assert found["models"][0]["name"] == "net"
    assert found["models"][-1]["shipped"] is True
    assert {"time-cnn", "conv-autoencoder"} <= {network["name"] for network in found["networks"]}
    assert "net" in groove("models").stdout


def test_output_to_a_closed_pipe_is_quiet(home: Path) -> None:
    command = f"{sys.executable} -m groovecli models --json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_non_utf8_names_survive(home: Path, tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 4)
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 [x].wav"))
    song.rename(odd)
    done = subprocess.run(
        [sys.executable, "-m", "groovecli", "classify", os.fsencode(odd)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"caf\xe9 [x].wav" in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "groovecli", "classify", os.fsencode(odd), "--json"],
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["results"][0]["path"] == str(odd)
