"""Bars of progress on a terminal, by rich."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from groovecli.cli import screen, streams
from groovecli.cli.stages import Stage, rate_in_words

_ROOM_BESIDE_BAR = 62
_RATE_FROM = 70  # columns of a screen that has room for the rate


class _Words(ProgressColumn):
    """A column of the stage's own words."""

    def __init__(self, words_of: Callable[[Stage], str]) -> None:
        super().__init__()
        self._words_of = words_of

    def render(self, task: Task) -> Text:
        """The words, as they are now."""
        return Text(self._words_of(task.fields["stage"]), style="dim")


def bars() -> Progress:
    """Bars that fit the screen."""
    columns = screen.line_width(sys.stderr) or screen.UNKNOWN_WIDTH
    bar = BarColumn(
        bar_width=max(6, min(40, columns - _ROOM_BESIDE_BAR)),
        style="dim",
        complete_style="cyan",
        finished_style="green",
        pulse_style="cyan",
    )
    rate = [_Words(lambda stage: rate_in_words(stage.rate) if stage.rate else "")]
    return Progress(
        TextColumn("{task.description}", style="none", markup=False),
        bar,
        _Words(lambda stage: stage.counts),
        *(rate if columns >= _RATE_FROM else ()),
        _Words(lambda stage: stage.left),
        console=_own_console(),
        transient=True,
    )


def _own_console() -> Console:
    """A console on a copy of stderr: decoding silences the original, where C libraries write."""
    file = os.fdopen(os.dup(2), "w", encoding=sys.stderr.encoding, errors=streams.ERRORS)
    return Console(file=file, color_system="standard" if screen.has_color(sys.stderr) else None)
