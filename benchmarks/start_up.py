"""Seconds of whole commands from a cold process: `groove --help` and `groove classify` on one song.

python benchmarks/start_up.py [SONG]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from groovecli.home import shipped

_ROUNDS = 7


def seconds(command: list[str]) -> float:
    """How long a command takes as a process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the median of each command, run in turn."""
    song = sys.argv[1] if len(sys.argv) > 1 else str(next(Path(shipped("demo")).glob("metal/*.opus")))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "groove --help": [sys.executable, "-m", "groovecli", "--help"],
        "groove classify SONG": [sys.executable, "-m", "groovecli", "classify", song],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(_ROUNDS):
        for name, command in commands.items():
            times[name].append(seconds(command))
    for name, measured in times.items():
        middle = statistics.median(measured)
        print(f"{name:22} {middle:.3f} s (from {min(measured):.3f} to {max(measured):.3f})")


if __name__ == "__main__":
    main()
