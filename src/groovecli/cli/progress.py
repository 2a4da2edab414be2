"""Progress on stderr: a bar with rate and time left on a terminal, else a line now and then."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.progress import TimeRemainingColumn as TimeLeft
from rich.text import Text

from groovecli.cli import interrupts, render, screen, streams
from groovecli.messages import words
from groovecli.monitor import Monitor

if TYPE_CHECKING:
    from groovecli.actions.context import Context

_LABELS = {
    "scan": "reading files",
    "cut": "cutting clips",
    "embed": "embedding",
    "classify": "classifying",
    "epoch": "training",
}
_LINE_EVERY_S = 30.0


def rate_in_words(steps_per_s: float) -> str:
    """2.5 -> '2.5/s'; 0.05 -> '3.0/min'."""
    return f"{steps_per_s:.1f}/s" if steps_per_s >= 1 else f"{60 * steps_per_s:.1f}/min"


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Steps a second."""
        return Text(rate_in_words(task.speed) if task.speed else "")


class TerminalMonitor(Monitor):
    """Shows progress, and stops after the step in hand at the first Ctrl-C."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._tasks: dict[str, Any] = {}
        self._last_line = time.monotonic()
        self._stage = ("", 0)  # that is shown in lines, with its total
        self._began = (0.0, 0)  # when it did, and with how many done
        self._stopped = False

    def progress(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar; the epochs of a training are one stage."""
        stage = stage.partition(" ")[0]
        if self._bar is None:
            self._line(stage, done, total)
            return
        if stage not in self._tasks:
            for task in self._tasks.values():
                self._bar.remove_task(task)
            task = self._bar.add_task(_LABELS.get(stage, stage), total=total, completed=done)
            self._tasks = {stage: task}
        self._bar.update(self._tasks[stage], completed=done, total=total)

    def epoch(self, summary: str) -> None:
        """Show how an epoch went."""
        self._last_line = time.monotonic()
        render.note(summary)

    def _line(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self._stage != (stage, total):
            self._stage, self._began = (stage, total), (now, done)
        began, n_before = self._began
        if now - self._last_line >= _LINE_EVERY_S:
            self._last_line = now
            text = f"{_LABELS.get(stage, stage)}: {done} of {total}"
            render.note(text + _pace(done - n_before, total - done, now - began))

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._stopped

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Handle Ctrl-C: once to stop, twice to quit."""
        if self._stopped:
            interrupts.quit_at_once(number, frame)
        self._stopped = True
        render.note("finishing what is in hand; Ctrl-C again quits at once")


def _pace(n_done: int, n_left: int, spent_s: float) -> str:
    """How fast it goes, and the time left at this rate; nothing before anything is done."""
    if not n_done or not spent_s:
        return ""
    rate = n_done / spent_s
    return f" ({rate_in_words(rate)}, {words.duration(n_left / rate)} left)"


def _own_console() -> Console:
    """A console on a copy of stderr: decoding silences the original, where C libraries write."""
    return Console(file=os.fdopen(os.dup(2), "w", encoding=sys.stderr.encoding, errors=streams.ERRORS))


@contextmanager
def working(*, jobs: int = 0, device: str = "auto", seed: int = 0) -> Iterator[Context]:
    """What an action needs, with a monitor that shows its progress and hears Ctrl-C."""
    from groovecli.actions.context import Context

    with watched() as monitor, Context(jobs=jobs, device=device, seed=seed, monitor=monitor) as context:
        yield context


@contextmanager
def watched() -> Iterator[TerminalMonitor]:
    """A monitor for the block's work."""
    bar = None
    if screen.is_animated(sys.stderr) and not render.is_quiet():
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeLeft())
        bar = Progress(*columns, console=_own_console(), transient=True)
    monitor = TerminalMonitor(bar)
    previous = signal.getsignal(signal.SIGINT)
    if previous is not signal.SIG_IGN:  # as in a shell's background jobs
        signal.signal(signal.SIGINT, monitor.interrupt)
    try:
        if bar is None:
            yield monitor
        else:
            with bar:
                yield monitor
    finally:
        signal.signal(signal.SIGINT, previous)
