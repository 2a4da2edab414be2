"""Runs groove commands in forks of a process that has everything imported: a start costs milliseconds.

Reads orders as lines of JSON, and answers each with a line: {"arguments", "folder", "log", "kill_after_s"}
-> {"code", "seconds"}, where the code of a process that was killed is -9. Songs are decoded in groove's own
process, so that one signal ends all of a command.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

_ALL = ("groovecli.cli.app", "torch", "soundfile", "scipy.fft", "sklearn.cluster")


class InThisProcess:
    """Stands for the foreman of workers."""

    def __init__(self, work: Any, items: Iterator[Any], *_: Any) -> None:
        self._work, self._items = work, items

    def results(self) -> Iterator[Any]:
        """Each item's result, in order."""
        yield from map(self._work.function, self._items)


def _run(order: dict[str, Any]) -> None:
    """Be groove, in a process of its own."""
    os.chdir(order["folder"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(log, number)
    for limit, value in order.get("limits", {}).items():
        import resource

        resource.setrlimit(getattr(resource, limit), (value, value))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    sys.argv = ["groove", *order["arguments"]]
    code: Any = 1
    try:
        from groovecli.cli.app import main

        main()
    except SystemExit as done:
        code = done.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with suppress(OSError), open(f"{order['log']}.modules", "w") as file:
            file.write("\n".join(sys.modules))
        os._exit(int(code))


def _watched(order: dict[str, Any]) -> dict[str, Any]:
    """Run an order; kill it when its time is over."""
    started, limit_s = time.monotonic(), order.get("kill_after_s") or 60.0
    if (pid := os.fork()) == 0:
        _run(order)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        seconds = time.monotonic() - started
        if done:
            return {"code": os.waitstatus_to_exitcode(status), "seconds": seconds}
        if seconds > limit_s:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)


def _import_what_it_took(log: str) -> None:
    """So that the next fork has it."""
    with suppress(OSError), open(f"{log}.modules") as file:
        for name in file.read().split("\n"):
            if name not in sys.modules:
                with suppress(Exception):
                    importlib.import_module(name)


def main() -> None:
    """Serve until standard input ends."""
    for name in _ALL:
        importlib.import_module(name)
    from groovecli.workers import crew, foreman

    foreman.Foreman = InThisProcess  # type: ignore[assignment,misc]
    crew.prepare = lambda: None
    gc.disable()  # it would touch, and so copy, every page of a fork
    for line in sys.stdin:
        order = json.loads(line)
        gc.freeze()
        print(json.dumps(_watched(order)), flush=True)
        _import_what_it_took(order["log"])


if __name__ == "__main__":
    main()
