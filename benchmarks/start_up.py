"""What whole commands cost from a cold process: CPU seconds and memory, against programs that do less.

All rows are run in turn, round by round; a ratio is of two rows of one round. Songs are known: they were
analysed before. CPU seconds are of the process and of those that it waited for;
memory is its peak, and at least this program's own.

python benchmarks/start_up.py [SONG] [--home HOME] [--before SRC] [--rounds R]
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import processes
from groovecli.home import shipped
from processes import Cost
from rounds import Figure, program, report

BARE = """
import typer
app = typer.Typer(rich_markup_mode=None)
@app.command()
def one(name: str = "x", n: int = 3): "Do one thing."
@app.command()
def other(name: str): "Do another thing."
app()
"""
OURS = str(processes.SOURCE)
IMPORTS = "import torch, librosa"
KNOWN, NEW = "known", "new"  # homes: one that has analysed the song, and an empty one


@dataclass(frozen=True)
class Row:
    """A command as a process.

    Parameters
    ----------
    against : str
        The row that its CPU time is compared with; at most `wanted` times that is the goal.
    wanted_mb : float, optional
        The most memory that it should take.
    """

    arguments: tuple[str, ...]
    against: str = ""
    home: str = KNOWN
    wanted: float | None = None
    wanted_mb: float | None = None


def rows_of(song: str) -> dict[str, Row]:
    """All commands that are measured."""

    def groove(*words: str, against: str = IMPORTS, wanted: float, home: str = KNOWN) -> Row:
        is_of_songs = against == IMPORTS
        return Row(("-m", "groovecli", *words), against, home, wanted, 150.0 if is_of_songs else None)

    bare, bare_run = "bare typer --help", "bare typer, a command"
    return {
        "python -c pass": Row(("-c", "pass")),
        bare: Row(("-c", BARE, "--help")),
        bare_run: Row(("-c", BARE, "one", "--n", "4")),
        IMPORTS: Row(("-c", "import torch, librosa; librosa.load")),
        "groove --help": groove("--help", against=bare, wanted=1.3),
        "groove config": groove("config", against=bare_run, wanted=1.3),
        "groove models": groove("models", against=bare_run, wanted=1.3),
        "groove status": groove("status", against=bare_run, wanted=1.3),
        "groove similar SONG": groove("similar", song, wanted=0.25),
        "groove classify SONG, known": groove("classify", song, wanted=0.25),
        "groove classify SONG, new": groove("classify", song, wanted=0.25, home=NEW),
    }


def cost(row: Row, source: str, homes: Path) -> Cost:
    """Run a command of groove's in `source` and wait for its end."""
    environment = {"GROOVE_HOME": str(homes / row.home), "PYTHONPATH": source}
    return processes.run(row.arguments, environment, folder=homes)


def figures(name: str, row: Row, runs: list[Cost], others: list[Cost]) -> list[Figure]:
    """A row's time, its ratio and its memory, where it has goals for them."""
    of_row = [Figure(f"`{name}`, CPU", tuple(run.cpu_s for run in runs), "s")]
    if row.against:
        what = f"`{name}` against {row.against}, CPU"
        of_row.append(
            Figure.ratio(what, cpu_s(runs), cpu_s(others), at_most=row.wanted),
        )
    if row.wanted_mb is not None:
        megabytes = tuple(run.megabytes for run in runs)
        of_row.append(Figure(f"`{name}`, memory", megabytes, "MB", at_most=row.wanted_mb))
    return of_row


def cpu_s(runs: list[Cost]) -> list[float]:
    """Seconds of the processor of each run."""
    return [run.cpu_s for run in runs]


def main() -> None:
    """Print each row's cost, and its ratios."""
    parser = program(__doc__, n_rounds=7)
    parser.add_argument("song", metavar="SONG", type=Path, nargs="?", help="default: one of the demo's")
    parser.add_argument("--home", metavar="HOME", type=Path, help="has analysed SONG (default: is made)")
    parser.add_argument("--before", metavar="SRC", default="", help="`src` of a groove to compare with")
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
    of_all = []
    for name, row in rows.items():
        own = runs[name, OURS]
        of_all += figures(name, row, own, runs.get((row.against, OURS), []))
        if asked.before and (before := runs.get((name, asked.before))):
            of_all.append(Figure.ratio(f"`{name}` against before, CPU", cpu_s(own), cpu_s(before)))
            megabytes = tuple(run.megabytes for run in before)
            of_all.append(Figure(f"`{name}` before, memory", megabytes, "MB"))
    report(of_all, asked.rows)


if __name__ == "__main__":
    main()
