"""When further workers are started: where cores are free, or where enough work is left."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.workers import crew, hiring
from groovecli.workers.hiring import GLANCE_S, Hiring
from groovecli.workers.pool import imap

Machine = Callable[[float], None]
START_S = 0.5


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Four cores and a clock: a call lets a second go by in which so many of them were idle."""
    now = SimpleNamespace(s=0.0, user=0.0, idle=0.0)
    monkeypatch.setattr(psutil, "cpu_times", lambda: CpuTimes(now.user, now.idle))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
    monkeypatch.setattr(hiring.time, "monotonic", lambda: now.s)

    def pass_a_second(n_idle: float) -> None:
        now.s += 1
        now.idle += n_idle
        now.user += 4 - n_idle

    return pass_a_second


class CpuTimes(tuple[float, float]):
    def __new__(cls, user: float, idle: float) -> CpuTimes:
        return super().__new__(cls, (user, idle))

    @property
    def idle(self) -> float:
        return self[1]


def n_started(of: Hiring, n_workers: int) -> int:
    """How many are started one after the other, without a pause."""
    n = 0
    while n < 9 and of.may(n_given=n_workers + n, n_workers=n_workers + n, longest_s=0.0):
        of.hired()
        n += 1
    return n


def test_the_first_one_starts_at_once(machine: Machine) -> None:
    assert Hiring(1).may(n_given=0, n_workers=0, longest_s=0.0)


@pytest.mark.parametrize(("n_idle", "expected"), [(0.0, 0), (0.4, 0), (0.6, 1), (1.0, 1), (3.0, 3)])
def test_as_many_start_as_cores_are_free(machine: Machine, n_idle: float, expected: int) -> None:
    of = Hiring(100)
    assert n_started(of, 1) == 0  # nobody has looked yet
    machine(n_idle)
    assert n_started(of, 1) == expected


def test_a_system_that_says_nothing_is_taken_for_a_free_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "cpu_times", lambda: CpuTimes(0.0, 0.0))
    of = Hiring(100)
    machine(0.0)
    assert n_started(of, 1) == 4


@given(n_left=st.integers(0, 1000), item_s=st.floats(0.01, 10))
def test_on_a_busy_machine_the_work_must_be_worth_it(n_left: int, item_s: float) -> None:
    of = Hiring(n_left + 2)
    of._at = float("inf")  # nobody looks
    assert not of.may(2, 1, longest_s=0.0)
    of.started(START_S)
    of.done(item_s)
    assert of.may(2, 1, longest_s=0.0) == (n_left * item_s > 10 * START_S)


def test_a_long_item_counts_before_it_is_done(machine: Machine) -> None:
    of = Hiring(4)
    of.started(START_S)
    machine(0.0)
    assert not of.may(1, 1, longest_s=1.0)
    assert of.may(1, 1, longest_s=2.0)


def test_it_does_not_look_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    look = psutil.cpu_times
    monkeypatch.setattr(psutil, "cpu_times", lambda: (looks.append(None), look())[1])
    now = SimpleNamespace(s=0.0)
    monkeypatch.setattr(hiring.time, "monotonic", lambda: now.s)
    of = Hiring(100)
    for _ in range(100):
        now.s += GLANCE_S / 20
        of.may(1, 1, 0.0)
    assert 2 <= len(looks) <= 7


def slept(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@pytest.mark.parametrize(
    ("idle", "seconds", "n_workers"),
    [
        pytest.param(0.0, 0.01, 1, id="busy, little to do"),
        pytest.param(1.0, 0.1, 2, id="free"),
    ],
)
def test_work_is_done_by_as_many_as_are_of_use(
    idle: float, seconds: float, n_workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew.send_home()
    clock = itertools.count()
    monkeypatch.setattr(psutil, "cpu_times", lambda: CpuTimes((1 - idle) * (at := next(clock)), idle * at))
    pids = set(imap(slept, [seconds] * 20, n_items=20, jobs=2, stage="s"))
    assert len(pids) == n_workers
