"""The options of `groove train`, on a library of tones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from groovecli.models.file import describe
from tests.cli.conftest import groove, groove_json
from tests.small import add_lyrics, add_songs, world


@pytest.fixture(scope="module")
def _ingested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("tones")
    with world(root) as made:
        add_lyrics(made.library, without=1)
        made.ingest(features=("wave-pooled",))
    yield root


@pytest.fixture
def library(_ingested: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six low and six high tones, all but one of each with lyrics, ingested into a home of its own."""
    monkeypatch.setenv("GROOVE_JOBS", "1")  # workers would outlive the test, and its home
    shutil.copytree(_ingested / "home", home)
    return _ingested / "library"


QUICK = ("--model", "two-layer", "--epochs", "2", "--batch-size", "8")


def trained(*options: object) -> dict[str, Any]:
    return groove_json("train", *QUICK, *options)["description"]["training"]


def error(*options: object, code: int) -> str:
    result = groove("train", *QUICK, *options)
    assert result.exit_code == code, result.output
    line, *hints = result.stderr.strip().splitlines()
    assert line.startswith("error: ") and all(hint.startswith("hint: ") for hint in hints[:1])
    assert len(hints) <= 1
    return "; ".join([line, *(hint.removeprefix("hint: ") for hint in hints)])


def test_every_option_of_the_draws_and_penalties_arrives(library: Path) -> None:
    found = trained(
        "--resample", "9,4", "--subset", 7, "--redraw-every", 3, "--min-songs", 2, "--chunk-by-chunk",
        "--l1", 0.25, "--l2", 0.5, "--reconstruction-weight", 0.75,
    )  # fmt: skip
    wanted = {
        "resample": [9, 4], "subset": 7, "redraw_every": 3, "min_songs": 2, "l1": 0.25, "l2": 0.5,
        "reconstruction_weight": 0.75, "by_chunk": True,
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted


def test_without_options_the_papers_values_hold(library: Path) -> None:
    found = trained()
    assert (found["resample"], found["subset"], found["by_chunk"]) == (None, 0, False)
    songs = ("--model", "seq-cnn", "--epochs", "1", "--min-songs", "0")
    lengyel = groove_json("train", *songs, "--resample", "12,12")["description"]["training"]
    assert (lengyel["l1"], lengyel["l2"], lengyel["batch_size"]) == (1e-5, 1e-4, 10)
    plain = groove_json("train", *songs, "--resample", "none")["description"]["training"]
    assert plain["resample"] is None


def test_it_says_what_an_epoch_draws(library: Path) -> None:
    """The two genres have as many songs each."""
    draw = ("--resample", "40,10")
    said = "an epoch draws 10 clips of each genre: none has about 4 times as many as the next"
    assert said in groove("train", *QUICK, *draw).stdout
    found = groove_json("train", *QUICK, *draw)
    assert found["draw"] == found["description"]["data"]["draw"]
    assert (found["draw"]["lead"], found["draw"]["n_largest"], found["draw"]["n_others"]) == (1.0, 10, 10)
    assert groove_json("train", *QUICK)["draw"] is None
    assert "draws" not in groove("train", *QUICK).output


@pytest.mark.parametrize("text", ["9", "9,", "a,b", "9,4,1", "-9,4", "9;4", ""])
def test_a_resampling_that_is_none(library: Path, text: str) -> None:
    assert f"--resample must be two numbers or none, not {text}" in error("--resample", text, code=2)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--resample", "0,4"),
        ("--subset", "-1"),
        ("--redraw-every", "0"),
        ("--min-songs", "-3"),
        ("--l1", "-0.1"),
        ("--l2", "nan"),
        ("--reconstruction-weight", "1.1"),
        ("--minutes", "-1"),
        ("--minutes", "nan"),
    ],
)
def test_values_that_make_no_sense(library: Path, option: str, value: str) -> None:
    assert f"{option} " in error(option, value, code=2)


def test_minutes_that_end_a_training_are_told(library: Path) -> None:
    said = groove("train", *QUICK, "--minutes", "0.0001", "--name", "timed")
    assert said.exit_code == 0 and "ended by --minutes within the first epoch, at " in said.stdout
    assert "go on with: groove train --resume --name timed" in said.stderr
    assert groove_json("train", *QUICK, "--minutes", "0.0001")["ended_by_minutes"] is True
    resumed = groove_json("train", "--resume", "--name", "timed")
    assert resumed["ended_by_minutes"] is False and len(resumed["epochs"]) == 2


def test_too_few_songs_a_genre(library: Path) -> None:
    line = error("--min-songs", "99", code=1)
    assert "two are needed" in line and "--min-songs" in line


def test_a_training_that_diverges_is_one_line_and_leaves_nothing(library: Path, home: Path) -> None:
    line = error("--learning-rate", "1e30", "--name", "lost", code=1)
    assert "the loss is" in line and "epoch 1" in line and "--learning-rate" in line
    assert not (home / "models" / "lost").exists()


def test_songs_without_lyrics_are_told(library: Path) -> None:
    songs = ("--model", "seq-cnn", "--epochs", "1", "--min-songs", "0", "--resample", "none")
    found = groove_json("train", *songs, "--name", "read")
    assert 0 < found["songs_without_lyrics"] <= 2
    assert "songs without lyrics" in groove("train", *songs).stdout
    assert groove_json("train", *QUICK)["songs_without_lyrics"] is None
    assert "lyrics" not in groove("train", *QUICK).stderr


def test_a_network_that_reads_walks_the_main_line(library: Path, tmp_path: Path) -> None:
    songs = ("--model", "dense", "--epochs", "1", "--min-songs", "0", "--resample", "20,20")
    assert groove("train", *songs, "--name", "reader").exit_code == 0
    assert groove_json("train", "--resume", "--name", "reader", "--epochs", "2")["model"] == "reader"
    named = groove_json("classify", library, "--model", "reader")
    assert len(named["results"]) == 12 and named["failed"] == []
    assert groove_json("evaluate", "reader")["per_clip"]["n"] == 2
    assert groove_json("embed", library, "--out", tmp_path / "v.npz", "--model", "reader")["dim"] == 50
    lists = groove_json("cluster", library, "--out", tmp_path / "lists", "--model", "reader")
    assert sum(p["songs"] for p in lists["playlists"]) + lists["left_out"] == 12


def test_word_vectors_of_a_file(library: Path, tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("2 3\nnight 1 0 0\nsun 0 2 0\n")
    songs = ("--model", "dense", "--epochs", "1", "--min-songs", "0", "--resample", "none")
    found = groove_json("train", *songs, "--word-vectors", tmp_path / "v.txt")
    assert found["description"]["features"][1]["width"] == 3
    assert describe(Path(found["path"])).features[1].stored_shape == (3,)
    result = groove("train", *songs, "--word-vectors", tmp_path / "nowhere.bin")
    assert result.exit_code == 1 and "nowhere.bin" in result.stderr


def test_a_third_genre_of_few_songs_is_dropped(home: Path, tmp_path: Path) -> None:
    add_songs(tmp_path / "library", {"low": 200.0, "high": 2000.0}, 6)
    add_songs(tmp_path / "library", {"mid": 700.0}, 3)
    assert groove("ingest", tmp_path / "library", "--clip-seconds", "3", "--yes").exit_code == 0
    found = groove_json("train", *QUICK, "--min-songs", "4")
    assert found["description"]["genres"] == ["high", "low"]
