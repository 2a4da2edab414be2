"""What commands say of progress, of playlists that they removed, and of settings that make no sense."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from groovecli.cli import progress
from groovecli.cli.progress import TerminalMonitor
from tests.cli.conftest import Workshop, groove, groove_json


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("groovecli.cli.progress.time.monotonic", lambda: now[0])
    return now


def test_progress_on_a_pipe_has_a_rate_and_the_time_left(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    monitor = TerminalMonitor(None, ("scan", "cut"))
    monitor.progress("scan", 600, 971)
    for now, done in ((8.0, 640), (20.0, 700), (25.0, 725), (40.0, 800), (80.0, 971)):
        clock[0] = now
        monitor.failures(max(0, done - 699) if done < 971 else 102)
        monitor.progress("scan", done, 971)
    monitor.progress("cut", 0, 100)
    clock[0] = 180.0
    monitor.progress("cut", 5, 100)
    assert capsys.readouterr().err.splitlines() == [
        "reading files, 1 of 2: 700 of 971, 1 failed (5.0/s, 54 s left)",
        "reading files, 1 of 2: 800 of 971, 101 failed (5.0/s, 34 s left)",
        "reading files, 1 of 2: 971 of 971, 102 failed (4.6/s, 0 s left)",
        "cutting clips, 2 of 2: 5 of 100 (3.0/min, 32 min left)",
    ]


def test_the_file_that_all_wait_for_is_named(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    monitor = TerminalMonitor(None, ("scan", "cut"))
    monitor.progress("scan", 6, 971)
    for now in (8.0, 12.0, 16.0, 24.0):
        clock[0] = now
        monitor.waiting("/music/a\nb.mp3", now - 2)
    assert capsys.readouterr().err.splitlines() == [
        r"reading files, 1 of 2: waiting for /music/a\nb.mp3, 10 s",
        r"reading files, 1 of 2: waiting for /music/a\nb.mp3, 22 s",
    ]


def test_nothing_is_said_of_a_pace_before_anything_is_done(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    monitor = TerminalMonitor(None)
    clock[0] = 40.0
    monitor.progress("embed", 3, 9)
    assert capsys.readouterr().err == "listening: 3 of 9\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_progress_ends_at_the_last_of_all_and_counts_what_was_known(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    calls: dict[str, list[tuple[int, int]]] = {}

    class Recording(TerminalMonitor):
        def progress(self, stage: str, done: int, total: int) -> None:
            calls.setdefault(stage, []).append((done, total))

    monkeypatch.setattr(progress, "TerminalMonitor", Recording)
    songs = sorted(workshop.library.glob("*/*.opus"))
    some, others = tmp_path / "some", tmp_path / "others"
    for folder, chosen in ((some, songs[:2]), (others, songs[2:8])):
        folder.mkdir()
        for song in chosen:
            shutil.copy(song, folder)
    out = ("--out", tmp_path / "x.npz", "--jobs", jobs)
    assert groove("embed", some, *out).exit_code == 0
    assert {stage: known[-1] for stage, known in calls.items()} == {"scan": (2, 2), "embed": (2, 2)}
    calls.clear()
    assert groove("embed", some, others, *out).exit_code == 0
    assert {stage: (known[0], known[-1]) for stage, known in calls.items()} == {
        "scan": ((2, 8), (8, 8)),
        "embed": ((2, 8), (8, 8)),
    }
    calls.clear()
    next(workshop.home.rglob("folk/train/chunk-*.pkl")).unlink()
    assert groove("ingest", workshop.library, "--jobs", jobs).exit_code == 0
    assert 0 < calls["cut"][0][0] < len(songs)
    assert calls["cut"][-1] == (len(songs), len(songs))


def test_playlists_of_an_earlier_run_are_named_when_they_go(workshop: Workshop, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    arguments = ("cluster", workshop.library, "--out", lists, "--min-size", "1", "--method", "kmeans")
    first = groove_json(*arguments, "--clusters", "4")
    assert first["removed"] == []
    before = {path.name for path in lists.glob("*.m3u8")}
    second = groove_json(*arguments, "--clusters", "2")
    gone = {str(lists / name) for name in before - {path.name for path in lists.glob("*.m3u8")}}
    renamed = {str(lists / f"{each['was']}.m3u8") for each in second["changes"] if each["was"]}
    assert second["removed"] and set(second["removed"]) | renamed == gone
    assert not set(second["removed"]) & renamed
    third = groove(*arguments, "--clusters", "1")
    assert "removed, of an earlier run: " in third.stderr
    (left,) = lists.glob("*.m3u8")
    assert str(left) not in third.stderr


def test_invalid_settings_are_shown_as_such(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROOVE_JOBS", "abc")
    monkeypatch.setenv("GROOVE_SEED", "-1")
    monkeypatch.setenv("GROOVE_DEVICE", "")
    shown = groove("config")
    assert shown.exit_code == 0
    assert "abc (invalid: give a whole number)" in shown.stdout
    assert "-1 (invalid: give 0 or more)" in shown.stdout
    settings = json.loads(groove("config", "--json").stdout)["settings"]
    assert settings["device"] == {"value": "auto", "origin": "default", "problem": None}
    assert settings["jobs"] == {"value": "abc", "origin": "GROOVE_JOBS", "problem": "give a whole number"}
    assert groove("train").exit_code == 2
