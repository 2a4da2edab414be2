"""`groove add-genre --train` on the shipped model, as a user runs it: no dataset, no training before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import soundfile as sf

from groovecli.datasets.tables import Tables
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.models.shelf import Shelf
from groovecli.models.tested import own_test_of
from tests.cli.conftest import Workshop, groove, groove_json
from tests.conftest import DEMO, melody


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


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """Seven songs of a new genre, a copy of one, one that the dataset has in another genre, and no song."""
    folder = tmp_path / "ambient"
    shutil.copytree(DEMO / "ambient", folder)
    first = sorted(folder.iterdir())[0]
    shutil.copy(first, folder / "zz copy.opus")
    shutil.copy(sorted((DEMO / "metal").iterdir())[0], folder / "zz metal.opus")
    (folder / "zz text.mp3").write_text("no music")
    return folder


def songs_of(name: str = "default") -> dict[str, str]:
    with Catalog(Home.default().catalog) as catalog:
        return {key: song.genre for key, song in Tables(catalog, name).songs().items()}


def few(tmp_path: Path) -> Path:
    folder = tmp_path / "few"
    folder.mkdir()
    for path in sorted((DEMO / "ambient").iterdir())[:4]:
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("genre", "model", "what"),
    [
        ("Rock", "groove-net", "groove-net has the genre 'rock' already"),
        ("METAL", "net", "net has the genre 'metal' already"),
        ("ambient", "groove-net", "has 4 songs to learn 'ambient' from; 5 are needed"),
    ],
)
def test_what_is_refused_changes_no_dataset_and_is_refused_in_a_dry_run_too(
    workshop: Workshop, tmp_path: Path, genre: str, model: str, what: str, dry: tuple[str, ...]
) -> None:
    before = songs_of()
    refused = groove("add-genre", genre, few(tmp_path), "--train", "--model", model, "--jobs", "1", *dry)
    assert refused.exit_code == 1 and what in refused.stderr
    assert songs_of() == before and not refused.stdout


def test_a_dry_run_counts_what_the_run_adds(workshop: Workshop, songs: Path) -> None:
    arguments = ("add-genre", "ambient", songs, "--train", "--model", "groove-net", "--jobs", "1")
    would = groove_json(*arguments, "--dry-run", code=3)["would_add"]
    before = songs_of()
    did = groove_json(*arguments, code=3)
    added = {key: genre for key, genre in songs_of().items() if key not in before}
    assert set(added.values()) == {"ambient"}
    assert would["songs_for_dataset"] == len(added) == len(list((DEMO / "ambient").iterdir()))
    assert would["songs_for_model"] == did["taught"]["n_new"]
    assert would["songs"] == max(would["songs_for_dataset"], would["songs_for_model"])
    left = {Path(item["path"]).name: item["reason"] for item in would["left_out"]}
    assert left["zz metal.opus"] == "is a duplicate of a song in metal"
    assert {"zz copy.opus", "zz text.mp3"} < set(left)
    again = groove_json("add-genre", "ambient", songs, "--dry-run", code=3)["would_add"]
    assert (again["songs"], again["songs_for_dataset"], again["songs_for_model"]) == (0, 0, None)


def test_a_dry_run_says_that_no_song_would_be_added(workshop: Workshop) -> None:
    said = groove("add-genre", "noise", workshop.library / "metal", "--dry-run", "--jobs", "1")
    assert said.exit_code == 3
    assert "noise would be left out: it has no song that could be added" in said.stderr
    assert "would add noise (0 songs) to dataset default; nothing was written" in said.stdout


def test_without_train_it_needs_a_dataset(chip: Path) -> None:
    refused = groove("add-genre", "chip", chip)
    assert refused.exit_code == 1
    assert "no dataset" in refused.stderr
