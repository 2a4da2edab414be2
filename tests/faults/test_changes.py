"""Killed at any moment while it changes 200 songs of all formats: it goes on, or all is taken back."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from groovecli.audio.tag_writing import tagged_values
from groovecli.errors import LibraryError
from groovecli.library.changes import steps
from groovecli.library.changes.journal import records, unfinished
from groovecli.library.changes.run import changing, take_back
from tests.tagged import many, state

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]
N_SONGS, N_KILLS = 200, 10
VALUES = {"genre": ("Drum & Bäss", "Jazz"), "tempo": ("174",)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    many(folder, N_SONGS)
    return folder / "music"


@pytest.fixture
def music(made: Path, tmp_path: Path) -> Path:
    copy = Path(shutil.copytree(made, tmp_path / "music"))
    (tmp_path / "names").mkdir()
    for path in sorted(copy.rglob("*.*"))[::5]:  # files under two names: their own bytes are written
        os.link(path, tmp_path / "names" / path.name)
    return copy


def tag(changes: Path, music: Path) -> None:
    with changing(changes, command="tag", library=music, key="tag") as run:
        for path in sorted(music.rglob("[!.]*.*")):
            if tagged_values(path, tuple(VALUES)) != VALUES:
                assert steps.tag(run.journal, path, VALUES) is None, path


def move(changes: Path, music: Path) -> None:
    with changing(changes, command="apply", library=music, key="move") as run:
        for path in sorted(music.rglob("[!.]*.*")):
            other = ("jazz/sub", "rock")[int(path.name.partition(" ")[0]) % 2]
            if path.parent != music / other:
                assert steps.move(run.journal, path, music / other / path.name) is None, path


def killed(act: Callable[[], object], after_s: float) -> None:
    """Run something in a process that dies after some time, by its own clock: the machine may be busy."""
    child = os.fork()
    if child == 0:
        os.fsync = lambda _: None  # type: ignore[assignment]  # the power stays on
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, max(after_s, 1e-6))
        try:
            act()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def undone(changes: Path, music: Path) -> None:
    """Take back what was done, if anything was."""
    with suppress(LibraryError):
        done = take_back(changes, music)
        assert not done.left and not done.failed


@pytest.mark.parametrize("act", [tag, move])
def test_killed_at_ten_moments(
    act: Callable[[Path, Path], None], music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    changes, before = tmp_path / "changes", state(music)
    act(changes, music)
    after = state(music)
    assert {Path(name).name for name in after} == {Path(name).name for name in before}
    assert after != before
    take_back(changes, music)
    assert state(music) == before
    start = time.monotonic()
    act(changes, music)  # again: the first time reads and imports more
    whole_s = time.monotonic() - start
    take_back(changes, music)
    moments = random.Random(5)
    n_cut = 0
    for number in range(N_KILLS):
        killed(lambda: act(changes, music), moments.uniform(0, whole_s))
        n_cut += len(unfinished(changes))
        if number % 2:  # it goes on
            act(changes, music)
            assert {name: each[0] for name, each in state(music).items()} == {
                name: each[0] for name, each in after.items()
            }
            killed(lambda: take_back(changes, music), moments.uniform(0, whole_s / 2))
        undone(changes, music)
        assert state(music) == before, number
        assert not any(record.steps for record in records(changes))
    assert n_cut


def killed_at_sync(act: Callable[[], object], number: int) -> bool:
    """Run something in a process that dies as it waits for the disk that many times; whether it died."""
    child = os.fork()
    if child == 0:
        n_left = [number]

        def sync(_: int) -> None:
            n_left[0] -= 1
            if not n_left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        os.fsync = sync  # type: ignore[assignment]
        try:
            act()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("act", [tag, move])
@pytest.mark.parametrize("is_undo", [False, True])
def test_killed_wherever_it_waits_for_the_disk(
    act: Callable[[Path, Path], None],
    is_undo: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    many(tmp_path, 3)
    music, changes = tmp_path / "music", tmp_path / "changes"
    os.link(sorted(music.rglob("*.*"))[0], tmp_path / "other name")
    before = state(music)
    number = 0
    is_killed = True
    while is_killed:
        number += 1
        if is_undo:
            act(changes, music)
        what = (lambda: take_back(changes, music)) if is_undo else (lambda: act(changes, music))
        is_killed = killed_at_sync(what, number)
        undone(changes, music)
        assert state(music) == before, number
    assert number > 6
