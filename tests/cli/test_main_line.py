"""Every command end to end on real music."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from groovecli.errors import StorageError
from groovecli.files import sha256_hex
from groovecli.library.catalog import Catalog
from tests.cli.conftest import Workshop, groove, groove_json
from tests.conftest import DEMO, write_song


def _bytes_of_chunks(home: Path) -> dict[Path, str]:
    return {path: sha256_hex(path.read_bytes()) for path in home.rglob("chunk-*.pkl")}


def test_ingest_reports_songs_and_clips_and_skips_none(workshop: Workshop) -> None:
    found = groove_json("ingest", workshop.library, "--split-by", "artist")
    assert found["schema"] == 1
    assert found["skipped"] == []
    assert found["new_clips"] == 0
    assert set(found["genres"]) == {"electronic", "folk", "metal", "orchestral"}
    for count in found["genres"].values():
        assert sum(count["songs"].values()) == 6
        assert sum(count["clips"].values()) == 18
        assert min(count["songs"].values()) >= 1


def test_train_describes_its_model(workshop: Workshop) -> None:
    found = groove_json("train", "--epochs", "2", "--name", "again", "--part", "1/2")
    assert found["model"] == "again"
    assert len(found["epochs"]) == 2
    assert {"loss", "validation_accuracy"} <= set(found["epochs"][0])
    folder = Path(found["path"]).parent
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "figures.json").read_text())["model"]["name"] == "again"
    resumed = groove_json("train", "--resume", "--name", "again", "--epochs", "3")
    assert len(resumed["epochs"]) == 3
    assert resumed["epochs"][:2] == found["epochs"]
    before = Path(found["path"]).read_bytes()
    refused = groove("train", "--epochs", "1", "--name", "again")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert Path(found["path"]).read_bytes() == before
    assert groove("train", "--epochs", "1", "--name", "again", "--overwrite").exit_code == 0


def test_evaluate_measures_songs_and_clips(workshop: Workshop) -> None:
    report, charts, plot = (workshop.home / name for name in ("report", "charts", "plot.svg"))
    found = groove_json("evaluate", "--report", report, "--figures", charts, "--plot", plot)
    assert found["model"] == "net"
    assert found["split_by"] == "artist"
    assert found["leaky"] is False
    n_songs = found["per_song"]["n"]
    assert found["per_clip"]["n"] == 3 * n_songs
    assert sum(map(sum, found["confusion"])) == n_songs
    assert sum(genre["support"] for genre in found["genres"].values()) == n_songs
    low, high = found["per_song"]["accuracy_interval"]
    assert low <= found["per_song"]["accuracy"] <= high
    assert {path.name for path in report.iterdir()} == {"evaluation.json", "index.html"}
    assert (charts / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in plot.read_bytes() and (charts / "confusion.svg").exists()
    shown = groove("evaluate", "net")
    assert "split by artist" in shown.stdout
    assert "LEAKY" not in shown.stdout
    assert [*found][:2] == ["schema", "verdict"] and found["verdict"]["n_songs"] == n_songs
    assert shown.stdout.startswith(f"net: {found['verdict']['text']}")
    assert "few songs: " in groove("evaluate", "net", "--full").stdout
    rows = found["calibration"]["min_confidence"]
    assert [row["min_confidence"] for row in rows] == [0, 0.3, 0.5, 0.7, 0.9]
    assert rows[0]["n"] == n_songs and rows[0]["accuracy"] == pytest.approx(found["per_song"]["accuracy"])


def test_a_leaky_split_is_called_leaky_everywhere(workshop: Workshop) -> None:
    leaky = ("--dataset", "leaky")
    assert "leaky" in groove("ingest", workshop.library, "--split-by", "clip", *leaky).output
    groove("train", "--epochs", "1", "--name", "flattered", *leaky)
    assert groove_json("evaluate", "flattered")["leaky"] is True
    assert "LEAKY SPLIT" in groove("evaluate", "flattered").stdout
    assert "leaky" in groove("models").stdout


def test_classify_works_without_training(home: Path) -> None:
    song = next(DEMO.glob("metal/*.opus"))
    found = groove_json("classify", song)
    (result,) = found["results"]
    assert result["path"] == str(song)
    assert len(result["probabilities"]) == 10
    assert sum(result["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert result["confidence"] == max(result["probabilities"].values())
    assert result["genre"] == next(iter(result["probabilities"]))
    assert not home.exists()


def test_classify_keeps_what_it_hears_where_a_catalogue_is(home: Path, tmp_path: Path) -> None:
    folder = DEMO / "metal"
    alone = groove_json("classify", folder)["results"]
    groove("embed", folder, "--out", tmp_path / "x.npz")
    assert groove_json("classify", folder)["results"] == alone
    (home / "catalog.db").write_text("no database " * 999)
    found = groove_json("classify", folder)
    assert found["results"] == alone
    assert "nothing is kept for the next time" in found["notes"][0]


def test_classify_answers_though_the_disk_is_full(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groove("embed", DEMO / "folk", "--out", tmp_path / "x.npz")

    def full(*_: object, **__: object) -> None:
        raise StorageError("cannot use the catalogue: disk is full")

    monkeypatch.setattr(Catalog, "remember", full)
    unkept = groove_json("classify", DEMO / "metal", "--clips", "1")
    assert "disk is full" in unkept["notes"][0]
    monkeypatch.undo()
    monkeypatch.setenv("GROOVE_HOME", str(home))
    alone = groove_json("classify", DEMO / "metal", "--clips", "1")["results"]
    assert unkept["results"] == alone
    monkeypatch.setattr(Catalog, "add_answers", full)
    found = groove_json("classify", DEMO / "metal", "--clips", "2")
    assert "disk is full" in found["notes"][0] and len(found["results"]) == len(alone)


def test_classify_calls_unknown_what_it_is_not_sure_of(home: Path) -> None:
    folder = DEMO / "metal"
    free = groove_json("classify", folder)
    assert free["min_confidence"] == 0
    least = max(song["confidence"] for song in free["results"])
    shown = groove("classify", folder, "--min-confidence", least)
    assert shown.exit_code == 0
    n_songs = len(free["results"])
    assert f"{n_songs - 1} of {n_songs} songs are below --min-confidence {least:g}: unknown" in shown.stderr
    assert shown.stdout.count(": unknown (") == n_songs - 1
    strict = groove_json("classify", folder, "--min-confidence", least)
    for song, before in zip(strict["results"], free["results"], strict=True):
        assert before["guess"] == before["genre"]
        assert song == before | {name: song[name] for name in ("genre", "verdict", "unsure")}
        assert song["verdict"] == ("unknown" if song["genre"] == "unknown" else "named")
        assert song["genre"] == (before["genre"] if song["confidence"] >= least else "unknown")
    refused = groove("classify", folder, "--min-confidence", "60")
    assert refused.exit_code == 2
    assert refused.stderr.splitlines()[0] == "error: --min-confidence must be a number from 0 to 1, not 60"


def test_classify_lists_what_failed_and_calls_silence_silent(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    write_song(folder / "01 [live].wav", 5)
    sf.write(folder / "silence.wav", np.zeros(22050 * 31), 22050)
    (folder / "broken.mp3").write_text("no music")
    found = groove_json("classify", folder, code=3)
    assert [Path(item["path"]).name for item in found["failed"]] == ["broken.mp3"]
    genres = {Path(item["path"]).name: item["genre"] for item in found["results"]}
    assert genres["silence.wav"] == "silent"
    shown = groove("classify", folder, "--top", "2")
    assert "01 [live].wav" in shown.stdout
    assert shown.exit_code == 3


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".parquet"])
def test_embed_writes_one_vector_a_song(workshop: Workshop, tmp_path: Path, suffix: str) -> None:
    out, plot = tmp_path / f"songs{suffix}", tmp_path / "songs.png"
    found = groove_json("embed", workshop.library / "folk", "--out", out, "--plot", plot)
    assert (found["songs"], found["dim"]) == (6, 256)
    assert plot.read_bytes().startswith(b"\x89PNG")
    if suffix == ".npz":
        stored = np.load(out)
        assert stored["vectors"].shape == (6, 256)
        assert all(Path(path).exists() for path in stored["paths"])


def test_embed_of_nothing_leaves_a_file_alone(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "songs.npz"
    out.write_bytes(b"good")
    sf.write(tmp_path / "silence.wav", np.zeros(320_000), 8000)
    for path in (tmp_path / "silence.wav", tmp_path / "missing.wav"):
        done = groove("embed", path, "--out", out, "--force", "--jobs", "1")
        assert done.exit_code == 1 and "nothing was written" in done.stderr
        assert out.read_bytes() == b"good"
    refused = groove("cluster", tmp_path, "--out", tmp_path / "lists", "--jobs", "1")
    assert refused.exit_code == 1
    assert "can be heard: 1 silent" in refused.stderr


@pytest.mark.parametrize("method", ["mutual", "affinity", "kmeans", "agglomerative", "hdbscan"])
def test_cluster_writes_playlists_that_open(workshop: Workshop, tmp_path: Path, method: str) -> None:
    out = tmp_path / "lists" / "mine"
    found = groove_json("cluster", workshop.library, "--out", out, "--method", method)
    assert found["playlists"]
    n_songs = 0
    for playlist in found["playlists"]:
        lines = Path(playlist["file"]).read_text("utf-8").splitlines()
        songs = [line for line in lines if not line.startswith("#")]
        assert all((out / line).is_file() for line in songs)
        assert len(songs) == playlist["songs"]
        assert playlist["exemplar"]
        n_songs += len(songs)
    assert n_songs + found["left_out"] == 24


def test_cluster_keeps_what_a_person_edited(workshop: Workshop, tmp_path: Path) -> None:
    out = tmp_path / "lists"
    first = groove_json("cluster", workshop.library, "--out", out)
    edited = Path(first["playlists"][0]["file"])
    edited.write_text(edited.read_text("utf-8") + "# mine\n", "utf-8")
    (out / "Party.m3u8").write_text("#EXTM3U\n")
    second = groove_json("cluster", workshop.library, "--out", out)
    assert edited.read_text("utf-8").endswith("# mine\n")
    assert (out / "Party.m3u8").read_text() == "#EXTM3U\n"
    assert str(edited) not in [playlist["file"] for playlist in second["playlists"]]
    (kept,) = [item for item in second["kept"] if item["path"] == str(edited)]
    assert kept["instead"] is None
    said = groove("cluster", workshop.library, "--out", out).stderr
    assert f"{edited.name} was changed since groove wrote it\n" in said
    insisted = ("cluster", workshop.library, "--out", out, "--replace")
    said = groove(*insisted, "--dry-run").stderr
    assert (
        f"{edited.name} was changed since groove wrote it; {edited.stem} (2) would be new beside it" in said
    )
    said = groove(*insisted).stderr
    assert f"{edited.name} was changed since groove wrote it; {edited.stem} (2) is new beside it" in said


def test_add_genre_leaves_the_others_alone_and_extends_the_model(
    workshop: Workshop, tmp_path: Path
) -> None:
    before = _bytes_of_chunks(workshop.home)
    folder = tmp_path / "ambient songs"
    shutil.copytree(DEMO / "ambient", folder)
    found = groove_json("add-genre", "ambient", folder, "--train", "--epochs", "2")
    assert found["ingest"]["genres"]["ambient"]["songs"]["train"] >= 1
    after = _bytes_of_chunks(workshop.home)
    assert {path: after[path] for path in before} == before
    assert len(after) > len(before)
    training = found["training"]
    assert training["base"] == "net"
    assert training["description"]["genres"] == ["electronic", "folk", "metal", "orchestral", "ambient"]
    assert training["before"]["per_song"]["n"] == training["after"]["per_song"]["n"]
    assert "ambient" not in training["before"]["genres"]


def test_the_autoencoder_takes_the_same_road(workshop: Workshop, tmp_path: Path) -> None:
    found = groove_json("train", "--model", "conv-autoencoder", "--epochs", "1")
    assert found["epochs"][0]["validation_accuracy"] is None
    assert list(workshop.home.rglob("spec-256-*/folk/train/chunk-*.pkl"))
    lists = groove_json(
        "cluster", workshop.library, "--out", tmp_path / "lists", "--model", "conv-autoencoder"
    )
    assert lists["playlists"]
    refused = groove("classify", workshop.library, "--model", "conv-autoencoder")
    assert refused.exit_code == 1
    assert "names no genres" in refused.stderr
    assert groove_json("evaluate")["model"] == "net"
