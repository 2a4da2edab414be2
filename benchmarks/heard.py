"""Seconds of `groove classify` on songs that `groove cluster` has heard: nothing is to be analysed again.

    python benchmarks/heard.py [--songs N] [--rounds R]

N songs are made, clustered once, and classified R times, after one time that does not count. Seconds are by
the clock and of the processor.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf

import made_music
import processes
from rounds import Figure, program, report

MOST_S = 5.0
_KINDS = 8  # songs that are rendered; the others are these from another place on
_LENGTH_S = 32.0
_SR = 22050


def made(folder: Path, n_songs: int) -> Path:
    """A folder of songs in mono, each with a sound of its own."""
    folder.mkdir()
    kinds = list(made_music.GENRES.values())
    rendered = [
        made_music.sound(i, kinds[i % len(kinds)], _LENGTH_S)[::2, 0] for i in range(min(n_songs, _KINDS))
    ]
    rng = np.random.default_rng(0)
    for number in range(n_songs):
        y = np.roll(rendered[number % len(rendered)], int(rng.integers(round(_SR * _LENGTH_S))))
        sf.write(folder / f"{number}.flac", rng.uniform(0.5, 1) * y, _SR)
    return folder


def main() -> None:
    """Print what the first command takes, and the second."""
    parser = program(__doc__)
    parser.add_argument("--songs", metavar="N", type=int, default=266, help="how many songs (266)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        music = str(made(folder / "music", asked.songs))
        first = processes.groove(("cluster", music, "--out", str(folder / "lists")), folder / "home")
        costs = [processes.groove(("classify", music), folder / "home") for _ in range(asked.rounds + 1)][
            1:
        ]
    what = f"{asked.songs} songs that `groove cluster` has heard"
    report(
        [
            Figure(f"`groove cluster` of {asked.songs} new songs of {_LENGTH_S:g} s", (first.wall_s,), "s"),
            Figure(f"`groove classify`, {what}", tuple(cost.wall_s for cost in costs), "s", at_most=MOST_S),
            Figure(f"the same, CPU, {what}", tuple(cost.cpu_s for cost in costs), "s"),
        ],
        asked.rows,
    )


if __name__ == "__main__":
    main()
