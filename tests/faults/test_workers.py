"""Files that crash, block or stop a worker: each costs one row, and the others get their results."""

from __future__ import annotations

import importlib
import os
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from groovecli.errors import GrooveError
from groovecli.monitor import Monitor
from groovecli.reasons import Problem, Reason
from groovecli.workers.limits import Limits, limited
from groovecli.workers.pool import imap

pytestmark = pytest.mark.faults


def act(number: int) -> int:
    """Square a number, but for some that do what a bad decoder does."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 5:
        while True:
            sum(range(10_000))
    if number == 7:
        time.sleep(3600)
    return number * number


def lost(number: int, problem: Problem) -> str:
    return f"{number} {problem.reason}"


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_fault_costs_its_own_item(jobs: int, capfd: pytest.CaptureFixture[str]) -> None:
    with limited(Limits(file_timeout_s=0.3)):
        results = list(imap(act, range(10), n_items=10, jobs=jobs, stage="s", lost=lost))
    assert results == [0, 1, 4, "3 died", 16, "5 slow", 36, "7 stuck", 64, 81]
    assert capfd.readouterr().err == ""


def fill(n_mb: int) -> int:
    """Take some memory, and keep it for a while."""
    taken = np.ones(n_mb * 1_000_000, np.uint8)
    time.sleep(1.5)
    return len(taken) // 1_000_000


def test_a_file_that_takes_too_much_memory_is_ended() -> None:
    results = list(imap(fill, [1, 600, 2], n_items=3, jobs=1, stage="s", lost=lost))
    assert results == [1, "600 large", 2]


def test_without_a_result_for_the_lost_the_run_ends() -> None:
    with pytest.raises(GrooveError, match="a worker process failed: crashed its decoder: SIGSEGV"):
        list(imap(act, range(5), n_items=5, jobs=2, stage="s"))


def kill_parent_once(path: Path) -> str:
    """Die the first time alone, as where memory lacked for a moment."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return "done"
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def test_who_died_by_chance_is_tried_again(tmp_path: Path) -> None:
    paths = [tmp_path / str(n) for n in range(3)]
    assert list(imap(kill_parent_once, paths, n_items=3, jobs=2, stage="s")) == ["done"] * 3


def test_a_worker_that_died_at_rest_is_replaced() -> None:
    assert list(imap(fill, [1], n_items=1, jobs=1, stage="s")) == [1]
    for worker in psutil.Process().children():
        if "LokyProcess" in " ".join(worker.cmdline()):
            worker.kill()
            worker.wait(5)
    time.sleep(0.2)
    assert list(imap(fill, [2, 3], n_items=2, jobs=2, stage="s")) == [2, 3]


DIES_ON_IMPORT = """
import os, signal
from pathlib import Path

here = Path(__file__).parent
if os.getpid() != {parent} and len(list(here.glob("try-*"))) < {n_times}:
    (here / f"try-{{os.getpid()}}").touch()
    os.kill(os.getpid(), signal.SIGKILL)

def square(number):
    return number * number
"""


@pytest.mark.parametrize("n_times", [2, 99])
def test_a_worker_that_dies_while_it_starts_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_times: int
) -> None:
    name = f"dies_{n_times}"
    (tmp_path / f"{name}.py").write_text(DIES_ON_IMPORT.format(parent=os.getpid(), n_times=n_times))
    monkeypatch.syspath_prepend(tmp_path)
    square = importlib.import_module(name).square
    results = imap(square, range(3), n_items=3, jobs=1, stage="s")
    if n_times < 5:
        assert list(results) == [0, 1, 4]
    else:
        with pytest.raises(GrooveError, match=r"each one ended before it began \("):
            list(results)


class Waiting(Monitor):
    """Hears what is waited for, and lets a stopped worker go on then."""

    def __init__(self, pid_file: Path) -> None:
        self.pid_file, self.heard = pid_file, ""

    def waiting(self, what: str, seconds: float) -> None:
        self.heard = f"{what}, {seconds:.0f} s"
        os.kill(int(self.pid_file.read_text()), signal.SIGCONT)


def stop(path: Path) -> str:
    path.write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
    return "went on"


def test_a_stopped_worker_is_no_bad_file_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groovecli.workers.foreman._WAITING_S", 1.0)
    monitor = Waiting(tmp_path / "pid")
    with limited(Limits(file_timeout_s=0.3)):
        results = list(
            imap(stop, [tmp_path / "pid"], n_items=1, jobs=1, stage="s", lost=lost, monitor=monitor)
        )
    assert results == ["went on"]
    assert monitor.heard.startswith(f"{tmp_path / 'pid'}, 1")


def test_reasons_read_well() -> None:
    assert Problem(Reason.DIED, "SIGSEGV").text == "crashed its decoder: SIGSEGV"
