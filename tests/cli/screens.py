"""A screen to read: what a view prints on a terminal of some columns, or in a pipe."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from groovecli.cli import screen
from tests.golden import assert_as_kept

FOLDER = Path(__file__).parent / "screens"
WIDTHS = (60, 80, 120)


class Screen(io.StringIO):
    """Text that is looked at."""

    def isatty(self) -> bool:
        return True


@contextmanager
def shown_on(columns: int | None, **environment: str) -> Iterator[io.StringIO]:
    """What is printed in the block on a screen of so many columns, or in a pipe; without colours."""
    stream = io.StringIO() if columns is None else Screen()
    env = {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": str(columns or "")} | environment
    with (
        mock.patch.dict(os.environ, env),
        mock.patch.object(sys, "stdout", stream),
        mock.patch.object(sys, "stderr", stream),
    ):
        yield stream


def printed(view: Callable[[], object], columns: int | None, **environment: str) -> str:
    """What a view prints on a screen of so many columns, or in a pipe."""
    with shown_on(columns, **environment) as stream:
        view()
    return stream.getvalue()


def wide(view: Callable[[], object], columns: int) -> str:
    """What a view prints with --wide."""
    screen.be_wide(True)
    try:
        return printed(view, columns)
    finally:
        screen.be_wide(False)


def check_screens(name: str, view: Callable[[], object]) -> None:
    """Compare a view at each width with the text that is kept of it."""
    text = "".join(f"===== {columns} columns\n{printed(view, columns)}" for columns in WIDTHS)
    assert_as_kept(FOLDER / f"{name}.txt", text)
