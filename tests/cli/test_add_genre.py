"""`groove add-genre --train` on the shipped model, as a user runs it: no dataset, no training before."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile as sf

from groovecli.home import Home
from groovecli.models.shelf import Shelf
from groovecli.models.tested import own_test_of
from tests.cli.conftest import groove, groove_json
from tests.conftest import melody


@pytest.fixture
def chip(home: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "Chip [tunes]"
    folder.mkdir()
    for number in range(5):
        sf.write(folder / f"{number}.wav", melody(12, seed=number), 22050)
    return folder


def test_the_included_model_learns_a_genre_and_serves_when_it_is_chosen(chip: Path) -> None:
    found = groove_json("add-genre", "chip", chip, "--train", "--jobs", "1")
    assert found["ingest"] is None
    taught = found["taught"]
    assert (taught["base"], taught["n_new"], taught["failed"]) == ("groove-net", 5, [])
    assert taught["before"] - taught["after"] <= 0.02
    name = taught["model"]
    test = own_test_of(Shelf(Home.default()).find(name))
    assert test and test.is_better and test.split_by == "artist" and test.n_songs >= 900
    assert groove_json("models")["chosen"] is None
    assert groove("models", "use", name).exit_code == 0
    (song,) = groove_json("classify", chip / "0.wav", "--clips", "1", "--jobs", "1")["results"]
    assert song["genre"] == "chip"


def test_it_says_what_was_lost(chip: Path) -> None:
    said = groove("add-genre", "chip", chip, "--train", "--jobs", "1").stdout
    assert "groove-net with chip, from 5 songs" in said
    assert "right before" in said and "after" in said


def test_a_file_that_fails_is_in_the_exit_code(chip: Path) -> None:
    (chip / "text.mp3").write_text("no music")
    found = groove_json("add-genre", "chip", chip, "--train", "--jobs", "1", code=3)
    assert [Path(item["path"]).name for item in found["taught"]["failed"]] == ["text.mp3"]


def test_a_genre_that_it_knows_is_refused_and_leaves_nothing(chip: Path) -> None:
    refused = groove("add-genre", "rock", chip, "--train", "--jobs", "1")
    assert refused.exit_code == 1
    assert "groove-net has the genre 'rock' already" in refused.stderr
    assert not Home.default().models.exists()


def test_without_train_it_needs_a_dataset(chip: Path) -> None:
    refused = groove("add-genre", "chip", chip)
    assert refused.exit_code == 1
    assert "no dataset" in refused.stderr
