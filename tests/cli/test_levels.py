"""Sub-genres and honest splits from the command line, on a library of tones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import groove, groove_json
from tests.small import add_songs, world

PITCHES = {"low/hum": 200.0, "low/buzz": 320.0, "high/beep": 1500.0, "high/hiss": 2600.0}
QUICK = ("--epochs", "2", "--batch-size", "8", "--optimizer", "adam", "--learning-rate", "0.0001")


@pytest.fixture(scope="module")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("tones")
    with world(root, PITCHES, n_songs=5) as made:
        ingest = ("ingest", made.library, "--depth", "2", "--clip-seconds", "3", "-j", "1")
        assert groove_json(*ingest)["depth"] == 2
        assert groove("train", *QUICK, "--name", "fine", "-j", "1").exit_code == 0
        assert groove("models", "use", "fine", "--force").exit_code == 0
    yield root


@pytest.fixture
def library(_trained: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five songs of each of four sub-genres, with a model that has learnt them, in a home of its own."""
    monkeypatch.setenv("GROOVE_JOBS", "1")
    shutil.copytree(_trained / "home", home)
    return _trained / "library"


def test_classify_names_both_levels(library: Path) -> None:
    song = library / "low" / "hum" / "0.wav"
    (found,) = groove_json("classify", song)["results"]
    assert set(found["probabilities"]) == set(PITCHES)
    assert set(found["parent_probabilities"]) == {"low", "high"}
    shares = found["probabilities"]
    assert found["parent_probabilities"]["low"] == pytest.approx(shares["low/hum"] + shares["low/buzz"])
    assert found["parent_confidence"] == max(found["parent_probabilities"].values())
    assert found["parent"] == max(found["parent_probabilities"], key=found["parent_probabilities"].get)
    shown = groove("classify", song, "--top", "2").stdout
    coarse, fine = shown.partition("0.wav: ")[2].split("; ")
    assert coarse.split()[0] == found["parent"] and fine.split()[0] == found["genre"]


def test_a_song_may_be_unknown_at_one_level_and_known_at_the_other(library: Path) -> None:
    (free,) = groove_json("classify", library / "low" / "hum" / "0.wav")["results"]
    assert (free["guess"], free["parent_guess"]) == (free["genre"], free["parent"])
    between = (free["confidence"] + free["parent_confidence"]) / 2
    asked = ("classify", library / "low" / "hum" / "0.wav", "--min-confidence", between)
    (found,) = groove_json(*asked)["results"]
    assert found == free | {"genre": "unknown", "verdict": "unknown", "unsure": False}
    assert found["parent_verdict"] == "named"
    shown = groove(*asked)
    assert f": {free['parent']} " in shown.stdout and f"; unknown ({free['guess']} " in shown.stdout
    assert (
        "1 of 1 song is below" in shown.stderr and "the parent genre of 1 of them is known" in shown.stderr
    )
    (none,) = groove_json(*asked[:-1], 1)["results"]
    assert (none["genre"], none["parent"], none["parent_guess"]) == ("unknown", "unknown", free["parent"])


def test_classify_at_one_level_has_no_parents(home: Path) -> None:
    song = Path(__file__).parent.parent.parent / "src/groovecli/demo/metal"
    found = groove_json("classify", next(song.glob("*.opus")))["results"][0]
    assert (found["parent"], found["parent_confidence"], found["parent_probabilities"]) == (
        None,
        None,
        None,
    )


def test_evaluate_prints_both_levels(library: Path) -> None:
    found = groove_json("evaluate", "fine")
    assert found["parents"]["labels"] == ["high", "low"]
    assert found["parents"]["per_song"]["n"] == found["per_song"]["n"]
    assert found["parents"]["verdict"]["n_songs"] == found["verdict"]["n_songs"]
    fine, coarse, *_ = groove("evaluate", "fine").stdout.splitlines()
    assert fine == f"fine: {found['verdict']['text']}"
    assert coarse == f"main genres: {found['parents']['verdict']['text']}"
    shown = groove("evaluate", "fine", "--full").stdout
    assert "per song, main genres" in shown and "Results per sub-genre" in shown and "low/buzz" in shown


def test_playlists_are_named_without_folders(library: Path, tmp_path: Path) -> None:
    found = groove_json(
        "cluster", library, "--out", tmp_path / "lists", "--method", "kmeans", "--clusters", "2"
    )
    assert all(Path(entry["file"]).parent == tmp_path / "lists" for entry in found["playlists"])


def test_depth_is_one_or_two(home: Path, tmp_path: Path) -> None:
    add_songs(tmp_path / "music", PITCHES, 1)
    assert groove("ingest", tmp_path / "music", "--depth", "3").exit_code == 2
    refused = groove("ingest", tmp_path / "music", "--depth", "2", "--label-from", "tag")
    assert refused.exit_code == 2 and "--depth 2 can't be used" in refused.stderr


def test_leakage_trains_three_times_and_says_what_it_can_not(library: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    found = groove_json("leakage", "fine", "--seed", "3", "--report", report)
    assert [row["split_by"] for row in found["splits"]] == ["clip", "song"]
    assert [row["leaky"] for row in found["splits"]] == [True, False]
    assert found["recipe"]["hyper"]["epochs"] == 2 and found["recipe"]["seed"] == 3
    assert "no split by artist: 20 of 20 songs have no artist tag" in found["notes"][0]
    assert found["splits"][0]["evaluation"]["parents"]["labels"] == ["high", "low"]
    assert (report / "index.html").is_file()
    shown = groove("leakage", "--model", "fine", "--seed", "3")
    assert "by clip (LEAKY)" in shown.stdout and "duplicates: " in shown.stdout
    assert " ".join(shown.stdout.split("\n")[:3]) == found["verdict"]["text"]
    assert "no split by artist" in shown.stderr
    assert [model["name"] for model in groove_json("models")["models"] if model["name"] == "by-song"] == []


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("evaluate", "--minutes", "1"), 2, "`groove evaluate` has no option --minutes"),
        (("evaluate", "fine", "--model", "other"), 2, "two models are named, fine and --model other"),
        (("leakage", "fine", "--model", "other"), 2, "two models are named, fine and --model other"),
        (("leakage", "fine", "--network", "time-cnn"), 2, "both fine and --network time-cnn are given"),
        (("evaluate", "fine", "--honest", "--model", "time-cnn"), 2, "both fine and --network time-cnn"),
        (("leakage", "--network", "conv-autoencoder"), 1, "conv-autoencoder names no genres"),
        (("leakage", "--network", "nothing"), 2, "nothing"),
        (("leakage", "--network", "time-cnn", "--dataset", "other"), 1, "no dataset 'other'"),
        (("leakage", "fine", "--minutes", "0"), 2, "--minutes must be a number above 0, not 0"),
    ],
)
def test_what_cannot_be_measured_is_one_error(
    library: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    result = groove(*options)
    assert result.exit_code == code, result.output
    line, *_ = result.stderr.strip().splitlines()
    assert line.startswith("error: ") and said in line
