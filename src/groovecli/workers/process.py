"""A worker: one process in an executor of its own, so that where it dies no other one ends with it."""

from __future__ import annotations

import importlib
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from groovecli.messages.ground import no_workers

DEAD = BrokenProcessPool
"""What a future raises whose process has died."""

_IDLE_S = 300.0  # after that a worker ends; its executor starts another one when there is work
_ORPHANED_S = 0.5  # between two looks whether groove is still there
# Two-thread BLAS or OpenMP on a busy machine is 10-30 times slower than one thread a worker. What a crash
# has to say goes into the answer, not into the middle of a progress bar.
_ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "PYTHONFAULTHANDLER": "",
}
_WAITS_FOR_OTHERS = (psutil.STATUS_DISK_SLEEP, psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


@dataclass(frozen=True)
class Pulse:
    """What a process did until now: its processor time (in seconds), whether it only sleeps, its memory.

    One that waits for a disk, or that somebody stopped, does not sleep.
    """

    cpu_s: float
    sleeps: bool
    n_bytes: int = 0


class Worker:
    """A process that takes one item at a time.

    `ready` is done once it has imported `modules`; where it fails, workers can't be started. `start_s` is
    how many seconds that took.
    """

    def __init__(self, modules: Iterable[str] = ()) -> None:
        began, self.start_s = time.monotonic(), 0.0
        with _quiet_tracker(), _workers_errors():
            self._executor = ProcessPoolExecutor(
                max_workers=1,
                timeout=_IDLE_S,
                initializer=_begin,
                initargs=(os.getpid(),),
                env=_ENVIRONMENT,
            )
        with _held_signals(), _workers_errors():
            self.ready: Future[None] = self._executor.submit(_load, tuple(modules))
        self.ready.add_done_callback(lambda _: setattr(self, "start_s", time.monotonic() - began))

    def give(self, function: Callable[[Any], Any], item: Any) -> Future[Any]:
        """Let it do `function(item)`."""
        with _held_signals():  # one that was idle for long starts again
            future: Future[Any] = self._executor.submit(_work, os.getcwd(), function, item)
        return future

    @property
    def pid(self) -> int | None:
        """The process's id; None where there is none at the moment."""
        return next(iter(self._executor._processes or ()), None)

    def pulse(self) -> Pulse | None:
        """What the process is doing; None where it is gone."""
        try:
            process = psutil.Process(self.pid) if self.pid else None
            if process is None:
                return None
            with process.oneshot():
                times, status, memory = process.cpu_times(), process.status(), process.memory_info()
        except psutil.Error:
            return None
        sleeps = status not in (*_WAITS_FOR_OTHERS, psutil.STATUS_RUNNING)
        return Pulse(times.user + times.system, sleeps, memory.rss)

    def kill(self) -> None:
        """End the process at once; what it had in hand raises `DEAD`."""
        with suppress(psutil.Error):
            if self.pid:
                psutil.Process(self.pid).kill()

    def close(self) -> None:
        """End the process, and forget it."""
        self.kill()  # loky's own way to do so fails where an item was just given
        self._executor.shutdown(wait=False)


def cause_of(death: BaseException) -> str:
    """The signal that ended a process, such as "SIGSEGV"."""
    found = re.search(r"SIG[A-Z]+", str(death))
    return found.group() if found else "no signal is known"


@contextmanager
def _held_signals() -> Iterator[None]:
    """Let processes that start meanwhile never hear of Ctrl-C and its like; only groove decides what ends.

    A terminal sends them to the whole group. Here they come a moment later.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # as it starts, Python 3.11 lets the signals in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _workers_errors() -> Iterator[None]:
    """Say in groove's words that the system refuses a process."""
    try:
        yield
    except OSError as error:
        raise no_workers(error.strerror or "the system refuses one") from error


@contextmanager
def _quiet_tracker() -> Iterator[None]:
    """Let loky's process that clears up after a killed groove start without the wish to tell of it."""
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (before, "ignore:resource_tracker:UserWarning")))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def _begin(parent: int) -> None:
    """Run in a worker as it starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent, also in the middle of its work."""
    while os.getppid() == parent:
        time.sleep(_ORPHANED_S)
    os._exit(1)


def _load(modules: Iterable[str]) -> None:
    for module in modules:
        importlib.import_module(module)


def _work(folder: str, function: Callable[[Any], Any], item: Any) -> Any:
    """Run in a worker, which began in the folder that groove was in then: that may be gone."""
    os.chdir(folder)
    return function(item)
