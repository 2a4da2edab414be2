"""Commands as processes of their own: what they take, alone or while another program keeps cores busy."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
_BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:  # it ends with who started it, however that ends
    for _ in range(1_000_000):
        pass
"""
# What a benchmark or a test sets for itself, and people's shells do not.
_NOT_PASSED_ON = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds by the clock and of the processor, and its largest resident set."""

    wall_s: float
    cpu_s: float
    megabytes: float


def run(arguments: Sequence[str], environment: Mapping[str, str], *, folder: Path | None = None) -> Cost:
    """Run Python with some arguments and wait for its end; processor time is that of its children, too.

    Memory is at least that of the program that calls this.
    """
    own = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**own, "PYTHONPATH": str(SOURCE), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        last = said.decode(errors="replace")[-1000:]
        raise SystemExit(f"{' '.join(arguments[:4])} ended with {process.returncode}: {last}")
    return Cost(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def groove(words: Sequence[str], home: Path) -> Cost:
    """Run a command of groove's."""
    return run(("-m", "groovecli", *words), {"GROOVE_HOME": str(home)})


@contextmanager
def busy(n_cores: int) -> Iterator[None]:
    """Keep so many cores busy for as long as the block runs, by programs that are no part of groove.

    Each has a session of its own, as in another terminal: Linux shares cores between sessions.
    """
    loops = [
        subprocess.Popen([sys.executable, "-c", _BUSY], start_new_session=True) for _ in range(n_cores)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
        for loop in loops:
            loop.wait()
