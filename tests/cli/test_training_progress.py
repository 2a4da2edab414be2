"""The progress of a training on a terminal: all its epochs are one stage, with the time that is left."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from groovecli.actions.train import summary
from groovecli.cli.progress import TerminalMonitor
from groovecli.messages.words import duration
from groovecli.training.loop import Epoch


def test_the_bar_of_a_training_goes_on_from_epoch_to_epoch() -> None:
    bar = Progress(console=Console(file=io.StringIO(), force_terminal=True))
    monitor = TerminalMonitor(bar)
    for step in range(1, 11):
        monitor.progress(f"epoch {1 + (step - 1) // 5}", step, 10)
    (task,) = bar.tasks  # a new one each epoch would begin anew with its rate and its time left
    assert (task.description, task.completed, task.total) == ("training", 10, 10)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.44, "0.4 s"),
        (59.4, "59.4 s"),
        (75.2, "1 min 15 s"),
        (3599.6, "1 h 0 min"),
        (37_325, "10 h 22 min"),
    ],
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_last_epoch_has_no_time_left() -> None:
    epoch = Epoch(12, 0.5, 0.8, 0.6, 0.7, seconds=3.0, windows_per_s=90.4)
    assert summary(epoch, 12).endswith("70.0 % right")
    assert summary(epoch, 12, is_best=True).endswith("70.0 % right (best)")
