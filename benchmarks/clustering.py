"""Seconds and peak memory of clustering n songs, each in a process of its own, on one core.

    python benchmarks/clustering.py [N ...]
    python benchmarks/clustering.py METHOD N      # that one alone

The vectors are drawn around forty centres in 256 dimensions. Above 5,000 songs, prototypes stand for
them.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import resource
import subprocess
import sys
import time

import numpy as np

from groovecli.playlists.clusters import METHODS, cluster

_DIM, _CENTRES = 256, 40


def one(method: str, n: int) -> None:
    """Cluster once and print what it took."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(_CENTRES, _DIM))
    vectors = (centres[rng.integers(0, _CENTRES, n)] + rng.normal(size=(n, _DIM))).astype(np.float32)
    started = time.perf_counter()
    found = cluster(vectors, method=method)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    n_left = len(found.left_out)
    print(
        f"{method:14} {n:7} songs {seconds:7.1f} s {peak:6.0f} MiB"
        f"  {len(found.clusters)} clusters, {n_left} left out"
    )


def main() -> None:
    """Every method at every size."""
    if len(sys.argv) == 3 and sys.argv[1] in METHODS:
        one(sys.argv[1], int(sys.argv[2]))
        return
    for n in sys.argv[1:] or ["1000", "20000"]:
        for method in METHODS:
            subprocess.run([sys.executable, __file__, method, n], check=True)


if __name__ == "__main__":
    main()
