"""Ctrl-C, SIGTERM, SIGHUP and SIGKILL in a long call of a decoder: nothing stays, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from groovecli.library.catalog import Catalog
from tests.conftest import write_song
from tests.encode import chirp, write

pytestmark = pytest.mark.faults


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """Two genres of a song, and then one that a decoder searches for minutes."""
    folder = tmp_path / "songs"
    write_song(folder / "low" / "a.wav", 4, sr=8000)
    write_song(folder / "high" / "b.wav", 4, sr=8000)
    sound = write(tmp_path / "sound.mp3", chirp(2, 24000), 24000).read_bytes()
    with (folder / "low" / "z.mp3").open("wb") as file:
        file.truncate(1 << 36)
        file.seek(0, os.SEEK_END)
        file.write(sound)
    return folder


@contextmanager
def decoding(songs: Path, home: Path, timeout_s: int) -> Iterator[psutil.Popen]:
    """groove while a worker has the long file in hand."""
    command = [sys.executable, "-m", "groovecli", "ingest", songs, "--yes", "--jobs", "1"]
    with psutil.Popen(
        [*command, "--file-timeout", str(timeout_s)],
        env={**os.environ, "GROOVE_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        while not any(_has_in_hand(child, "z.mp3") for child in process.children(recursive=True)):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _has_in_hand(process: psutil.Process, name: str) -> bool:
    try:
        return any(file.path.endswith(name) for file in process.open_files())
    except psutil.Error:
        return False


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=10)[1]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_the_second_signal_ends_it_at_once(
    songs: Path, home: Path, number: signal.Signals, code: int
) -> None:
    with decoding(songs, home, 3600) as process:
        children = process.children(recursive=True)
        for _ in range(2):
            os.killpg(process.pid, number)
            time.sleep(0.3)
        assert process.wait(timeout=20) == code
        said = process.stderr.read()
    again = "Ctrl-C again" if number == signal.SIGINT else f"a second {number.name}"
    assert said.splitlines() == [f"finishing what is in hand; {again} quits at once", "stopped at once"]
    assert gone(children)


def test_the_first_finishes_what_is_in_hand_and_saves(songs: Path, home: Path) -> None:
    with decoding(songs, home, 1) as process:
        children = process.children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
    assert gone(children)
    with Catalog(home / "catalog.db") as catalog:
        assert {path.name for path in catalog.known_files()} == {"a.wav", "b.wav", "z.mp3"}


def test_workers_end_with_groove(songs: Path, home: Path) -> None:
    with decoding(songs, home, 3600) as process:
        children = process.children(recursive=True)
        process.kill()
        assert process.stderr.read() == ""
    assert gone(children)
