"""What whole commands cost from a cold process: CPU seconds and memory, against programs that do less.

All rows are run in turn, round by round; a ratio is of two rows of one round. Songs are known: they were
analysed before. CPU seconds are of the process and of those that it waited for;
memory is its peak, and at least this program's own.

python benchmarks/start_up.py [SONG] [--home HOME] [--before SRC] [--rounds R]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import songs
from groovecli.home import shipped

BARE = """
import typer
app = typer.Typer(rich_markup_mode=None)
@app.command()
def one(name: str = "x", n: int = 3): "Do one thing."
@app.command()
def other(name: str): "Do another thing."
app()
"""
OURS = str(Path(__file__).parent.parent / "src")
KNOWN, NEW = "known", "new"  # homes: one that has analysed the song, and an empty one


@dataclass(frozen=True)
class Row:
    """A command as a process; `against` names the row that its CPU time is compared with."""

    arguments: tuple[str, ...]
    against: str = ""
    home: str = KNOWN


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    cpu_s: float
    megabytes: float


def rows_of(song: str) -> dict[str, Row]:
    """All commands that are measured."""

    def groove(*words: str, home: str = KNOWN, against: str = "import torch, librosa") -> Row:
        return Row(("-m", "groovecli", *words), against, home)

    bare, bare_run = "bare typer --help", "bare typer, a command"
    return {
        "python -c pass": Row(("-c", "pass")),
        bare: Row(("-c", BARE, "--help")),
        bare_run: Row(("-c", BARE, "one", "--n", "4")),
        "import torch, librosa": Row(("-c", "import torch, librosa; librosa.load")),
        "groove --help": groove("--help", against=bare),
        "groove config": groove("config", against=bare_run),
        "groove models": groove("models", against=bare_run),
        "groove status": groove("status", against=bare_run),
        "groove similar SONG": groove("similar", song),
        "groove classify SONG": groove("classify", song),
        "groove classify SONG, new": groove("classify", song, home=NEW),
    }


def cost(row: Row, source: str, homes: Path) -> Cost:
    """Run a command of groove's in `source` and wait for its end."""
    environment = {**os.environ, "GROOVE_HOME": str(homes / row.home), "PYTHONPATH": source}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, *row.arguments], env=environment, stdout=nowhere, stderr=nowhere, cwd=homes
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(row.arguments[:4])} ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def with_spread(values: list[float], unit: str = "", digits: int = 2) -> str:
    """The median with the least and the largest."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def ratios(ones: list[Cost], others: list[Cost]) -> str:
    """The CPU times of some runs as shares of those of the same rounds."""
    return with_spread([one.cpu_s / other.cpu_s for one, other in zip(ones, others, strict=True)])


def main() -> None:
    """Print each row's cost, and its ratios."""
    parser = songs.program(__doc__)
    parser.add_argument("song", metavar="SONG", type=Path, nargs="?", help="default: one of the demo's")
    parser.add_argument("--home", metavar="HOME", type=Path, help="has analysed SONG (default: is made)")
    parser.add_argument("--before", metavar="SRC", default="", help="`src` of a groove to compare with")
    parser.add_argument("--rounds", metavar="R", type=int, default=7, help="how often each is run (7)")
    asked = parser.parse_args()
    song = asked.song.absolute() if asked.song else next(shipped("demo").glob("metal/*.opus"))
    rows = rows_of(str(song))
    with tempfile.TemporaryDirectory() as folder:
        homes = Path(folder)
        if asked.home:
            (homes / KNOWN).symlink_to(asked.home.absolute())
        cost(Row(("-m", "groovecli", "embed", str(song.parent), "--out", "x.npz")), OURS, homes)
        sources = [OURS, *filter(None, [asked.before])]
        runs: dict[tuple[str, str], list[Cost]] = defaultdict(list)
        for number in range(asked.rounds + 1):
            for name, row in rows.items():
                for source in sources if "groovecli" in row.arguments else sources[:1]:
                    found = cost(row, source, homes)
                    if number:  # the first round compiles and fills caches
                        runs[name, source].append(found)
    for name, row in rows.items():
        own = runs[name, OURS]
        seconds, most = with_spread([run.cpu_s for run in own], " s"), max(run.megabytes for run in own)
        line = f"{name:26} {seconds} of CPU, {most:.0f} MB"
        if row.against:
            line += f"; {ratios(own, runs[row.against, OURS])} times {row.against}"
        if asked.before and (before := runs.get((name, asked.before))):
            line += f"; {ratios(own, before)} times before ({max(run.megabytes for run in before):.0f} MB)"
        print(line, flush=True)


if __name__ == "__main__":
    main()
