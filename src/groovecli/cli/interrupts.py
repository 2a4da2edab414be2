"""Ctrl-C before and between a command's work."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from groovecli.errors import ExitCode

_IMPORTER = "<frozen importlib"
_state = {"at work": False}


def listen() -> None:
    """Let Ctrl-C end this process as `quit_at_once` says, unless it is to be ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, quit_at_once)


@contextmanager
def at_work() -> Iterator[None]:
    """A command runs, which hears of Ctrl-C by KeyboardInterrupt."""
    before = _state["at work"]
    _state["at work"] = True
    try:
        yield
    finally:
        _state["at work"] = before


def quit_at_once(_: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; or end the process while no command runs, or modules are imported.

    Nothing is in hand then, and modules written in C would answer with a traceback or another error.
    """
    if not _state["at work"] or _is_importing(frame):
        _end()
    raise KeyboardInterrupt


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORTER):
            return True
        frame = frame.f_back
    return False


def _end() -> None:
    with suppress(Exception):
        sys.stdout.flush()
    with suppress(OSError):
        os.write(2, b"stopped at once\n")
    os._exit(ExitCode.INTERRUPTED)
