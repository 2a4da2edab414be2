"""Nothing is silently missing: songs, models, roots, results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from groovecli.actions import cluster, embed, evaluate, ingest, train
from groovecli.actions.add_genre import run as add_genre
from groovecli.datasets.intake import IngestRequest
from groovecli.errors import DatasetError, GrooveError, LibraryError, ModelError, StorageError
from groovecli.features.registry import feature
from groovecli.library.emptied import check_not_emptied
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import FileState
from groovecli.library.unchanged import why_not
from groovecli.models.making import making
from groovecli.monitor import SILENT
from groovecli.reasons import Reason
from groovecli.training.request import TrainRequest
from tests.cli.conftest import groove, groove_json
from tests.conftest import write_song
from tests.small import Stopper, World, add_songs, world

pytestmark = pytest.mark.faults

QUICK = TrainRequest("two-layer", name="quick", hyper={"epochs": 1, "batch_size": 8})
WAVES = ("wave-pooled",)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """Two genres of six songs; features for `two-layer` are there."""
    with world(tmp_path) as made:
        made.ingest(features=WAVES, clips_per_song=2)
        yield made


def away(small: World, genre: str) -> Path:
    """Take a genre's folder away, as when a drive is pulled."""
    return Path(shutil.move(small.library / genre, small.root / genre))


def forget_features(small: World) -> None:
    shutil.rmtree(small.home.dataset("default"))


def cli_codes(small: World, *arguments: str) -> tuple[int, Any]:
    """Exit code and JSON of a command."""
    with small.at_home():
        result = groove(*arguments, "--json")
    return result.exit_code, json.loads(result.stdout)


# Songs of a dataset


def test_songs_that_are_cached_are_used_and_counted(small: World) -> None:
    away(small, "low")
    code, answer = cli_codes(small, "train", "--network", "two-layer", "--epochs", "1", "--name", "a")
    assert code == 3  # nothing is left out, but who reads the exit code is to know
    assert len(answer["unreachable"]) == 6 and answer["changed"] == []
    assert {item["used"] for item in answer["unreachable"]} == {True}
    assert {item["code"] for item in answer["unreachable"]} == {"missing"}
    with small.at_home():
        text = groove("evaluate", "a").stderr
    assert "used from the cache" in " ".join(text.split())


def test_a_song_that_is_left_out_is_listed_and_ends_with_3(small: World) -> None:
    forget_features(small)
    (small.library / "low" / "0.wav").unlink()
    write_song(small.library / "low" / "1.wav", 12, sr=8000, hz=555, seed=77)
    code, answer = cli_codes(small, "train", "--network", "two-layer", "--epochs", "1", "--name", "a")
    assert code == 3
    ((gone,), (other,)) = answer["unreachable"], answer["changed"]
    assert gone["path"].endswith("low/0.wav") and not gone["used"]
    assert other["path"].endswith("low/1.wav") and "another song" in other["reason"]
    assert answer["description"]["genres"] == ["high", "low"]


def test_what_is_there_again_is_used_again(small: World) -> None:
    forget_features(small)
    song = small.library / "low" / "0.wav"
    content, times = song.read_bytes(), song.stat()
    song.unlink()
    assert len(train.run(QUICK, small.context(), overwrite=True).reach.left_out) == 1
    song.write_bytes(content)  # with another time: it is looked at, and found to be the same
    assert song.stat().st_mtime_ns != times.st_mtime_ns
    assert train.run(QUICK, small.context(), overwrite=True).reach.all == ()


def test_a_genre_that_lost_all_its_songs_is_refused(small: World) -> None:
    forget_features(small)
    away(small, "low")
    for act in (
        lambda: train.run(QUICK, small.context()),
        lambda: evaluate.run(evaluate.EvaluateRequest(dataset="default"), small.context()),
    ):
        with pytest.raises(DatasetError, match=r"no song left to use of low \(\d songs?\)") as caught:
            act()
        assert "groove remove-genre low" in caught.value.hint
    assert not (small.home.models / "quick").exists()
    train.run(TrainRequest("two-layer", name="b", hyper=QUICK.hyper), small_again(small))


def small_again(small: World) -> Any:
    shutil.move(small.root / "low", small.library / "low")
    return small.context()


def test_evaluate_looks_at_its_test_songs_alone(small: World) -> None:
    train.run(QUICK, small.context())
    dataset = small.dataset()
    for side in ("train", "test"):
        forget_features(small)
        song = next(s for s in dataset.songs.values() if s.side == side and s.genre == "high")
        path = dataset.tracks[song.track_id][0].path
        path.rename(path.with_suffix(".away"))
        request = evaluate.EvaluateRequest("quick")
        if side == "train":
            assert evaluate.run(request, small.context()).reach.all == ()
        else:  # the only one of its genre on that side
            with pytest.raises(DatasetError, match=r"no song left to use of high \(1 song\)"):
                evaluate.run(request, small.context())


def test_ingest_says_what_is_not_in_the_library_any_more(small: World) -> None:
    (small.library / "low" / "0.wav").unlink()
    result = small.ingest(features=WAVES)
    assert [lost.file.path.name for lost in result.reach.unreachable] == ["0.wav"]
    assert result.n_failed == 1 and len(small.dataset().songs) == 12
    forget_features(small)
    again = small.ingest(features=WAVES)
    assert again.n_failed > 0 and len(again.reach.left_out) == 1
    code, answer = cli_codes(small, "ingest", str(small.library), "--feature", WAVES[0])
    assert code == 3 and [item["used"] for item in answer["unreachable"]] == [False]


# Files that were replaced


def test_a_replaced_file_is_not_cut_under_the_old_id(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaced between the scan and the cut."""
    real, song = ingest.compute_missing, small.library / "low" / "2.wav"

    def replaced(*args: Any, **options: Any) -> Any:
        write_song(song, 12, sr=8000, hz=700, seed=99)
        return real(*args, **options)

    monkeypatch.setattr(ingest, "compute_missing", replaced)
    forget_features(small)
    result = small.ingest(features=WAVES)
    (lost,) = result.reach.changed
    assert lost.file.path == song and not lost.is_used and result.n_failed > 0
    spec = feature(WAVES[0], 3.0)
    assert not any(track == lost.track_id for track, _ in small.dataset().tables.places(spec.key))
    monkeypatch.undo()
    again = small.ingest(features=WAVES)  # the new song has a row of its own, the old one no file
    assert [item.file.reason for item in again.reach.unreachable] == [Reason.GONE]
    assert len(small.dataset().songs) == 13


def test_other_tags_or_times_are_no_other_song(tmp_path: Path) -> None:
    song = write_song(tmp_path / "a.wav", 3, sr=8000)
    (track,) = find_tracks([tmp_path], None, jobs=1, monitor=SILENT).tracks
    assert why_not(song, track.id, track.state) is None
    assert why_not(song, track.id, FileState(1, 1)) is None
    song.write_bytes(b"")
    problem = why_not(song, track.id, track.state)
    assert problem is not None and problem.reason == Reason.CHANGED and "empty" in problem.text
    song.unlink()
    problem = why_not(song, track.id, track.state)
    assert problem is not None and problem.reason == Reason.MISSING


# Roots


def test_a_library_that_is_suddenly_empty_changes_nothing(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=2) as made:
        for number in range(24):
            seconds, seed = 4, 300 + number
            write_song(
                made.library / "high" / f"{number}.wav", seconds, sr=8000, hz=900 + number, seed=seed
            )
        add_songs(made.library, {"low": 200.0}, 2)
        find_tracks([made.library], made.catalog, jobs=2, monitor=SILENT)
        away(made, "high")
        (made.library / "high").mkdir()
        request = IngestRequest(made.library, clip_s=3.0)
        for act in (
            lambda: ingest.run(request, made.context()),
            lambda: cluster.run(cluster.ClusterRequest(made.library, tmp_path / "lists"), made.context()),
        ):
            with pytest.raises(LibraryError, match=r"24 of the 26 songs .* are gone") as caught:
                act()
            assert "--force" in caught.value.hint
        assert made.catalog.rows("SELECT COUNT(*) FROM songs") == [(0,)]
        assert not any((tmp_path / "lists").glob("*"))
        forced = cluster.ClusterRequest(made.library, tmp_path / "lists", force=True)
        done = cluster.run(forced, made.context())
        assert done.n_songs + len(done.left_out) == 2  # tones: one counts as a copy of the other


def test_a_library_that_was_moved_about_is_not_emptied(tmp_path: Path) -> None:
    with world(tmp_path, {"low": 200.0}, n_songs=1) as made:
        for number in range(24):
            write_song(made.library / "a" / f"{number}.wav", 1, sr=8000, seed=number, hz=300 + number)
        for name in ("b", "c", "d"):
            find_tracks([made.library], made.catalog, jobs=2, monitor=SILENT)
            (made.library / "a").rename(made.library / name)
            (made.library / name).rename(made.library / "a")
        found = tuple((made.library / "a").iterdir())
        check_not_emptied(made.catalog, made.library, found)
        check_not_emptied(made.catalog, made.library, ())  # left out by the user, and there
        for path in found:
            path.unlink()
        with pytest.raises(LibraryError, match="gone"):
            check_not_emptied(made.catalog, made.library, ())


# Models and datasets that two commands make at once


def test_two_first_ingests_do_not_mix(tmp_path: Path) -> None:
    with world(tmp_path) as made, made.at_home():
        command = [sys.executable, "-m", "groovecli", "ingest", str(made.library), "--clip-seconds", "3"]
        pair = [
            subprocess.Popen(
                [*command, "--feature", WAVES[0], "--test-share", share],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for share in ("0.2", "0.4")
        ]
        said = [process.communicate(timeout=60)[1] for process in pair]
        shares = [share for process, share in zip(pair, (0.2, 0.4), strict=True) if process.returncode == 0]
        refused = next(text for process, text in zip(pair, said, strict=True) if process.returncode)
        assert "another groove command is working" in refused or "was made with --test-share" in refused
        assert [made.dataset().settings.test_share] == shares


def test_two_trainings_do_not_take_one_name(tmp_path: Path) -> None:
    with making(tmp_path, "net", None, 1) as first:
        with making(tmp_path, "net", None, 2) as second:
            assert (first.name, second.name) == ("net-1", "net-2")
        refused: list[GrooveError] = []

        def other() -> None:
            try:
                with making(tmp_path, "net", "net-1", 3):
                    pass
            except ModelError as error:
                refused.append(error)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert "making the model 'net-1' right now" in refused[0].what
    with making(tmp_path, "net", None, 3) as third:
        assert third.name == "net-1" and not third.goes_on


def test_a_refused_genre_leaves_the_dataset_as_it_was(small: World, tmp_path: Path) -> None:
    train.run(QUICK, small.context())
    add_songs(tmp_path / "more", {"mid": 700.0}, 6)
    before = small.dataset().songs
    request = add_genre.AddGenreRequest(
        "mid", tmp_path / "more" / "mid", True, "quick", max_forgetting=0.0, epochs=1, features=WAVES
    )
    chunks = small.dataset().tables.chunks()
    try:
        add_genre.run(request, small.context())
    except ModelError:
        assert small.dataset().songs == before
        assert small.dataset().tables.chunks() == chunks
        names = {
            str(path.relative_to(small.dataset().folder)) for path in small.dataset().folder.rglob("*.pkl")
        }
        assert names == chunks
    else:
        pytest.skip("nothing was forgotten")


# Results


def test_a_stopped_embed_leaves_a_whole_file_alone(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    out = small.root / "songs.csv"
    whole = "path,genre\n"
    out.write_text(whole)
    real = embed.run
    monkeypatch.setattr(
        "groovecli.actions.embed.run",
        lambda request, _: real(request, small.context(monitor=Stopper("embed", 2))),
    )
    with small.at_home():
        result = groove("embed", small.library, "--out", out, "--force", "--json")
    assert result.exit_code == 130
    answer = json.loads(result.stdout)
    assert answer["interrupted"] and answer["out"] is None
    assert "nothing was written" in result.stderr
    assert out.read_text() == whole


@pytest.mark.parametrize(
    "command",
    [
        ("embed", "music", "--out", "file/x.csv"),
        ("embed", "music", "--plot", "file/x.png"),
        ("cluster", "music", "--out", "file/lists"),
        ("train", "--report", "file/report"),
        ("evaluate", "--report", "file/report"),
        ("evaluate", "--plot", "file/x.png"),
        ("evaluate", "--figures", "file/charts"),
        ("compare", "--report", "file/report"),
        ("leakage", "--report", "file/report"),
        ("models", "export", "groove-net", "--out", "file/x.onnx"),
    ],
)
@pytest.mark.usefixtures("home")
def test_outputs_are_tried_before_the_work(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    write_song(tmp_path / "music" / "a.wav", 3, sr=8000)
    answer = groove_json(*command, code=1)
    assert "file" in answer["error"]["what"] and answer["error"]["what"].startswith("cannot write")
    assert (tmp_path / "file").read_bytes() == b""


def test_check_writable_leaves_nothing(tmp_path: Path) -> None:
    from groovecli.files import check_writable

    check_writable(tmp_path / "new" / "deep" / "x.csv")
    check_writable(tmp_path / "new", is_folder=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StorageError):
        check_writable(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        check_writable(tmp_path / "file", is_folder=True)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without names are Linux's")
def test_a_killed_check_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from groovecli import files

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "unlink", killed)
    files.check_writable(tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


def test_the_next_check_removes_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from groovecli import files

    monkeypatch.delattr(os, "O_TMPFILE", raising=False)  # a system without files that have no name

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    for check in (
        lambda: files.check_writable(tmp_path / "x"),
        lambda: files.write_bytes(tmp_path / "x", b""),
    ):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(os, "unlink", killed)
            files.check_writable(tmp_path / "x")
        assert len(list(tmp_path.iterdir())) == 1
        check()
        assert {path.name for path in tmp_path.iterdir()} <= {"x"}


@pytest.mark.parametrize("is_socket", [False, True])
def test_no_pipe_is_replaced(is_socket: bool, tmp_path: Path) -> None:
    from groovecli import files

    place = tmp_path / "x.csv"
    if is_socket:
        import socket

        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(place))
    else:
        os.mkfifo(place)
    for attempt in (lambda: files.check_writable(place), lambda: files.write_bytes(place, b"x")):
        with pytest.raises(StorageError, match="a socket is there" if is_socket else "a pipe is there"):
            attempt()
    assert not place.is_file()
