"""All benchmarks that make their own music, one after the other, written as one page.

    python benchmarks/all.py [--page docs/benchmarks.md] [--music MUSIC] [--peers PYTHON] [--only NAME ...]
        [--rounds R]

`just bench` runs this. Each program is run by itself and appends its figures. The page has the machine, the
day and a row for each figure: what, measured (median, least and largest round), wanted, met or by how much
not. With MUSIC, and a Python that has the peers (`benchmarks/peers.py` says which), these are judged, too.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psutil

import songs
from rounds import Figure, read_figures

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PROGRAMS: dict[str, tuple[str, ...]] = {
    "start_up": ("--rounds", "5"),
    "ingest_rate": (),
    "decoding": ("--songs", "2"),
    "embedding_rate": ("--songs", "4", "--rounds", "5"),
    "training_rate": ("30",),
    "training_rate, 64": ("64",),
    "crowded": (),
    "heard": (),
    "similar": ("--songs", "400000"),
    "peers": ("--songs", "6"),
}
"""Each program, and what it is given; a word after a comma tells two runs of one apart."""


def command(name: str, rows: Path, asked: argparse.Namespace) -> list[str]:
    """How a program is called."""
    program = name.partition(",")[0]
    given = [*PROGRAMS[name], "--rows", str(rows)]
    words = [str(Path(__file__).with_name(f"{program}.py")), *given]
    if asked.rounds and program != "similar":  # which has none
        words += ["--rounds", str(asked.rounds)]
    if program == "peers":
        words += ["--python", asked.peers, *([str(asked.music)] if asked.music else [])]
    return [sys.executable, *words]


def machine() -> str:
    """The machine and what does the work, in a line."""
    memory = psutil.virtual_memory().total / 1e9
    packages = ", ".join(
        f"{name} {version(name)}"
        for name in ("torch", "numpy", "scipy", "soundfile", "soxr", "av", "librosa")
    )
    return (
        f"{_processor()}, {psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()},"
        f" Python {platform.python_version()}, {packages}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def load() -> float:
    """How many programs wanted a core over the last minute, on average."""
    return float(psutil.getloadavg()[0])


def page(
    parts: Sequence[tuple[str, Sequence[Figure], str]], loads: tuple[float, float], minutes: float
) -> str:
    """The page: each program's command and figures, or what it ended with."""
    lines = [
        "# Benchmarks",
        "",
        "    just bench",
        "",
        f"Written by that command on {date.today().isoformat()}, in {minutes:.0f} minutes: {machine()}.",
        f"At the start {loads[0]:.1f} programs wanted a core, at the end {loads[1]:.1f}.",
        "",
        "Ratios are of two programs of one round; rounds are interleaved. Measured is the median, in",
        "brackets the least and the largest round. The music is made by `benchmarks/made_music.py`, so",
        "anybody gets the same. Large libraries are in docs/scale.md.",
        "",
        "| what | measured | wanted | |",
        "|---|---|---|---|",
    ]
    for _, figures, _ in parts:
        lines += [f"| {f.what} | {f.measured} | {f.wanted} | {f.verdict} |" for f in figures]
    lines += ["", "| program | took |", "|---|---|"]
    lines += [f"| `{words}` | {ended} |" for words, _, ended in parts]
    return "\n".join(lines) + "\n"


def run_all(asked: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Sequence[Figure], str]]:
    """Run each program; what it printed goes to the terminal."""
    for name in asked.only or PROGRAMS:
        rows = folder / f"{name}.jsonl"
        words = command(name, rows, asked)
        began = time.perf_counter()
        print(f"== {name}", flush=True)
        code = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(_SOURCE)}).returncode
        took = f"{time.perf_counter() - began:.0f} s" + (f", ended with {code}" if code else "")
        shown = f"python benchmarks/{name.partition(',')[0]}.py {' '.join(PROGRAMS[name])}".strip()
        yield shown, read_figures(rows), took


_SOURCE = PAGE.parent.parent / "src"


def main() -> None:
    """Write the page; end with 1 where a program failed."""
    parser = songs.program(__doc__)
    parser.add_argument(
        "--page", metavar="FILE", type=Path, default=PAGE, help="the page (docs/benchmarks.md)"
    )
    parser.add_argument(
        "--music", metavar="MUSIC", type=Path, help="folder of genre folders, for the peers"
    )
    parser.add_argument(
        "--peers", metavar="PYTHON", default=sys.executable, help="the Python that has the peers"
    )
    parser.add_argument("--only", metavar="NAME", action="append", choices=PROGRAMS, help="these alone")
    parser.add_argument("--rounds", metavar="R", type=int, help="of each program (default: its own)")
    asked = parser.parse_args()
    before, began = load(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        parts = list(run_all(asked, Path(folder)))
    minutes = (time.perf_counter() - began) / 60
    asked.page.write_text(page(parts, (before, load()), minutes), encoding="utf-8")
    print(f"{asked.page}: {sum(len(figures) for _, figures, _ in parts)} figures, {minutes:.1f} min")
    if any("ended" in ended for _, _, ended in parts):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
