"""How long `groove report` takes to measure a space, and how much memory, by the number of songs.

    python benchmarks/health.py [--songs N ...]

Vectors are made up: 730 numbers around 40 means. Prints seconds of processor time for the lists of near
songs, for all that is measured (playlists are made five times), and the most memory so far. A larger
library takes as long as one of 20,000 songs: so many are drawn.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import resource
import time

import numpy as np

import songs
from groovecli.evaluation.health.measure import Songs, health
from groovecli.evaluation.health.nearby import nearby

_DIM, _GENRES = 730, 40


def main() -> None:
    """Measure libraries of some sizes."""
    parser = songs.program(__doc__)
    parser.add_argument("--songs", type=int, nargs="+", default=[1000, 5000, 20_000])
    asked = parser.parse_args()
    print("songs      near songs   all      memory")
    for n in asked.songs:
        made = _made(n)
        started = time.process_time()
        nearby(made.rows, made.metric, made.artists, np.ones(n, bool))
        near_s = time.process_time() - started
        started = time.process_time()
        health(made, n)
        all_s = time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{n:6,} {near_s:10.1f} s {all_s:8.1f} s {peak:9,.0f} MB", flush=True)


def _made(n: int) -> Songs:
    rng = np.random.default_rng(0)
    of = rng.integers(0, _GENRES, n)
    rows = (rng.normal(size=(n, _DIM)) + rng.normal(size=(_GENRES, _DIM))[of]).astype(np.float32)
    genres = tuple(f"genre {number}" for number in of)
    return Songs(rows, "cosine", np.arange(n, dtype=np.intp) // 3, genres, {"folders": genres})


if __name__ == "__main__":
    main()
