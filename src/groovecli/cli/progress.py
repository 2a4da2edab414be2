"""Progress on stderr: a bar with rate and time left on a terminal, else a line now and then."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from groovecli.cli import interrupts, render, screen
from groovecli.cli.sentences import shown
from groovecli.cli.settings import n_bytes
from groovecli.cli.stages import Stage, rate_in_words
from groovecli.errors import Interrupted
from groovecli.messages.options import fewer_workers
from groovecli.messages.tidy import left_unfinished
from groovecli.monitor import Monitor

if TYPE_CHECKING:
    from rich.progress import Progress

    from groovecli.actions.context import Context
    from groovecli.workers.cluster import Cluster

# What a stage does, and what of it is done; the epochs of a training are counted in its own lines.
_LABELS = {
    "scan": ("reading files", "files are read"),
    "cut": ("cutting clips", "songs are done"),
    "read lyrics": ("reading lyrics", "files' lyrics are read"),
    "compare songs": ("comparing songs", "songs are compared"),
    "embed": ("listening", "songs are done"),
    "measure": ("measuring near songs", "steps are done"),
    "lay out": ("laying out the map", "maps are laid out"),
    "read tags": ("reading tags", "files' tags are read"),
    "classify": ("listening", "songs are done"),
    "describe": ("measuring", "songs are measured"),
    "preview": ("writing previews", "previews are written"),
    "evaluate": ("testing", "clips are tested"),
    "epoch": ("training", ""),
}
_LINE_EVERY_S = 10.0
_NAME = 24  # letters of a file's name beside a bar


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
        self._n_failed = 0  # told before the stage
        self._stopped = False
        self.stderr: int | None = None

    def progress(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar; the epochs of a training are one stage."""
        name = stage if stage in _LABELS else stage.partition(" ")[0]
        if self._stage is None or self._stage.name != name or done < self._stage.done:
            self._stage = Stage(name, total, done, time.monotonic())
        self._stage.done, self._stage.total = done, total
        if self._n_failed:
            self._stage.n_failed, self._n_failed = self._n_failed, 0
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
        label = self._label(stage.name)
        bar.update(
            self._tasks[stage.name],
            description=label,
            completed=stage.done,
            total=stage.total,
            stage=stage,
        )

    def failures(self, n: int) -> None:
        """Count files of the stage that failed."""
        self._n_failed = n

    def waiting(self, what: str, seconds: float) -> None:
        """Name the file that all wait for; its worker tells in a thread."""
        stage = self._stage
        if stage is None:
            return
        if self._bar is None:
            self._now_and_then(f"{self._label(stage.name)}: waiting for {what}, {seconds:.0f} s")
        elif stage.name in self._tasks:
            name = os.path.basename(what)
            short = name if len(name) <= _NAME else f"{name[: _NAME - 3]}..."
            text = f"waiting for {shown(short)}, {seconds:.0f} s"
            self._bar.update(self._tasks[stage.name], description=text)

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

    def note(self, text: str) -> None:
        """Show it at once."""
        render.note(text)

    @property
    def midway(self) -> str:
        """The same of a stage that is not over."""
        return self.standing if self._stage and self._stage.done < self._stage.total else ""

    def _line(self, stage: Stage) -> None:
        pace = f" ({rate_in_words(stage.rate)}, {stage.left})" if stage.rate else ""
        self._now_and_then(f"{self._label(stage.name)}: {stage.counts}{pace}")

    def _now_and_then(self, line: str) -> None:
        now = time.monotonic()
        if now - self._last_line >= _LINE_EVERY_S:
            self._last_line = now
            render.note(line)

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed, or a signal came."""
        return self._stopped

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Handle Ctrl-C and its like: once to stop, twice to quit."""
        if self._stopped:
            interrupts.quit_at_once(number, frame)
        self._stopped = True
        interrupts.note(number)
        again = "Ctrl-C again" if number == signal.SIGINT else f"a second {signal.Signals(number).name}"
        self._say_at_once(f"finishing what is in hand; {again} quits at once")

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


def prepare_worker(scheduler: str = "") -> None:
    """Let a worker load what it needs while this process loads what it needs; a cluster has its own."""
    if scheduler:
        return
    from groovecli.workers import crew

    crew.prepare()


@contextmanager
def working(
    *,
    jobs: int = 0,
    file_timeout: int = 60,
    max_memory: str = "",
    cluster: Cluster | None = None,
    device: str = "auto",
    seed: int = 0,
    stages: Sequence[str] = (),
    changes_songs: bool = False,
) -> Iterator[Context]:
    """What an action needs, with a monitor that shows its progress and hears Ctrl-C.

    Raises
    ------
    Interrupted
        As the action does, with how far it was.
    """
    from groovecli.actions.context import Context

    limit = n_bytes(max_memory)
    if limit is not None:
        _say_what_fits(jobs, limit, max_memory)
    with watched(stages) as monitor:
        try:
            with Context(
                jobs=jobs,
                file_timeout_s=file_timeout,
                max_memory=limit,
                cluster=cluster,
                device=device,
                seed=seed,
                monitor=monitor,
            ) as context:
                if not changes_songs:  # else the command itself says it, and puts it in order
                    _say_cut_off(context)
                yield context
        except Interrupted as error:
            raise Interrupted(monitor.midway or error.what, error.hint) from error


def _say_cut_off(context: Context) -> None:
    """Say that a command that changes songs was killed, and nobody looked after it."""
    changes = context.home.changes
    if not changes.is_dir():
        return
    from groovecli.files import is_in_use
    from groovecli.library.changes.journal import unfinished

    for record in () if is_in_use(changes) else unfinished(changes):
        render.warning(left_unfinished(record.command))


def _say_what_fits(jobs: int, limit: int, size: str) -> None:
    """Say where memory makes the workers fewer."""
    from groovecli.workers.limits import MAIN_BYTES, WORKER_BYTES, n_fitting, n_workers

    n, wanted, fits = n_fitting(jobs, limit), n_workers(jobs), limit >= MAIN_BYTES + WORKER_BYTES
    if n < wanted or not fits:
        render.note(fewer_workers(n, wanted, size, fits=fits))


@contextmanager
def watched(stages: Sequence[str] = ()) -> Iterator[TerminalMonitor]:
    """A monitor for the block's work."""
    bar = None
    if screen.is_animated(sys.stderr) and not render.is_quiet():
        from groovecli.cli.bars import bars  # rich takes a while to import

        bar = bars()
    monitor = TerminalMonitor(bar, stages)
    monitor.stderr = os.dup(2)  # decoding silences the original
    try:
        with interrupts.answered(monitor.interrupt), bar or nullcontext():
            yield monitor
    finally:
        os.close(monitor.stderr)
        interrupts.stay_workers()
