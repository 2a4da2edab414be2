"""`groove ingest` and `groove classify` while another program keeps all cores busy, with one and more jobs.

    python benchmarks/crowded.py [--songs N] [--seconds S] [--rounds R]

N rendered songs of S seconds, in eight formats, are analysed by an empty home each time. In each round each
command runs with one job and with two, on the machine as it is and beside busy loops, one for each core,
in sessions of their own. Times are by the clock: compare them on a machine that does nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

import made_music
import processes
from rounds import Figure, interleaved, program, report

MOST = 3.0
NO_SLOWER = 1.05  # what two runs of one kind differ by anyway


def ways(music: Path, folder: Path) -> dict[str, Callable[[], float]]:
    """Each command with each number of jobs, quiet and crowded; they give seconds."""
    commands = {"ingest": ("ingest", str(music), "--yes"), "classify": ("classify", str(music))}
    n_cores = psutil.cpu_count() or 1
    return {
        f"{name}, {jobs}, {n_loops}": partial(seconds, (*words, "--jobs", jobs), folder, n_loops)
        for name, words in commands.items()
        for jobs in "12"
        for n_loops in (0, n_cores)
    }


def seconds(words: tuple[str, ...], folder: Path, n_loops: int) -> float:
    """How long a command takes that has analysed nothing before."""
    with tempfile.TemporaryDirectory(dir=folder) as home, processes.busy(n_loops):
        return processes.groove(words, Path(home)).wall_s


def figures(times: dict[str, list[float]]) -> list[Figure]:
    """The ratios of one round's runs."""
    n_cores = psutil.cpu_count() or 1
    of_all = []
    for name in ("ingest", "classify"):
        one, two = (times[f"{name}, {jobs}, 0"] for jobs in "12")
        one_crowded, two_crowded = (times[f"{name}, {jobs}, {n_cores}"] for jobs in "12")
        of_all += [
            Figure.ratio(
                f"`groove {name}`, two jobs: busy cores against free", two_crowded, two, at_most=MOST
            ),
            Figure.ratio(
                f"`groove {name}`, one job: busy cores against free", one_crowded, one, at_most=MOST
            ),
            Figure.ratio(
                f"`groove {name}` on busy cores: two jobs against one",
                two_crowded,
                one_crowded,
                at_most=NO_SLOWER,
            ),
            Figure.ratio(
                f"`groove {name}` on free cores: two jobs against one", two, one, at_most=NO_SLOWER
            ),
        ]
    return of_all


def main() -> None:
    """Print each command's ratios."""
    parser = program(__doc__)
    parser.add_argument("--songs", metavar="N", type=int, default=16, help="how many songs (16)")
    parser.add_argument("--seconds", metavar="S", type=float, default=31.0, help="length of each (31)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made_music.library(folder / "music", asked.songs, seconds=asked.seconds)
        times = interleaved(ways(folder / "music", folder), asked.rounds, warms_up=False)
    report(figures(times), asked.rows)


if __name__ == "__main__":
    main()
