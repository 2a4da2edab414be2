"""The progress of a training on a terminal: all its epochs are one stage, with the time that is left."""

from __future__ import annotations

import io
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

from groovecli.actions.train import summary
from groovecli.cli import bars, render
from groovecli.cli.progress import TerminalMonitor, watched, working
from groovecli.cli.stages import left_in_words
from groovecli.errors import Interrupted
from groovecli.messages.words import duration
from groovecli.training.loop import Epoch
from tests.cli.screens import shown_on


def test_the_bar_of_a_training_goes_on_from_epoch_to_epoch() -> None:
    bar = Progress(console=Console(file=io.StringIO(), force_terminal=True))
    monitor = TerminalMonitor(bar)
    for step in range(1, 11):
        monitor.progress(f"epoch {1 + (step - 1) // 5}", step, 10)
    (task,) = bar.tasks  # a new one each epoch would begin anew with its rate and its time left
    assert (task.description, task.completed, task.total) == ("training", 10, 10)


def test_the_time_left_is_of_all_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("groovecli.cli.progress.time.monotonic", lambda: now[0])
    bar = Progress(console=Console(file=io.StringIO(), force_terminal=True))
    monitor = TerminalMonitor(bar, ("cut", "epoch"))
    for step in range(1, 41):  # the second of ten epochs has ended: each step took 3 s, validation too
        now[0] = 3.0 * step
        monitor.progress(f"epoch {1 + (step - 1) // 20}", step, 200)
    (task,) = bar.tasks
    assert task.description == "training, 2 of 2"
    stage = task.fields["stage"]
    assert stage.left == f"{round(160 * 117 / 39 / 60)} min left"
    monitor.progress("epoch 1", 1, 100)  # another network's
    assert bar.tasks[0].fields["stage"].left == ""


@pytest.mark.parametrize(("columns", "has_rate"), [("60", False), ("80", True), ("120", True)])
def test_the_bar_fits_the_screen(columns: str, has_rate: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("groovecli.cli.progress.time.monotonic", lambda: now[0])
    with shown_on(int(columns)):
        bar = bars.bars()
        monitor = TerminalMonitor(bar, ("scan", "cut", "read lyrics"))
        monitor.progress("cut", 0, 10_971)
        now[0] = 9.0
        monitor.progress("cut", 37, 10_971)
    console = Console(file=io.StringIO(), width=int(columns))
    console.print(bar.get_renderable())
    (line,) = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert (
        line.startswith("cutting clips, 2 of 3 ")
        and line.rstrip().endswith("37 of 10,971 4.1/s 44 min left") is has_rate
    )
    assert "44 min left" in line


def test_how_far_a_stage_is() -> None:
    monitor = TerminalMonitor(None)
    assert monitor.standing == ""
    monitor.progress("classify", 37, 971)
    assert monitor.standing == monitor.midway == "37 of 971 songs are done"
    monitor.progress("classify", 971, 971)
    assert (monitor.standing, monitor.midway) == ("971 of 971 songs are done", "")
    monitor.progress("epoch 3", 7, 100)
    assert monitor.standing == ""


def test_what_was_stopped_says_how_far_it_was(home: Path) -> None:
    def stop(stage: str) -> None:
        with working() as context:
            context.monitor.progress(stage, 37, 971)
            raise Interrupted("stopped while training dense", "the same command goes on")

    for stage, said in (("scan", "37 of 971 files are read"), ("epoch 1", "stopped while training dense")):
        with pytest.raises(Interrupted, match=said) as caught:
            stop(stage)
        assert caught.value.hint == "the same command goes on"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3.6, "4 s left"),
        (99.4, "99 s left"),
        (100, "2 min left"),
        (1900, "32 min left"),
        (3725, "1 h 2 min left"),
    ],
)
def test_the_time_left_in_words(seconds: float, text: str) -> None:
    assert left_in_words(seconds) == text


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
    assert summary(epoch, 12, 40).endswith("70 % right")
    assert summary(epoch, 12, 40, is_best=True).endswith("70 % right (best)")


def test_ctrl_c_in_the_middle_of_a_write_is_answered(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A stream's buffer takes no other text then."""

    class Pressed(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            if not monitor.stopped:
                monitor.interrupt(signal.SIGINT, None)
            return len(data)

    with watched() as monitor:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", io.TextIOWrapper(io.BufferedWriter(Pressed())))
            render.note("some words")
        assert monitor.stopped
    assert capfd.readouterr().err == "finishing what is in hand; Ctrl-C again quits at once\n"
