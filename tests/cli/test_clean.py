"""Cleaning: what can go is said with its size, goes when it is wanted, and nothing else does."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from groovecli.actions.clean.run import Cleaned, CleanRequest, run
from groovecli.actions.context import Context
from groovecli.cli.app import app
from groovecli.datasets.tables import Tables
from groovecli.errors import DatasetError, UsageError
from groovecli.files import exclusive
from groovecli.library.answers import StoredAnswer
from groovecli.library.forget import add_tracks
from groovecli.library.scan import identify_sound
from groovecli.models.file import StoredModel, describe, model_id
from groovecli.models.shelf import Shelf
from tests.cli.conftest import groove, groove_json
from tests.conftest import write_song
from tests.small import describing, untrained, world


@pytest.fixture(scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world(tmp_path_factory.mktemp("clean"), n_songs=5) as made:
        made.ingest()
        yield made.root


@pytest.fixture
def small(_kept: Path, home: Path) -> Iterator[Path]:
    """A home with a dataset of ten songs, as GROOVE_HOME."""
    shutil.copytree(_kept / "home", home)
    yield home


def clean(*kinds: str, **changes: object) -> Cleaned:
    with Context() as context:
        return run(CleanRequest(kinds, **changes), context)  # type: ignore[arg-type]


def chunks() -> set[str]:
    with Context() as context:
        return Tables(context.catalog, "default").chunks()


def put_model(home: Path, name: str, day: int, network: str = "time-cnn", **changes: object) -> Path:
    about = describing(
        network, name=name, created=f"2026-01-{day:02}T00:00:00+00:00", clip_s=3.0, **changes
    )  # type: ignore[arg-type]
    return untrained(home / "models" / name / "model.safetensors", about).path


def content(home: Path) -> dict[str, bytes]:
    """All files but those of the catalogue, which logs that something ran."""
    files = (path for path in home.rglob("*") if path.is_file() and "catalog" not in path.name)
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def older(path: Path, hours: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 1000)
    os.utime(path, (time.time() - 3600 * hours,) * 2)
    return path


def test_a_new_home_has_nothing(home: Path) -> None:
    assert groove_json("clean")["removed"] == []
    assert "nothing to remove" in groove("clean").stdout


def test_unfinished_files_go_unless_they_are_young_or_of_the_future(home: Path) -> None:
    old, young = older(home / ".groove-a.tmp", 2), older(home / "models" / ".groove-b.tmp", 0.1)
    future = older(home / ".groove-c.tmp", -5)
    cleaned = clean()
    assert [item.name for item in cleaned.items] == [old.name]
    assert cleaned.freed == 1000
    assert (old.exists(), young.exists(), future.exists()) == (False, True, True)


def test_a_dry_run_changes_nothing(small: Path) -> None:
    older(small / ".groove-a.tmp", 2)
    before = content(small)
    answer = groove_json("clean", "--features", "--old-models", "--comparisons", "--dry-run")
    assert content(small) == before
    assert [item["kind"] for item in answer["would_remove"]] == ["unfinished", "features"]
    assert answer["bytes"] == sum(item["bytes"] for item in answer["would_remove"]) > 1000


def test_what_a_model_learnt_from_stays(small: Path) -> None:
    put_model(small, "net", 1)
    assert not clean("features").items
    assert chunks()


def test_features_that_no_model_needs_go_and_come_back(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as made:
        made.ingest()
        before, files = chunks(), content(made.root / "home" / "datasets")
        cleaned = clean("features", dataset="default")
        assert (cleaned.size == cleaned.freed > 0, cleaned.failed, chunks()) == (True, (), set())
        assert not list(made.root.rglob("*.pkl"))
        made.ingest()
        assert (chunks(), content(made.root / "home" / "datasets")) == (before, files)


def test_features_stay_while_someone_works_with_them(small: Path) -> None:
    with exclusive(small / "datasets" / "default"):
        result = groove("clean", "--features", "--yes")
    assert result.exit_code == 3
    assert "another groove command is working" in result.output
    assert list((small / "datasets").rglob("*.pkl"))


def test_chunk_files_that_nobody_knows_go(small: Path) -> None:
    before = content(small / "datasets" / "default")
    stray = older(small / "datasets" / "default" / "mel-323-0" / "low" / "train" / "chunk-00000.pkl", 0)
    of_none = older(small / "datasets" / "gone" / "mel" / "chunk-00000.pkl", 0)
    assert {item.kind for item in clean().items} == {"strays"}
    assert content(small / "datasets" / "default") == before
    assert (stray.exists(), of_none.exists()) == (False, False)


def test_what_a_link_leads_to_is_not_groove_s(small: Path, tmp_path: Path) -> None:
    for name in ("precious.pkl", "chunk-00000.pkl"):
        older(tmp_path / "elsewhere" / "a" / name, 0)
    (small / "datasets" / "linked").symlink_to(tmp_path / "elsewhere")
    mine = older(small / "datasets" / "default" / "notes.pkl", 0)
    clean()
    assert mine.exists() and len(list((tmp_path / "elsewhere").rglob("*.pkl"))) == 2
    assert not (tmp_path / "elsewhere" / ".lock").exists()


def test_old_models_go_and_the_newest_and_the_chosen_stay(home: Path) -> None:
    for day, name in enumerate(("chosen", "old", "newest"), 1):
        put_model(home, name, day)
    put_model(home, "of-others", 1, genres=("folk", "rock"))
    Shelf(Context().home).use("chosen", force=True)
    assert [item.name for item in clean("old-models").items] == ["old"]
    groove("models", "use", "--default")
    answer = groove_json("clean", "--old-models", "--yes")
    assert [item["name"] for item in answer["removed"]] == ["chosen"]
    assert {model.name for model in Shelf(Context().home).trained()} == {"newest", "of-others"}


def test_comparisons_go_where_they_are_asked_for(small: Path) -> None:
    older(small / "comparisons" / "default-0a" / "time-cnn" / "model.safetensors", 0)
    older(small / "comparisons" / "honest-other-0b" / "time-cnn" / "model.safetensors", 0)
    assert [item.kind for item in clean().others] == ["features", *["comparisons"] * 2]
    assert [item.name for item in clean("comparisons", dataset="default").items] == ["default-0a"]
    assert clean("comparisons").freed == 1000


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_nothing_goes_without_a_yes(home: Path, answer: str) -> None:
    older(home / ".groove-a.tmp", 2)
    result = CliRunner().invoke(app, ["clean"], input=answer)
    assert result.exit_code in (1, 2)
    assert (home / ".groove-a.tmp").exists()


def test_wrong_requests(home: Path) -> None:
    with pytest.raises(UsageError, match="no kind"):
        clean("everything")
    with pytest.raises(DatasetError, match="no dataset"):
        clean(dataset="none")


def test_vectors_of_models_that_are_gone_go(home: Path) -> None:
    kept = model_id(
        StoredModel(put_model(home, "here", 1), describe(home / "models/here/model.safetensors"))
    )
    with Context() as context:
        for key in (f"{kept}-3", "gone-0123456789ab-3"):
            vector = StoredAnswer(np.ones(4, np.float32))
            context.catalog.add_answers(key, {f"{1:032x}": vector})
    (home / "embeddings" / "nobody.f16").write_bytes(b"12345678")
    assert [item.name for item in clean().items] == ["gone-0123456789ab-3", "nobody.f16"]
    assert [path.stem for path in (home / "embeddings").iterdir()] == [f"{kept}-3"]
    with Context() as context:
        assert len(context.catalog.answers(f"{kept}-3", [f"{1:032x}"])) == 1


def test_copies_of_older_catalogues_go_and_the_daily_ones_stay(small: Path) -> None:
    older(small / "backups" / "catalog-v6.db", 0)
    older(small / "catalog-damaged-2026-11-29-1.db", 0)
    daily = older(small / "backups" / "datasets-000001-2026-11-29.db", 0)
    assert len(clean("copies").items) == 2
    assert daily.exists()
    assert (small / "catalog.db").exists()


@pytest.fixture
def music(tmp_path: Path, home: Path) -> Iterator[Path]:
    """A library of 24 songs in which groove knows every file."""
    with world(tmp_path, n_songs=12) as made:
        made.ingest()
        yield made.library


def test_songs_whose_files_are_gone_are_forgotten(music: Path) -> None:
    lost = sorted((music / "low").glob("*.wav"))[:3]
    for path in lost:
        path.unlink()
    answer = groove_json("clean", "--missing", "--dry-run")
    (item,) = answer["would_remove"]
    assert sorted(map(Path, item["files"])) == lost
    assert groove("clean", "--missing", "--yes").exit_code == 0
    with Context() as context:
        assert len(Tables(context.catalog, "default").songs()) == 21
        assert not context.catalog.known_files(lost)
    assert not clean("missing").items


def test_one_of_two_folders_that_cannot_be_reached_is_not_forgotten(home: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_song(tmp_path / "here" / name / "a.wav", 4, sr=8000, seed=len(name))
        assert groove("classify", tmp_path / "here" / name).exit_code == 0
        assert groove("embed", tmp_path / "here" / name, "--out", tmp_path / f"{name}.npz").exit_code == 0
    (tmp_path / "here" / "other").rename(tmp_path / "away")
    result = groove("clean", "--missing", "--yes")
    assert result.exit_code == 3 and f"{tmp_path}/here/other" in result.stderr.replace("\n", "")
    with Context() as context:
        assert len(context.catalog.known_files()) == 2


def test_a_moved_song_stays(music: Path) -> None:
    song = music / "low" / "0.wav"
    song.rename(music / "low" / "moved.wav")
    groove("ingest", music, "--jobs", "1")
    (item,) = clean("missing", dry_run=True).items
    assert (item.files, item.moved, item.why) == ((), (song,), "1 old path of songs that moved")
    assert groove("clean", "--missing", "--yes").exit_code == 0
    assert not clean("missing").items
    with Context() as context:
        assert len(Tables(context.catalog, "default").songs()) == 24


@pytest.mark.parametrize("how", ["gone", "empty", "half"])
def test_a_drive_that_is_not_connected_removes_nothing(music: Path, how: str) -> None:
    away = music.parent / "away"
    music.rename(away)
    if how != "gone":
        music.mkdir()
    if how == "half":
        shutil.copytree(away / "low", music / "low", ignore=lambda _, names: names[1:])
    result = groove("clean", "--missing", "--yes")
    assert result.exit_code == 3
    assert "nothing of it is removed" in result.stderr
    with Context() as context:
        assert len(context.catalog.known_files()) == 24
    assert groove("clean", "--missing", "--force", "--yes").exit_code == 0
    with Context() as context:
        assert len(context.catalog.known_files()) == (how == "half")
    assert "there is nothing to remove" not in result.stdout


def test_songs_below_a_link_to_a_drive_that_is_away_stay(music: Path) -> None:
    """Where the drive's folder is gone, and where it is empty; songs that are gone go all the same."""
    drive = music.parent / "drive"
    drive.mkdir()
    (music / "low").rename(drive / "low")
    (music / "low").symlink_to(drive / "low")
    gone = music / "high" / "0.wav"
    gone.unlink()
    drive.rename(music.parent / "away")
    for is_empty in (False, True):
        if is_empty:
            (drive / "low").mkdir(parents=True)
        answer = groove_json("clean", "--missing", "--dry-run", code=3)
        assert [item["files"] for item in answer["would_remove"]] == [[str(gone)]]
        assert [(item["name"], item["n"]) for item in answer["kept"]] == [(str(music / "low"), 12)]
    assert groove("clean", "--missing", "--yes").exit_code == 3
    with Context() as context:
        assert len(context.catalog.known_files()) == 23
    assert groove("clean", "--missing", "--force", "--yes").exit_code == 0
    with Context() as context:
        assert len(context.catalog.known_files()) == 11


def test_a_library_that_moved_as_a_whole_keeps_its_songs(music: Path) -> None:
    moved = music.rename(music.parent / "moved")
    groove("ingest", moved, "--jobs", "1")
    (item,) = clean("missing").items
    assert (item.files, len(item.moved)) == ((), 24)
    with Context() as context:
        assert set(context.catalog.known_files()) == set(moved.rglob("*.wav"))
        assert len(Tables(context.catalog, "default").songs()) == 24


def test_analyses_of_songs_that_were_not_met_yet_stay(music: Path) -> None:
    with Context() as context:
        add_tracks(context.catalog, [("f" * 32, 12.0)])
        context.catalog.add_prints("whole", {"f" * 32: np.ones(4, np.uint32)})
    (music / "low" / "0.wav").unlink()
    assert len(clean("missing").items[0].files) == 1
    with Context() as context:
        assert context.catalog.prints("whole", ["f" * 32])
        assert context.catalog.rows("SELECT 1 FROM tracks WHERE id = ?", "f" * 32)


def test_an_emptied_folder_that_was_only_listened_to_loses_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a drive is away; from any folder."""
    song = write_song(tmp_path / "drive" / "pop" / "a.wav", 4, sr=8000)
    with Context() as context:
        context.catalog.remember([identify_sound(song)])
    shutil.rmtree(tmp_path / "drive" / "pop")
    monkeypatch.chdir("/")
    result = groove("clean", "--missing", "--yes")
    assert result.exit_code == 3 and "its drive may not be connected" in " ".join(result.stderr.split())
    with Context() as context:
        assert song in context.catalog.known_files()
