"""`groove models` and its commands, as a user runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from groovecli.cli.app import app
from groovecli.features.registry import KINDS
from groovecli.home import Home
from tests.cli.conftest import groove, groove_json
from tests.conftest import write_song
from tests.small import describing, untrained


def put(name: str, network: str = "two-layer", day: int = 1) -> None:
    genres = () if network in ("musicnn", "vanilla-autoencoder") else ("high", "low")
    created = f"2026-01-{day:02}T00:00:00+00:00"
    description = describing(network, name=name, genres=genres, created=created, clip_s=3.0)
    untrained(Home.default().models / name / "model.safetensors", description)


@pytest.fixture(autouse=True)
def two_models(home: Path) -> None:
    """One that names genres and one that does not."""
    put("early", day=1)
    put("squeeze", "vanilla-autoencoder", day=2)


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    for number in range(3):
        write_song(tmp_path / "songs" / f"{number}.wav", 4, sr=8000, hz=300 * (number + 1), seed=number)
    return tmp_path / "songs"


def has_error(result: Any, *parts: str, code: int = 1) -> None:
    assert result.exit_code == code, result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith(("error: ", "hint: "))]
    assert [line.partition(":")[0] for line in lines] in (["error"], ["error", "hint"])
    assert all(part in "\n".join(lines) for part in parts), lines


# list


def test_alone_it_lists_as_list_does() -> None:
    assert groove("models").stdout == groove("models", "list").stdout
    assert groove_json("models") == groove_json("models", "list")


def test_the_list_says_which_model_serves_what() -> None:
    def uses() -> dict[str, list[str]]:
        return {model["name"]: model["in_use_for"] for model in groove_json("models")["models"]}

    assert uses() == {"squeeze": [], "early": [], "groove-net": ["classify", "embed", "cluster"]}
    groove("models", "use", "early", "--force")
    groove("models", "use", "squeeze")
    assert uses() == {"squeeze": ["embed", "cluster"], "early": ["classify"], "groove-net": []}
    found = groove_json("models")
    assert found["chosen"] == "early"
    assert found["chosen_for"] == {"classify": "early", "embed": "squeeze"}
    assert found["faults"] == {} and found["damaged"] == []


def test_a_choice_that_is_gone_does_not_keep_the_list_from_being_shown() -> None:
    groove("models", "use", "early", "--force")
    (Home.default().models / "early" / "model.safetensors").unlink()
    result = groove("models")
    assert result.exit_code == 0 and "squeeze" in result.stdout
    assert "early, which you chose" in result.stderr and "not there any more" in result.stderr
    assert list(groove_json("models")["faults"]) == ["classify"]


def test_a_damaged_model_is_said() -> None:
    (Home.default().models / "early" / "model.safetensors").write_bytes(b"oh")
    assert "early" in " ".join(groove("models").stderr.split())
    (fault,) = groove_json("models", code=3)["damaged"]
    assert fault["name"] == "early"
    assert "early" in fault["what"] and "delete the folder" in fault["hint"]


def test_a_command_that_is_none() -> None:
    assert groove("models", "chew").exit_code == 2


# show


def test_show_begins_with_the_accuracy_and_has_no_empty_values() -> None:
    shown = groove("models", "show", "groove-net").stdout
    for part in ("groove-net", "blues", "mel-2x96, mel-128", "MIT", "# Model card: groove-net"):
        assert part in shown
    accuracy = shown.splitlines()[1]
    assert accuracy.split(None, 1)[1] == (
        "71 % of 895 test songs right (68 to 74 %). Better than guessing (26 %). Tested 2026-11-26."
    )
    own = groove("models", "show", "early").stdout
    assert own.splitlines()[1].split(None, 1) == ["accuracy", "never tested: `groove evaluate early`"]
    assert "2026-01-01\n" in own and "None" not in own and "l1" not in own.split()
    assert not any(len(line.split(None, 1)) < 2 for line in own.splitlines()[1:])
    assert "accuracy" not in groove("models", "show", "squeeze").stdout


def test_the_list_begins_with_models_then_networks() -> None:
    text = groove("models").stdout
    assert text.index("early") < text.index("networks to train") < text.index("conv-autoencoder")


def test_show_says_in_json_what_the_file_says_and_the_card() -> None:
    found = groove_json("models", "show", "early")
    assert found["network"] == "two-layer" and found["genres"] == ["high", "low"]
    assert found["card"] is None and found["in_use_for"] == []


def test_what_a_model_says_is_shown_as_it_is() -> None:
    put("odd")
    (Home.default().models / "odd" / "README.md").write_text("[bold]\x1b[31m red\n")
    assert "[bold]\\x1b[31m red" in groove("models", "show", "odd").stdout


def test_show_names_the_nearest() -> None:
    has_error(groove("models", "show", "squeze"), "no model 'squeze'", "did you mean 'squeeze'?")


# use


def test_use_serves_until_model_says_otherwise(songs: Path, tmp_path: Path) -> None:
    def embedded_by(*more: str) -> str:
        return str(groove_json("embed", songs, "--out", tmp_path / "v.npz", "--jobs", 1, *more)["model"])

    assert embedded_by() == "groove-net"
    assert groove("models", "use", "early", "--force").exit_code == 0
    assert embedded_by() == "groove-net"
    assert groove("models", "use", "early", "--for", "all", "--force").exit_code == 0
    assert embedded_by() == "early"
    assert embedded_by("--model", "squeeze") == "squeeze"
    clustered = groove_json("cluster", songs, "--out", tmp_path / "lists", "--min-size", 1, "--jobs", 1)
    assert clustered["model"] == "early"
    assert groove_json("classify", songs / "0.wav", "--jobs", 1)["model"] == "early"
    assert groove_json("models", "use")["chosen"] == "early"  # alone it only shows
    assert groove_json("models", "use", "--default", "--for", "embed")["chosen_for"] == {
        "classify": "early"
    }
    assert groove_json("models", "use", "--default")["chosen"] is None
    assert embedded_by() == "groove-net"


def test_a_model_without_genres_serves_all_but_classify(songs: Path) -> None:
    shown = groove("models", "use", "squeeze")
    assert "classify  groove-net" in shown.stdout and "cluster   squeeze" in shown.stdout
    refused = groove("models", "use", "squeeze", "--for", "classify")
    has_error(refused, "squeeze names no genres")
    assert "--for embed,cluster" in refused.stderr
    assert groove_json("classify", songs / "0.wav", "--jobs", 1)["model"] == "groove-net"
    assert groove("models", "use", "--default").exit_code == 0
    assert groove_json("models")["chosen"] is None


def test_use_says_what_is_not_known_of_a_model() -> None:
    has_error(groove("models", "use", "early"), "early was never tested")
    assert groove_json("models")["chosen"] is None
    found = groove_json("models", "use", "early", "--force")
    assert found["chosen_for"] == {"classify": "early"} and len(found["notes"]) == 1


def test_classify_begins_with_the_model_its_accuracy_and_its_date(songs: Path) -> None:
    first, *_ = groove("classify", songs / "0.wav", "--jobs", 1).stderr.splitlines()
    assert first == "model: groove-net (71 % right on 895 test songs; included, made 2026-11-26)"
    found = groove_json("classify", songs / "0.wav", "--jobs", 1)
    assert found["about_model"]["test"]["n_right"] == 635 and found["hint"] is None
    groove("models", "use", "early", "--force")
    first, *_ = groove("classify", songs / "0.wav", "--jobs", 1).stderr.splitlines()
    assert first == "model: early (made 2026-01-01; never tested)"


def test_use_refuses_what_makes_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    has_error(groove("models", "use", "earl"), "did you mean 'early'?")
    has_error(groove("models", "use", "early", "--default"), "--default", code=2)
    has_error(groove("models", "use", "../early"), "can't be the name of a model", code=2)
    (tmp_path / "file").touch()
    monkeypatch.setenv("GROOVE_HOME", str(tmp_path / "file"))
    has_error(groove("models", "use", "groove-net"), "is a file")


def test_vectors_of_different_models_are_never_mixed(songs: Path, tmp_path: Path) -> None:
    put("musicnn-like", "musicnn")

    def vectors(model: str) -> np.ndarray:
        out = tmp_path / f"{model}.npz"
        assert groove("embed", songs, "--out", out, "--model", model, "--jobs", 1).exit_code == 0
        with np.load(out) as file:
            return np.array(file["vectors"])

    before = {model: vectors(model) for model in ("early", "squeeze", "musicnn-like")}
    assert [found.shape for found in before.values()] == [(3, 128), (3, 64), (3, 200)]
    for model, found in before.items():  # now from the catalogue
        assert np.array_equal(vectors(model), found)


# remove


def test_remove_asks_unless_it_is_told_not_to() -> None:
    def answered(text: str, *more: str) -> Any:
        return CliRunner().invoke(app, ["models", "remove", "early", *more], input=text)

    assert answered("n\n").exit_code == 1
    has_error(answered(""), "nobody answered", "--yes", code=2)
    assert (Home.default().models / "early").is_dir()
    result = answered("y\n")
    assert result.exit_code == 0 and "removed early" in result.stdout
    assert not (Home.default().models / "early").exists()


def test_removing_the_one_in_use_says_what_serves_now() -> None:
    groove("models", "use", "early", "--force")
    result = groove("models", "remove", "early", "--yes")
    assert "early was in use; from now on: groove-net" in result.stderr
    assert groove_json("models")["chosen"] is None


def test_remove_refuses_shipped_and_unknown_models() -> None:
    has_error(groove("models", "remove", "groove-net", "--yes"), "is included in groove")
    has_error(groove("models", "remove", "earl", "--yes"), "did you mean 'early'?")


# pull


def test_pull_refuses_what_is_not_published(tmp_path: Path) -> None:
    has_error(groove("models", "pull", "musicn"), "did you mean 'musicnn'?", code=2)
    (tmp_path / "other.whl").write_bytes(b"other")
    result = groove("models", "pull", "musicnn", "--wheel", tmp_path / "other.whl")
    has_error(result, "not what its authors published", "nothing was kept")
    assert not (Home.default().models / "musicnn-msd").exists()


def test_musicnn_is_not_trained_but_pulled() -> None:
    has_error(groove("train", "--model", "musicnn"), "groove models pull musicnn", code=2)
    has_error(groove("models", "show", "musicnn"), "groove models pull musicnn")


# export


def test_export_writes_a_file(tmp_path: Path) -> None:
    for name in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(name)
    found = groove_json("models", "export", "early", "--onnx", tmp_path / "early.onnx")
    assert found["inputs"] == [{"name": "wave-pooled", "shape": [500]}]
    assert [port["name"] for port in found["outputs"]] == ["logits", "embedding"]
    assert found["bytes"] == (tmp_path / "early.onnx").stat().st_size
    assert found["not_from_files"] == []


def test_export_says_which_input_no_song_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(name)
    unheard = replace(KINDS["wave"], extract=None, recipe=None)
    monkeypatch.setitem(KINDS, "wave", unheard)
    result = groove("models", "export", "early", "--onnx", tmp_path / "early.onnx")
    assert result.exit_code == 0
    assert result.stderr == "wave-pooled can't be computed from a song's file: it comes with a data set\n"


def test_export_refuses_another_ending(tmp_path: Path) -> None:
    has_error(groove("models", "export", "early", "--onnx", tmp_path / "m.pt"), "m.pt", ".onnx", code=2)
