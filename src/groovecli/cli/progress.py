"""Progress on stderr: a bar with rate and time left on a terminal, else a line now and then."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from groovecli.cli import interrupts, render, screen
from groovecli.cli.stages import Stage, rate_in_words
from groovecli.errors import Interrupted
from groovecli.monitor import Monitor

if TYPE_CHECKING:
    from rich.progress import Progress

    from groovecli.actions.context import Context

# What a stage does, and what of it is done; the epochs of a training are counted in its own lines.
_LABELS = {
    "scan": ("reading files", "files are read"),
    "cut": ("cutting clips", "songs are done"),
    "read lyrics": ("reading lyrics", "files' lyrics are read"),
    "compare songs": ("comparing songs", "songs are compared"),
    "embed": ("listening", "songs are done"),
    "classify": ("listening", "songs are done"),
    "preview": ("writing previews", "previews are written"),
    "evaluate": ("testing", "clips are tested"),
    "epoch": ("training", ""),
}
_LINE_EVERY_S = 30.0


class TerminalMonitor(Monitor):
    """Shows progress, and stops after the step in hand at the first Ctrl-C.

    `stages` are all those of the command in their order, where they are known before; `stderr` is a file
    descriptor that Ctrl-C is answered on.
    """

    def __init__(self, bar: Progress | None, stages: Sequence[str] = ()) -> None:
        self._bar = bar
        self._stages = list(stages)
        self._tasks: dict[str, Any] = {}
        self._last_line = time.monotonic()
        self._stage: Stage | None = None
        self._stopped = False
        self.stderr: int | None = None

    def progress(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar; the epochs of a training are one stage."""
        name = stage if stage in _LABELS else stage.partition(" ")[0]
        if self._stage is None or self._stage.name != name or done < self._stage.done:
            self._stage = Stage(name, total, done, time.monotonic())
        self._stage.done, self._stage.total = done, total
        if self._bar is None:
            self._line(self._stage)
        else:
            self._move(self._bar, self._stage)

    def _move(self, bar: Progress, stage: Stage) -> None:
        if stage.name not in self._tasks:
            for task in self._tasks.values():
                bar.remove_task(task)
            task = bar.add_task(self._label(stage.name), stage=stage)
            self._tasks = {stage.name: task}
        bar.update(self._tasks[stage.name], completed=stage.done, total=stage.total, stage=stage)

    def _label(self, name: str) -> str:
        """What is done, and which of how many stages it is: 'cutting clips, 2 of 3'."""
        label, _ = _LABELS.get(name, (name, ""))
        if name not in self._stages or len(self._stages) < 2:
            return label
        return f"{label}, {self._stages.index(name) + 1} of {len(self._stages)}"

    @property
    def standing(self) -> str:
        """How far the stage in hand is; empty where there is none, or its steps say nothing to a person."""
        stage = self._stage
        _, done = _LABELS.get(stage.name, ("", "")) if stage else ("", "")
        return f"{stage.done:,} of {stage.total:,} {done}" if stage and done else ""

    def epoch(self, summary: str) -> None:
        """Show how an epoch went."""
        self._last_line = time.monotonic()
        render.note(summary)

    @property
    def midway(self) -> str:
        """The same of a stage that is not over."""
        return self.standing if self._stage and self._stage.done < self._stage.total else ""

    def _line(self, stage: Stage) -> None:
        now = time.monotonic()
        if now - self._last_line >= _LINE_EVERY_S:
            self._last_line = now
            pace = f" ({rate_in_words(stage.rate)}, {stage.left})" if stage.rate else ""
            render.note(f"{self._label(stage.name)}: {stage.done:,} of {stage.total:,}{pace}")

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._stopped

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Handle Ctrl-C: once to stop, twice to quit."""
        if self._stopped:
            interrupts.quit_at_once(number, frame)
        self._stopped = True
        self._say_at_once("finishing what is in hand; Ctrl-C again quits at once")

    def _say_at_once(self, text: str) -> None:
        """Print a note past the buffers of streams, which refuse it in the middle of a write."""
        if self.stderr is None:
            render.note(text)
        elif not render.is_quiet():
            start = "\r\033[2K" if self._bar is not None else ""  # over the bar, which is drawn again below
            with suppress(OSError):
                os.write(self.stderr, f"{start}{text}\n".encode("ascii"))


def say_stopped(monitor: Monitor, go_on: str) -> None:
    """Say in one line how far a command was when Ctrl-C ended it, and how to go on."""
    render.stopped(monitor.standing or "as you asked", go_on)


@contextmanager
def working(
    *, jobs: int = 0, device: str = "auto", seed: int = 0, stages: Sequence[str] = ()
) -> Iterator[Context]:
    """What an action needs, with a monitor that shows its progress and hears Ctrl-C.

    Raises
    ------
    Interrupted
        As the action does, with how far it was.
    """
    from groovecli.actions.context import Context

    with watched(stages) as monitor:
        try:
            with Context(jobs=jobs, device=device, seed=seed, monitor=monitor) as context:
                yield context
        except Interrupted as error:
            raise Interrupted(monitor.midway or error.what, error.hint) from error


@contextmanager
def watched(stages: Sequence[str] = ()) -> Iterator[TerminalMonitor]:
    """A monitor for the block's work."""
    bar = None
    if screen.is_animated(sys.stderr) and not render.is_quiet():
        from groovecli.cli.bars import bars  # rich takes a while to import

        bar = bars()
    monitor = TerminalMonitor(bar, stages)
    monitor.stderr = os.dup(2)  # decoding silences the original
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
        os.close(monitor.stderr)
