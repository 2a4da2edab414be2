"""How even the way from one song to another is, between songs drawn at random.

    groove embed MUSIC --out songs.npz
    python benchmarks/between.py songs.npz [--pairs 40] [--length 12]

Three ways between each pair: groove's; the songs nearest to points of the straight line between the two;
songs of the same neighbourhood in random order. Prints the mean step as a share of the distance of the
two, the longest step in mean steps with an interval of 95 %, and how many different songs there are.
"""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import songs
from groovecli.playlists.journey import Stop, journey
from groovecli.playlists.proximity import Library, distances_between, unit

_NEAR_EACH = 150


def main() -> None:
    """Draw pairs, find the ways, print."""
    parser = songs.program(__doc__)
    parser.add_argument("vectors", type=Path, help="what `groove embed` wrote")
    parser.add_argument("--pairs", metavar="N", type=int, default=40)
    parser.add_argument("--length", metavar="N", type=int, default=12, help="songs of a way")
    asked = parser.parse_args()
    with np.load(asked.vectors) as file:
        vectors = unit(file["vectors"])
    library, rng = Library(vectors.astype(np.float32), "cosine"), np.random.default_rng(0)
    pairs = [rng.choice(len(vectors), 2, replace=False) for _ in range(asked.pairs)]
    figures = np.array([measured(library, vectors, a, b, asked.length, rng) for a, b in pairs])
    print(f"{asked.pairs} pairs of {len(vectors)} songs, {asked.length} songs each way")
    print(f"{'':22} mean step  longest step               different songs")
    for number, name in enumerate(("groove between", "nearest to the line", "random order")):
        step, longest, different = figures[:, number].T
        drawn = longest[rng.integers(0, len(longest), (1000, len(longest)))].mean(axis=1)
        low, high = np.percentile(drawn, [2.5, 97.5])
        print(
            f"{name:22} {step.mean():9.2f}  {longest.mean():.2f} times ({low:.2f} to {high:.2f})"
            f"  {different.mean():16.1f}"
        )


def measured(
    library: Library,
    vectors: NDArray[np.float64],
    start: int,
    end: int,
    n: int,
    rng: np.random.Generator,
) -> list[tuple[float, float, int]]:
    """Of each of three ways: mean step, longest step in mean steps, number of different songs."""
    a, b = vectors[start], vectors[end]
    near: set[int] = set()
    for share in np.linspace(0, 1, 5):
        ranked = library.ranked((1 - share) * a + share * b)
        near |= {neighbour.place for neighbour in islice(ranked, _NEAR_EACH)}
    inner = sorted(near - {start, end})
    own = vectors[[start, *inner, end]]
    steps, last = distances_between(own, own, "cosine"), len(own) - 1
    progress = (own - a) @ (b - a) / ((b - a) @ (b - a))
    ours = journey(steps, progress, [Stop(i, "") for i in range(len(own))], n)
    points = [(1 - share) * a + share * b for share in np.linspace(0, 1, n)[1:-1]]
    to_line = distances_between(np.array(points), own, "cosine")
    straight = (0, *(1 + int(row.argmin()) for row in to_line[:, 1:-1]), last)
    shuffled = (0, *(rng.permutation(len(inner))[: n - 2] + 1).tolist(), last)
    return [_figures(steps, way) for way in (ours, straight, shuffled)]


def _figures(steps: NDArray[np.float64], way: tuple[int, ...]) -> tuple[float, float, int]:
    lengths = np.array([steps[i, j] for i, j in pairwise(way)])
    return lengths.mean() / steps[0, -1], lengths.max() / lengths.mean(), len(set(way))


if __name__ == "__main__":
    main()
