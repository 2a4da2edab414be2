"""Seconds of whole commands from a cold process: `groove --help` and `groove classify` on one song.

python benchmarks/start_up.py [SONG] [--rounds R]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import songs
from groovecli.home import shipped


def seconds(command: list[str]) -> float:
    """How long a command takes as a process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the median of each command, run in turn."""
    parser = songs.program(__doc__)
    parser.add_argument("song", metavar="SONG", type=Path, nargs="?", help="default: one of the demo's")
    parser.add_argument("--rounds", metavar="R", type=int, default=7, help="how often each is run (7)")
    asked = parser.parse_args()
    song = str(asked.song or next(shipped("demo").glob("metal/*.opus")))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "groove --help": [sys.executable, "-m", "groovecli", "--help"],
        "groove classify SONG": [sys.executable, "-m", "groovecli", "classify", song],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(asked.rounds):
        for name, command in commands.items():
            times[name].append(seconds(command))
    for name, measured in times.items():
        middle = statistics.median(measured)
        print(f"{name:22} {middle:.3f} s (from {min(measured):.3f} to {max(measured):.3f})")


if __name__ == "__main__":
    main()
