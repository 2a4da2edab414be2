"""Ctrl-C, SIGTERM and SIGHUP: before and between a command's work, and a second one at any time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from groovecli.errors import ExitCode

if TYPE_CHECKING:
    from socket import socket

_CODES = {"SIGINT": ExitCode.INTERRUPTED, "SIGTERM": ExitCode.TERMINATED, "SIGHUP": ExitCode.HUNG_UP}
CODES = {getattr(signal, name): code for name, code in _CODES.items() if hasattr(signal, name)}
"""The signals that ask groove to end, and the code that it ends with."""

_IMPORTER = "<frozen importlib"
_GRACE_S = 1.0  # for what is written at the moment
_SHOW_CURSOR = b"\r\033[2K\033[?25h"
_state: dict[str, Any] = {"at work": False, "code": ExitCode.INTERRUPTED, "in a hurry": False}
_answer = {"process": 0, "is given": False}  # as JSON


def listen() -> None:
    """Let these signals end this process as `quit_at_once` says, unless they are to be ignored."""
    _answer["process"] = os.getpid()
    for number in CODES:
        if signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
            signal.signal(number, quit_at_once)


@contextmanager
def at_work() -> Iterator[None]:
    """A command runs, which hears of the signals by KeyboardInterrupt."""
    before = _state["at work"]
    _state["at work"] = True
    try:
        yield
    finally:
        _state["at work"] = before


@contextmanager
def answered(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """Let `handler` hear of the signals; the second one ends the process, whatever this thread does."""
    import socket  # slow, and help needs none

    before = {number: signal.getsignal(number) for number in CODES}
    heard, told = socket.socketpair()
    told.setblocking(False)
    threading.Thread(target=_count, args=(heard,), daemon=True).start()
    waker = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    for number, previous in before.items():
        if previous is not signal.SIG_IGN:  # as in a shell's background jobs, and under nohup
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
        signal.set_wakeup_fd(waker)
        told.close()


def _count(heard: socket) -> None:
    """End the process a moment after the second signal, unless it ended by then."""
    n_heard = 0
    with heard:
        while numbers := heard.recv(64):
            for number in numbers:
                n_heard += number in CODES
                if n_heard == 2:
                    note(number)
                    leave_workers()
                    timer = threading.Timer(_GRACE_S, _end)
                    timer.daemon = True
                    timer.start()


def note(number: int) -> None:
    """Keep what signal came, for the exit code."""
    _state["code"] = CODES.get(signal.Signals(number), ExitCode.INTERRUPTED)


def said(code: int) -> int:
    """An exit code, where it says that groove was interrupted by which signal."""
    return int(_state["code"] if code == ExitCode.INTERRUPTED else code)


def leave_workers() -> None:
    """End the workers, if there are any."""
    crew = sys.modules.get("groovecli.workers.crew")  # no signal is the time to import it
    leave = getattr(crew, "leave", None)  # nor to wait for its import
    if leave is not None:
        leave()


def stay_workers() -> None:
    """Let workers be started again after `leave_workers`, where this process goes on."""
    crew = sys.modules.get("groovecli.workers.crew")
    stay = getattr(crew, "stay", None)
    if stay is not None:
        stay()


def quit_at_once(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; or end the process while no command runs, or modules are imported.

    Nothing is in hand then, and modules written in C would answer with a traceback or another error.
    """
    note(number)
    leave_workers()
    _state["in a hurry"] = True
    if not _state["at work"] or _is_importing(frame):
        _end()
    raise KeyboardInterrupt


def end_in_a_hurry() -> None:
    """End the process where it was told to at once: Python would wait for workers that are dying."""
    if _state["in a hurry"]:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(_state["code"])


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORTER):
            return True
        frame = frame.f_back
    return False


def answering() -> None:
    """Know that an answer as JSON is on its way, so that no error follows it."""
    _answer["is given"] = True


def answer_as_json() -> None:
    """Write the error that groove was stopped, where JSON is asked for and no answer is given yet.

    Straight to the system: modules may be half imported.
    """
    is_first = os.environ.get("RANK", "0") == "0" and _answer["process"] == os.getpid()
    if not is_first or _answer["is given"] or "--json" not in sys.argv:
        return
    answering()
    fault = (
        f'"what": "stopped at once", "hint": "run the same command again", "code": {int(_state["code"])}'
    )
    with suppress(OSError):
        os.write(1, f'{{"schema": 1, "error": {{{fault}}}}}\n'.encode())


def _end() -> None:
    with suppress(Exception):
        sys.stdout.flush()
    answer_as_json()
    with suppress(OSError):
        os.write(2, (_SHOW_CURSOR if os.isatty(2) else b"") + b"stopped at once\n")
    os._exit(_state["code"])
