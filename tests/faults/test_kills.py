"""Killed at any moment, in any command, the same command again ends as an undisturbed one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.faults.world import Ran, Warm, add_song, content, restore

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork"),
]

INGEST = (
    "ingest",
    "music",
    "--yes",
    "--clip-seconds",
    "3",
    "--clips-per-song",
    "2",
    "--feature",
    "wave-pooled",
)
TRAIN = ("train", "--network", "two-layer", "--epochs", "2", "--validation-share", "0")
MODEL = ("--model", "two-layer-1")
LISTEN = ("--places", "1", *MODEL)
ADD = (
    "add-genre",
    "new",
    "more",
    "--train",
    "--force",
    "--epochs",
    "1",
    "--feature",
    "wave-pooled",
    *MODEL,
)
EMBED = ("embed", "music", "--out", "out.npz", *LISTEN)
EXPORT = ("analyses", "export", "all.zip")
CLUSTER = ("cluster", "music", "--min-songs", "2", *LISTEN)
AWAY = ("rm", "home")  # no command of groove's
# What is done before, what is killed, how often.
COMMANDS = {
    "ingest": ((), INGEST, 10),
    "train": ((INGEST,), TRAIN, 10),
    "named": ((INGEST,), (*TRAIN, "--name", "mine"), 6),
    "embed": ((INGEST, TRAIN), EMBED, 6),
    "classify": ((INGEST, TRAIN), ("classify", "music", "--json", *LISTEN), 5),
    "cluster": ((INGEST, TRAIN), CLUSTER, 7),
    "add-genre": ((INGEST, TRAIN), ADD, 6),
    "evaluate": ((INGEST, TRAIN), ("evaluate", "two-layer-1"), 4),
    "verify": ((INGEST, TRAIN), ("verify", "--sample", "4"), 4),
    "export": ((INGEST, TRAIN), EXPORT, 4),
    "remove-genre": ((INGEST,), ("remove-genre", "low", "--yes"), 4),
    "describe": ((INGEST,), ("describe", "music", "--out", "said.csv"), 4),
    "duplicates": ((INGEST, TRAIN), ("duplicates", "music", "--out", "twice.m3u8", *LISTEN), 4),
    "map": ((INGEST, TRAIN), ("map", "music", *LISTEN), 4),
    "compare": ((INGEST,), ("compare", "--network", "two-layer", "--epochs", "1"), 4),
    "import": ((INGEST, TRAIN, EMBED, EXPORT, AWAY, INGEST), ("analyses", "import", "all.zip"), 4),
    "clean": ((INGEST, TRAIN), ("clean", "--features", "--yes"), 4),
    "undo": ((INGEST, TRAIN, CLUSTER), ("cluster", "music", "--undo"), 4),
}
NUMBERED = ("train", "named", "add-genre", "remove-genre", "undo")  # what is done can't be done again
WITHOUT_JOBS = ("remove-genre", "analyses", "clean")


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    folder = tmp_path_factory.mktemp("kills") / "world"
    for number in range(4):
        for place, genre in enumerate(("high", "low")):
            add_song(folder / "music" / genre / f"{number}.wav", 10 * place + number)
        add_song(folder / "more" / f"{number}.wav", 100 + number)
    made = Warm(folder)
    yield made
    made.close()


def run(warm: Warm, command: tuple[str, ...], kill_after_s: float | None = None, **more: Any) -> Ran:
    jobs = () if command[0] in WITHOUT_JOBS else ("--jobs", "1")
    return warm.run(*command, *jobs, kill_after_s=kill_after_s, **more)


@pytest.fixture
def before(warm: Warm, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A copy of the world as it is before a command of `COMMANDS`, and the world like that."""
    name, world = request.getfixturevalue("name"), warm.folder
    kept = world.parent / "before"
    for left in set(world.iterdir()) - {world / "music", world / "more"}:  # by the test before
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    for command in COMMANDS[name][0]:
        if command == AWAY:
            shutil.rmtree(world / command[1])
        else:
            assert run(warm, command).code == 0, command
    shutil.copytree(world, kept)
    run(warm, COMMANDS[name][1])  # once for what it imports
    restore(kept, world)
    yield kept
    restore(kept, world)
    shutil.rmtree(kept)


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_anywhere_it_ends_as_if_it_had_not_been(warm: Warm, before: Path, name: str) -> None:
    _, command, n_kills = COMMANDS[name]
    whole = run(warm, command)
    assert whole.code == 0, whole.text
    expected, seconds = content(warm.folder), whole.seconds
    rng = np.random.default_rng(len(name))
    n_midway = 0
    for share in (np.arange(n_kills) + rng.uniform(0, 1, n_kills)) / n_kills:
        restore(before, warm.folder)
        ended = run(warm, command, share * seconds)
        seconds = min(seconds, ended.seconds) if ended.code == 0 else seconds
        n_midway += ended.code == -9
        if name in NUMBERED and content(warm.folder) == expected:
            continue  # it was over, and the next one would make the next model, or none
        again = run(warm, command)
        assert again.code == 0, again.text
        assert content(warm.folder) == expected, f"killed after {share:.2f} of {seconds:.2f} s"
    assert n_midway >= n_kills // 3


@pytest.mark.parametrize("name", ["ingest", "train", "embed", "cluster"])
def test_a_full_disk_loses_nothing(warm: Warm, before: Path, name: str) -> None:
    """No file may grow beyond some size, which is how a disk without room looks to a program."""
    command = COMMANDS[name][1]
    whole = run(warm, command)
    assert whole.code == 0, whole.text
    expected = content(warm.folder)
    n_failed = 0
    for n_bytes in (0, 3_000, 40_000, 150_000):
        restore(before, warm.folder)
        full = run(warm, command, limits={"RLIMIT_FSIZE": n_bytes})
        assert full.code in (0, 1) and "fault in groove" not in full.text, full.text
        n_failed += full.code
        if name in NUMBERED and content(warm.folder) == expected:
            continue
        again = run(warm, command)
        assert again.code == 0, again.text
        assert content(warm.folder) == expected, f"{n_bytes} bytes: {full.text}"
    assert n_failed


@contextmanager
def small_disk(folder: Path, n_bytes: int) -> Iterator[None]:
    """Let a folder be a disk of its own, with room for so many bytes more than it has now."""
    kept = folder.parent.parent / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    shutil.move(folder, kept)
    folder.mkdir()
    sizes = [path.stat().st_size for path in kept.rglob("*") if path.is_file()]
    used = sum(-(-size // 4096) * 4096 for size in sizes)  # whole pages
    mount = ["mount", "-t", "tmpfs", "-o", f"size={used + n_bytes}", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(kept)


def give_room(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)


@pytest.mark.parametrize("name", ["ingest", "train", "embed", "cluster", "add-genre"])
def test_a_small_disk_loses_nothing(warm: Warm, before: Path, name: str) -> None:
    """As above, with a real disk that is full until it is given room."""
    command, home = COMMANDS[name][1], warm.folder / "home"
    whole = run(warm, command)
    assert whole.code == 0, whole.text
    expected = content(warm.folder)
    n_failed = 0
    for n_bytes in (8_192, 49_152, 204_800):
        restore(before, warm.folder)
        with small_disk(home, n_bytes):
            full = run(warm, command)
            assert full.code in (0, 1) and "fault in groove" not in full.text, full.text
            n_failed += full.code
            give_room(home)
            if not (name in NUMBERED and content(warm.folder) == expected):
                again = run(warm, command)
                assert again.code == 0, again.text
                assert content(warm.folder) == expected, f"{n_bytes} bytes: {full.text}"
    assert n_failed
