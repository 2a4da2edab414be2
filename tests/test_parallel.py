"""Many files at once: in order, by workers or here, until the user has enough."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from groovecli.monitor import Monitor
from groovecli.workers.pool import imap, in_threads, n_workers


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


class Counting(Monitor):
    def __init__(self, stop_after: int) -> None:
        self.stop_after, self.calls = stop_after, []

    def progress(self, stage: str, done: int, total: int) -> None:
        self.calls.append((stage, done, total))

    @property
    def stopped(self) -> bool:
        return self.calls[-1][1] >= self.stop_after if self.calls else False


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_with_progress(jobs: int) -> None:
    monitor = Counting(99)
    results = list(imap(square, range(20), n_items=20, jobs=jobs, stage="s", monitor=monitor))
    assert [value for value, _ in results] == [n * n for n in range(20)]
    assert monitor.calls == [("s", done, 20) for done in range(21)]
    assert os.getpid() not in {process for _, process in results}
    assert len({process for _, process in results}) <= jobs


def test_nothing_needs_no_worker() -> None:
    assert list(imap(square, [], n_items=0, jobs=2, stage="s")) == []


def where(_: int) -> str:
    return os.getcwd()


def test_workers_follow_to_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert list(imap(where, [1], n_items=1, jobs=1, stage="s")) == [str(tmp_path / name)]


def test_workers_go_on_where_the_folder_they_began_in_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert list(imap(where, [1], n_items=1, jobs=1, stage="s")) == [str(tmp_path / "a")]
    monkeypatch.chdir(tmp_path / "b")
    (tmp_path / "a").rmdir()
    assert list(imap(where, [1], n_items=1, jobs=1, stage="s")) == [str(tmp_path / "b")]


def raise_at_3(number: int) -> int:
    return number // (number - 3)


def test_an_error_of_a_function_is_raised_in_its_place() -> None:
    results = imap(raise_at_3, range(9), n_items=9, jobs=2, stage="s")
    assert [next(results) for _ in range(3)] == [0, -1, -2]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_results_that_wait_are_few(tmp_path: Path) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    results = imap(square, items(), n_items=1000, jobs=1, stage="s")
    next(results)
    time.sleep(0.5)
    assert taken < 100
    results.close()


def test_nothing_new_is_begun_after_a_stop() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    results = list(imap(square, items(), n_items=20, jobs=1, stage="s", monitor=Counting(0)))
    assert (results, taken) == ([], [0])


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_the_caller_ends_it_without_noise(jobs: int, capfd: pytest.CaptureFixture[str]) -> None:
    results = imap(square, range(50), n_items=50, jobs=jobs, stage="s")
    next(results)
    results.close()
    assert capfd.readouterr() == ("", "")


def test_zero_jobs_are_one_for_each_core() -> None:
    assert n_workers(0) >= 1
    assert n_workers(3) == 3


PROGRAM = """
import time
from groovecli.monitor import Monitor
from groovecli.workers.pool import imap
import signal
class Stop(Monitor):
    stopped = False
monitor = Stop()
def stop(*_):
    Stop.stopped = True
signal.signal(signal.SIGINT, stop)
def slow(number):
    import time
    time.sleep(0.05)
    return number
if __name__ == "__main__":
    print("ready", flush=True)
    results = list(imap(slow, range(400), n_items=400, jobs=2, stage="s", monitor=monitor))
    assert results == list(range(len(results)))
    print("all" if len(results) == 400 else "some", flush=True)
"""


@pytest.mark.parametrize("wait_s", [0.1, 0.4, 1.2])
def test_ctrl_c_reaches_the_parent_alone(wait_s: float) -> None:
    """The terminal sends it to the whole group; workers that are just starting must outlive it."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait_s)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert err == b""
    assert (process.returncode, out) in ((0, b"some\n"), (0, b"all\n"))


def test_threads_keep_the_order() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * number

    for n_threads in (1, 3):
        assert list(in_threads(slow_first, range(20), n_threads=n_threads)) == [n * n for n in range(20)]


def test_threads_work_side_by_side() -> None:
    both = threading.Barrier(2, timeout=20)
    assert len(list(in_threads(lambda _: both.wait(), range(2), n_threads=2))) == 2


def test_a_thread_that_fails_fails_all() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_threads(lambda number: 1 // number, [1, 0, 1], n_threads=2))
