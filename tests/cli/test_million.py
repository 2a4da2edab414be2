"""The Million Song Dataset and lyrics, as a student would walk through them on the command line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from groovecli.features.registry import feature
from groovecli.networks.registry import MODELS
from tests.cli.conftest import groove, groove_json
from tests.conftest import write_song
from tests.million import Million, write_million, write_summary

SHORT = ("--epochs", 2, "--min-songs", 1, "--resample", "none")


@pytest.fixture
def million(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Million:
    monkeypatch.setenv("GROOVE_JOBS", "1")
    return write_million(tmp_path / "msd", 8, n_unlabelled=3, n_speechless=2)


def ingest(million: Million, *options: object, code: int = 0) -> dict:
    return groove_json(
        "ingest", million.songs, "--source", "msd", "--tagtraum", million.tagtraum, *options, code=code
    )


def test_lyrics_of_one_dataset_are_not_anothers(million: Million) -> None:
    with_words = ingest(million, "--musixmatch", million.musixmatch, "--dataset", "with")
    without = ingest(million, "--dataset", "without")
    assert with_words["lyrics"]["songs"] == with_words["lyrics"]["new"] == len(million.sung) == 18
    assert without["lyrics"]["songs"] == 0
    n_missing = {}
    for name in ("with", "without"):
        trained = groove_json("train", "--model", "dense", "--dataset", name, *SHORT)
        n_missing[name] = (
            trained["songs_without_lyrics"],
            sum(trained["description"]["data"]["songs"].values()),
        )
    (missing, n_songs), (all_missing, n_all) = n_missing["with"], n_missing["without"]
    assert n_songs == n_all > all_missing - missing > 0
    assert all_missing == n_all and missing <= 6


def test_lyrics_that_come_with_a_second_ingest_are_heard(million: Million) -> None:
    ingest(million)
    before = groove_json("train", "--model", "seq-cnn", "--name", "a", *SHORT)
    again = ingest(million, "--musixmatch", million.musixmatch)
    assert again["lyrics"] == {
        "songs": 18,
        "new": 18,
        "gone": 0,
        "given": 18,
        "several_languages": [],
        "unusable": [],
    }
    assert again["new_clips"] == 0
    after = groove_json("train", "--model", "seq-cnn", "--name", "b", *SHORT)
    n_songs = sum(after["description"]["data"]["songs"].values())
    assert before["songs_without_lyrics"] == n_songs
    assert after["songs_without_lyrics"] <= 6
    assert ingest(million, "--musixmatch", million.musixmatch)["lyrics"]["new"] == 0


def test_no_lyrics_is_sound_alone(million: Million) -> None:
    ingest(million, "--musixmatch", million.musixmatch)
    result = groove("train", "--model", "seq-lstm", "--name", "deaf", "--no-lyrics", *SHORT)
    assert result.exit_code == 0, result.output
    assert "learnt from sound alone (--no-lyrics)" in result.stdout
    assert "without lyrics:" not in result.output
    (about,) = [m for m in groove_json("models", "list")["models"] if m["name"] == "deaf"]
    assert about["training"]["lyrics"] is False
    assert groove_json("train", "--resume", "--name", "deaf", "--epochs", 3)["lyrics"] is None


def test_what_learnt_from_it_serves_its_like_alone(million: Million, tmp_path: Path) -> None:
    """Its timbre is other numbers than those that groove makes of sound."""
    ingest(million, "--dataset", "msd")
    groove_json("train", "--model", "dense", "--name", "theirs", "--dataset", "msd", *SHORT)
    song = write_song(tmp_path / "library" / "low" / "song.wav", 32)
    assert groove_json("classify", song)["model"] == "groove-net"
    listed = {m["name"]: m for m in groove_json("models", "list")["models"]}
    assert (listed["theirs"]["in_use_for"], listed["theirs"]["hears_files"]) == ([], False)
    for command in (
        ("classify", song, "--model", "theirs"),
        ("embed", song, "--model", "theirs", "--out", tmp_path / "x.npz"),
        ("cluster", song.parent, "--out", tmp_path / "lists", "--model", "theirs"),
        ("models", "use", "theirs"),
    ):
        result = groove(*command)
        assert result.exit_code == 1 and "can't take audio files" in result.stderr, result.output
    assert groove_json("evaluate", "theirs")["per_song"]["n"] > 0


def test_sound_and_segments_are_not_taken_for_each_other(million: Million, tmp_path: Path) -> None:
    ingest(million, "--dataset", "msd")
    for genre, hz in {"low": 200, "high": 2000}.items():
        for n in range(4):
            write_song(tmp_path / "library" / genre / f"{n}.wav", 32, sr=8000, hz=hz + n, seed=hz + n)
    groove_json("ingest", tmp_path / "library", "--yes")
    groove_json("train", "--model", "dense", "--name", "ours", "--dataset", "default", *SHORT)
    groove_json("train", "--model", "dense", "--name", "theirs", "--dataset", "msd", *SHORT)
    result = groove("evaluate", "ours", "--dataset", "msd")
    assert result.exit_code == 1 and "takes sound; dataset 'msd' has none" in result.stderr
    result = groove("evaluate", "theirs", "--dataset", "default")
    assert result.exit_code == 1 and "which dataset 'default' lacks" in result.stderr


def test_hints_come_from_what_the_dataset_has(million: Million, tmp_path: Path) -> None:
    million = write_million(tmp_path / "more", 14)
    arguments = "ingest", million.songs, "--source", "msd", "--tagtraum", million.tagtraum
    result = groove(*arguments, "--dataset", "msd")
    (hint,) = [line for line in result.stderr.splitlines() if line.startswith("next: ")]
    assert hint == "next: groove train --network seq-cnn --dataset msd"
    command = hint.removeprefix("next: groove ").split()
    trained = groove(*command, *SHORT)
    assert trained.exit_code == 0, trained.output
    assert "transfer" not in trained.output
    assert "next: groove evaluate seq-cnn-1" in trained.stderr
    (hint,) = [line for line in groove("evaluate", "seq-cnn-1").stderr.splitlines() if "next: " in line]
    command = hint.removeprefix("next: groove ").split()
    compared = groove(*command, "--epochs", 1, "--subset", 60)
    assert compared.exit_code == 0, compared.output


def test_not_labelled_is_not_failed(million: Million) -> None:
    summary = write_summary(million.songs / "AdditionalFiles")
    result = ingest(million, code=0)
    skipped = {Path(item["path"]).name: item for item in result["skipped"]}
    assert len(skipped) == 4
    assert skipped.pop(summary.name)["reason"] == "is the data set's summary, not a song"
    assert {item["code"] for item in skipped.values()} == {"no-genre"}
    assert sum(sum(genre["songs"].values()) for genre in result["genres"].values()) == 24


def test_another_hdf5_file_is_a_failure(million: Million) -> None:
    (million.songs / "notes.h5").write_bytes(b"no song")
    (item,) = [i for i in ingest(million, code=3)["skipped"] if i["code"] != "no-genre"]
    assert item["reason"] == "is not a song of the Million Song Dataset"


@pytest.mark.parametrize("is_named", [True, False])
def test_genres_are_read_from_their_archive(million: Million, is_named: bool) -> None:
    packed = million.tagtraum.with_name(million.tagtraum.name + ".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(million.tagtraum, million.tagtraum.name)
        archive.writestr(f"__MACOSX/._{million.tagtraum.name}", "\x00")
    million.tagtraum.unlink()
    named = ("--tagtraum", packed) if is_named else ()
    result = groove_json("ingest", million.songs, "--source", "msd", *named)
    assert set(result["genres"]) == {"Rock", "Jazz", "Rap"}


def test_a_damaged_archive_is_said(million: Million) -> None:
    packed = million.tagtraum.with_name("genres.cls.zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("other.txt", "")
    result = groove("ingest", million.songs, "--source", "msd", "--tagtraum", packed)
    assert result.exit_code == 1
    assert "holds 0 .cls files, not one" in result.stderr


def test_vectors_that_know_no_word_are_not_missing_lyrics(million: Million, tmp_path: Path) -> None:
    vectors = tmp_path / "v.txt"
    vectors.write_text("2 3\nfoo 1 0 0\nbar 0 1 0\n")
    ingest(million, "--musixmatch", million.musixmatch)
    result = groove("train", "--model", "dense", "--word-vectors", vectors, *SHORT)
    assert result.exit_code == 0, result.output
    assert "the word vectors know 0.0 % of the words, and one or more in 0 of" in result.stdout


def test_networks_that_need_sound_are_named_where_they_are_asked_for(million: Million) -> None:
    ingest(million)
    for network in ("time-cnn", "transfer"):
        assert network in MODELS
        result = groove("train", "--model", network)
        assert result.exit_code == 1
        assert "dense, seq-cnn or seq-lstm" in result.stderr


def test_models_of_an_older_groove_are_told_by_their_dataset(million: Million, tmp_path: Path) -> None:
    """Their headers call the data set's segments by the name of what groove makes of sound."""
    ingest(million, "--dataset", "msd")
    made = groove_json("train", "--model", "dense", "--name", "theirs", "--dataset", "msd", *SHORT)
    path = Path(made["path"])
    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["groove"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    header["features"][0] = feature("chroma-timbre").to_dict()
    del header["data"]["source"]
    save_file(tensors, path, metadata={"groove": json.dumps(header)})
    song = write_song(tmp_path / "song.wav", 32)
    assert groove_json("classify", song)["model"] == "groove-net"
    assert "can't take audio files" in groove("classify", song, "--model", "theirs").stderr
    assert groove_json("evaluate", "theirs")["per_song"]["n"] > 0


def test_words_of_another_data_set_are_said_to_fit_no_song(million: Million, tmp_path: Path) -> None:
    words = tmp_path / "other.txt"
    words.write_text("%love,moon\nTRZZZZZ128F4200000,1,1:2\n")
    result = groove(
        "ingest", million.songs, "--source", "msd", "--tagtraum", million.tagtraum, "--musixmatch", words
    )
    assert "the files of --musixmatch have no song of this dataset" in result.stderr


def test_test_songs_without_lyrics_are_counted(million: Million) -> None:
    ingest(million, "--musixmatch", million.musixmatch, "--dataset", "with")
    ingest(million, "--dataset", "without")
    groove_json("train", "--model", "dense", "--name", "reader", "--dataset", "with", *SHORT)
    found = groove_json("evaluate", "reader", "--dataset", "without")
    n_songs = found["per_song"]["n"]
    said = f"test songs without lyrics, which the model reads: {n_songs} of {n_songs}"
    assert said in found["notes"]


def test_genres_that_were_dropped_are_named(million: Million) -> None:
    ingest(million)
    result = groove("train", "--model", "dense")
    assert result.exit_code == 1
    assert "fewer than 10 songs to learn from: Jazz (" in result.stderr


def test_a_published_data_set_takes_no_genre_of_a_folder(million: Million, tmp_path: Path) -> None:
    before = ingest(million)
    write_song(tmp_path / "punk" / "song.wav", 32)
    result = groove("add-genre", "punk", tmp_path / "punk")
    assert result.exit_code == 1 and "its genres are fixed" in result.stderr
    assert ingest(million)["genres"] == before["genres"]


def test_a_feature_of_another_source_is_refused(million: Million, tmp_path: Path) -> None:
    for number in range(2):
        write_song(tmp_path / "library" / f"genre {number}" / "song.wav", 32)
    refused = groove("ingest", tmp_path / "library", "--yes", "--feature", "msd-segments")
    assert (
        refused.exit_code == 2
        and "--source folder has nothing to compute msd-segments from" in refused.stderr
    )
    arguments = "ingest", million.songs, "--source", "msd", "--tagtraum", million.tagtraum
    assert groove(*arguments, "--feature", "mel-323").exit_code == 2


def test_no_lyrics_where_there_are_none_to_leave_out(million: Million) -> None:
    ingest(million)
    assert groove("train", "--model", "time-cnn", "--no-lyrics").exit_code == 2
    both = groove("train", "--model", "dense", "--no-lyrics", "--word-vectors", "v.txt")
    assert both.exit_code == 2 and "can't go together" in both.stderr


def test_a_model_of_it_is_exported_and_says_what_it_lacks(million: Million, tmp_path: Path) -> None:
    ingest(million, "--dataset", "msd")
    groove_json("train", "--model", "dense", "--name", "theirs", "--dataset", "msd", *SHORT)
    found = groove_json("models", "export", "theirs", "--onnx", tmp_path / "x.onnx")
    assert len(found["not_from_files"]) == 1 and "msd-segments" in found["not_from_files"][0]


def test_lyrics_that_cannot_be_used_are_listed_apart_from_songs(home: Path, tmp_path: Path) -> None:
    for genre, hz in {"low": 200, "high": 2000}.items():
        for n in range(2):
            write_song(tmp_path / "library" / genre / f"{n}.wav", 12, sr=8000, hz=hz + n, seed=hz + n)
    (tmp_path / "library" / "low" / "0.txt").write_bytes(b"word " * 250_000)
    arguments = "ingest", tmp_path / "library", "--yes", "--clip-seconds", 3, "--jobs", 1
    found = groove_json(*arguments)
    assert found["skipped"] == []
    (item,) = found["lyrics"]["unusable"]
    assert item["path"].endswith("0.wav") and "0.txt" in item["reason"]
    assert "songs that are used, but not their lyrics: 1" in groove(*arguments).stderr
