"""How small libraries fall into playlists: random draws of N songs from a library's vectors.

    groove embed MUSIC --out songs.npz
    python benchmarks/small_libraries.py songs.npz [--sizes 20 25 30 50 100] [--draws 150]

Prints for each size how many draws end as one playlist, the mean number of playlists, the largest one's
share of the songs, and the agreement of playlists with the genre folders (NMI).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import normalized_mutual_info_score

from groovecli.playlists.clusters import cluster


def main() -> None:
    """Draw, cluster, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vectors", type=Path, help="what `groove embed` wrote")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 25, 30, 50, 100])
    parser.add_argument("--draws", type=int, default=150)
    asked = parser.parse_args()
    with np.load(asked.vectors) as file:
        vectors = file["vectors"] / np.linalg.norm(file["vectors"], axis=1, keepdims=True)
        genres = np.array([Path(str(path)).parent.name for path in file["paths"]])
    rng = np.random.default_rng(0)
    for n in asked.sizes:
        draws = [rng.permutation(len(vectors))[:n] for _ in range(asked.draws)]
        report(n, np.array([measured(vectors[rows], genres[rows]) for rows in draws]))


def measured(vectors: NDArray[np.float32], genres: NDArray[np.str_]) -> tuple[float, float, float]:
    """Number of playlists, the largest's share of the songs, and NMI with the genres."""
    found = cluster(vectors.astype(np.float32))
    largest = max(len(one.members) for one in found.clusters) / len(vectors)
    return len(found.clusters), largest, normalized_mutual_info_score(genres, found.labels)


def report(n: int, figures: NDArray[np.float64]) -> None:
    """Print the means over draws of n songs."""
    n_lists, largest, nmi = figures.mean(axis=0)
    single = (figures[:, 0] == 1).mean()
    print(
        f"{n} songs: one playlist in {100 * single:.1f} % of {len(figures)} draws, {n_lists:.1f} playlists,"
        f" the largest {100 * largest:.0f} % of the songs, NMI {nmi:.2f}"
    )


if __name__ == "__main__":
    main()
