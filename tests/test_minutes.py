"""Trainings under a limit of time: they end with a step, and go on as if they had not been stopped."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from groovecli.monitor import Monitor
from groovecli.training import loop, watch
from groovecli.training.loop import Trainer
from tests.test_training import HYPER, figures, same, trainer, weights

N_STEPS = 5  # an epoch of 18 windows in batches of 4


class Ticking(Monitor):
    """A clock of its own, by which each step takes a second."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.seen: list[tuple[str, int, int]] = []

    def progress(self, stage: str, done: int, total: int) -> None:
        self.now += 1
        self.seen.append((stage, done, total))


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    monitor = Ticking()
    clock = SimpleNamespace(monotonic=lambda: monitor.now)
    for module in (loop, watch):
        monkeypatch.setattr(module, "time", clock)
    return monitor


def ended(ticking: Ticking, limit_s: float, **changes: Any) -> Trainer:
    run = trainer(**changes)
    list(run.epochs(ticking, limit_s))
    return run


def shares(run: Trainer) -> list[float]:
    return [epoch.share for epoch in run.history]


def test_it_ends_with_the_step_in_which_the_time_is_over(ticking: Ticking) -> None:
    """In the third step of the third epoch, of which nothing is kept."""
    run = ended(ticking, 12.5)
    assert len(ticking.seen) == 13
    whole = ended(ticking, 99.0, hyper=replace(HYPER, epochs=2))
    assert shares(run) == [1, 1] and run.is_out_of_time
    assert figures(run) == figures(whole)
    assert same(weights(run.finish()), weights(whole.finish()))


def test_a_first_epoch_that_is_cut_short_is_all_there_is(ticking: Ticking) -> None:
    run = trainer()
    before = weights(run.model)
    (epoch,) = run.epochs(ticking, 2.5)
    assert (epoch.share, epoch.seconds, epoch.validation_loss is None) == (3 / N_STEPS, 3.0, False)
    assert run.best_epoch == epoch and run.is_out_of_time
    assert not same(weights(run.finish()), before)


@pytest.mark.parametrize("limit_s", [0.0, 2.5, 5.0, 12.5, 24.5])
def test_it_goes_on_as_if_it_had_not_been_stopped(ticking: Ticking, limit_s: float) -> None:
    whole, first, second = ended(ticking, 99.0), ended(ticking, limit_s), trainer()
    second.restore(first.state())
    list(second.epochs(ticking, 99.0))
    assert figures(second) == figures(whole)
    assert same(weights(second.finish()), weights(whole.finish()))


def test_time_that_is_enough_ends_nothing(ticking: Ticking) -> None:
    """Also where it is over with the last step of all."""
    for limit_s in (25.0, 25.5, 99.0):
        run = ended(ticking, limit_s)
        assert shares(run) == [1] * 5 and not run.is_out_of_time


def test_with_the_last_step_of_an_epoch_the_epoch_counts(ticking: Ticking) -> None:
    run = ended(ticking, 10.0)
    assert shares(run) == [1, 1] and run.is_out_of_time and len(ticking.seen) == 10


def test_validation_takes_time_too(ticking: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    def validate(self: Trainer) -> tuple[float, float]:
        ticking.now += 10
        return 0.5, 0.5

    monkeypatch.setattr(Trainer, "_validate", validate)
    run = ended(ticking, 14.0)
    assert [epoch.seconds for epoch in run.history] == [15.0] and run.is_out_of_time
    assert len(ticking.seen) == N_STEPS  # no other epoch is begun
    assert run.history[0].windows_per_s == pytest.approx(18 / 5)


def test_the_time_before_a_stop_counts(ticking: Ticking) -> None:
    first, second = ended(ticking, 12.5), trainer()
    second.restore(first.state())
    n_before = len(ticking.seen)
    list(second.epochs(ticking, 18.5))
    assert len(ticking.seen) - n_before == 9  # 10 s were spent on the epochs that count
    assert shares(second) == [1, 1, 1] and second.is_out_of_time


def test_progress_is_towards_the_step_in_which_the_time_will_be_over(ticking: Ticking) -> None:
    ended(ticking, 12.5)
    assert ticking.seen == [("epoch 1", n, N_STEPS) for n in range(1, 6)] + [
        (f"epoch {1 + (n - 1) // N_STEPS}", n, 13) for n in range(6, 14)
    ]


def test_after_some_steps_the_first_epoch_tells_how_far_it_will_come(ticking: Ticking) -> None:
    ended(ticking, 60.0, n=23, hyper=replace(HYPER, batch_size=1))
    totals = [total for _, _, total in ticking.seen]
    assert totals[:19] == [23] * 19 and len(totals) == 60
    assert all(total in (60, 61, 64) for total in totals[19:])  # steps of one second, seen a second late


def test_under_a_limit_as_many_epochs_are_expected_as_fit_in() -> None:
    run = trainer()
    assert run.n_expected() == 5 and run.n_expected(60.0) == 1
    next(run.epochs())
    for seconds, limit_s, n in ((2.0, 1.0, 1), (2.0, 2.0, 1), (2.0, 7.0, 3.5), (2.0, 99.0, 5)):
        run.history[0] = replace(run.history[0], seconds=seconds)
        assert run.n_expected(limit_s) == n
