"""What playlists several ways of clustering make of a library, and what their order gains.

    groove embed MUSIC --out songs.npz
    python benchmarks/playlists.py songs.npz [--only NAME ...] [--draws 5]

Prints for each way the number of playlists, their sizes, how well they agree with the genre folders (NMI,
AMI and ARI, the last two 0 by chance), and how alike two runs are (ARI): with another seed, and without
one song in eleven, so that the whole library is a tenth larger. Then the mean step from song to song in
each order, and how often one artist has two songs in a row. Artists are the part of a file's name before
" - ".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import AffinityPropagation, AgglomerativeClustering, KMeans
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    normalized_mutual_info_score,
)

import songs
from groovecli.playlists.clusters import cluster
from groovecli.playlists.order import capped, length, ordered
from groovecli.playlists.proximity import distances_between, mutual_farness
from groovecli.playlists.rows import Labels, UnitRows, Vectors
from groovecli.playlists.sizes import usual_number

_GROWTH = 1.1
_SHUFFLES = 20

Way = Callable[[Vectors, int], Labels]
"""Unit vectors (n, d) and a seed to the list of each song (n,)."""


def main() -> None:
    """Measure each way, then the orders of the default's playlists."""
    parser = songs.program(__doc__)
    parser.add_argument("vectors", type=Path, help="what `groove embed` wrote")
    parser.add_argument("--only", metavar="NAME", action="append", choices=WAYS, help="these alone")
    parser.add_argument("--draws", metavar="N", type=int, default=5, help="of ten elevenths of the songs")
    asked = parser.parse_args()
    with np.load(asked.vectors) as file:
        vectors = UnitRows(file["vectors"].astype(np.float32))[:]
        paths = [Path(str(path)) for path in file["paths"]]
    genres = np.unique([path.parent.name for path in paths], return_inverse=True)[1]
    rng = np.random.default_rng(0)
    n_kept = round(len(vectors) / _GROWTH)
    kept = [np.sort(rng.permutation(len(vectors))[:n_kept]) for _ in range(asked.draws)]
    print(f"{len(vectors)} songs in {genres.max() + 1} genre folders")
    print(f"{'':26} lists  smallest median largest  under 10   NMI   AMI   ARI  seed  songs added")
    for name in asked.only or WAYS:
        report(name, WAYS[name], vectors, genres, kept)
    artists = [path.stem.partition(" - ")[0].casefold() for path in paths]
    report_orders(vectors, artists, [path.stem for path in paths])


def report(name: str, way: Way, vectors: Vectors, genres: Labels, kept: list[Labels]) -> None:
    """Print the figures of one way."""
    labels = way(vectors, 0)
    sizes = np.sort(np.bincount(labels))
    scores = (normalized_mutual_info_score, adjusted_mutual_info_score, adjusted_rand_score)
    agreement = " ".join(f"{score(genres, labels):5.3f}" for score in scores)
    seeds = adjusted_rand_score(labels, way(vectors, 1))
    grown = np.mean([adjusted_rand_score(labels[rows], way(vectors[rows], 0)) for rows in kept])
    print(
        f"{name:26} {len(sizes):5} {sizes[0]:9} {int(np.median(sizes)):6} {sizes[-1]:7}"
        f" {(sizes < 10).sum():9}  {agreement}  {seeds:4.2f} {grown:8.2f}",
        flush=True,
    )


def report_orders(vectors: Vectors, artists: list[str], titles: list[str]) -> None:
    """Print the mean step and the songs behind one by the same artist, of each order."""
    lists = [np.array(one.members) for one in cluster(UnitRows(vectors)).clusters]
    print("order                  mean step  in a row by one artist")
    drawn = [random_order(vectors, artists, lists, seed) for seed in range(_SHUFFLES)]
    steps, repeats = np.mean(drawn, axis=0)
    print(f"{'random':20} {steps:11.3f} {repeats:10.1f}")
    for order in ("smooth", "exemplar", "title", "shuffle"):
        found = []
        for rows in lists:
            own = vectors[rows]
            names, their_titles = [artists[i] for i in rows], [titles[i] for i in rows]
            way = ordered(order, names, their_titles, own.__getitem__, seed=0)
            found.append((own, names, way))
        length_, repeats = walked(found)
        gain = f", {100 * (1 - length_ / steps):.1f} % shorter than random" if length_ < steps else ""
        print(f"{order:20} {length_:11.3f} {repeats:10.1f}{gain}")

    report_artists(artists, lists)


def report_artists(artists: list[str], lists: list[Labels]) -> None:
    """Print which share of a list its most frequent artist has, before and after a cap of three songs."""
    names = [[artists[i] for i in rows] for rows in lists]
    kept = [[own[i] for i in capped(own, 3)[0]] for own in names]
    for what, groups in (("all songs", names), ("3 per artist", kept)):
        shares = [100 * Counter(own).most_common(1)[0][1] / len(own) for own in groups]
        n = sum(map(len, groups))
        mean, most = np.mean(shares), max(shares)
        print(f"{what}: {n} songs, one artist has {mean:.1f} % of a list, {most:.1f} % at most")


def random_order(
    vectors: Vectors, artists: list[str], lists: list[Labels], seed: int
) -> tuple[float, float]:
    """The figures of songs in any order."""
    rng = np.random.default_rng(seed)
    ways = [tuple(rng.permutation(len(rows)).tolist()) for rows in lists]
    parts = [
        (vectors[rows], [artists[i] for i in rows], way) for rows, way in zip(lists, ways, strict=True)
    ]
    return walked(parts)


def walked(lists: list[tuple[Vectors, list[str], tuple[int, ...]]]) -> tuple[float, float]:
    """Mean step over all lists, and how many songs follow one by their artist."""
    n_steps = sum(len(way) - 1 for _, _, way in lists)
    total = sum(length(own, way) * (len(way) - 1) for own, _, way in lists)
    repeats = sum(names[i] == names[j] for _, names, way in lists for i, j in pairwise(way))
    return total / max(1, n_steps), float(repeats)


# Ways: unit vectors and a seed to labels


def _root(vectors: Vectors) -> int:
    return max(1, round(float((len(vectors) / 2) ** 0.5)))


def _kmeans(number: Callable[[Vectors], int]) -> Way:
    def way(vectors: Vectors, seed: int) -> Labels:
        labels: Labels = KMeans(number(vectors), n_init=10, random_state=seed).fit(vectors).labels_
        return labels

    return way


def _ward(vectors: Vectors, _: int) -> Labels:
    labels: Labels = AgglomerativeClustering(_usual(vectors)).fit(vectors).labels_
    return labels


def _average(farness: Callable[[Vectors], NDArray[np.float64]]) -> Way:
    def way(vectors: Vectors, _: int) -> Labels:
        tree = linkage(squareform(farness(vectors), checks=False), "average")
        labels: Labels = cut_tree(tree, n_clusters=_usual(vectors))[:, 0]
        return labels

    return way


def _affinity(farness: Callable[[Vectors], NDArray[np.float64]]) -> Way:
    def way(vectors: Vectors, seed: int) -> Labels:
        model = AffinityPropagation(
            damping=0.9, max_iter=1000, convergence_iter=100, random_state=seed, affinity="precomputed"
        )
        labels: Labels = model.fit(-farness(vectors)).labels_
        return np.unique(labels, return_inverse=True)[1]

    return way


def _groove(method: str) -> Way:
    def way(vectors: Vectors, seed: int) -> Labels:
        return cluster(UnitRows(vectors), method=method, seed=seed).labels

    return way


def _usual(vectors: Vectors) -> int:
    return usual_number(len(vectors))


def _plain(vectors: Vectors) -> NDArray[np.float64]:
    return distances_between(vectors, vectors, "cosine")


def _corrected(vectors: Vectors) -> NDArray[np.float64]:
    return mutual_farness(vectors, "cosine")


WAYS: dict[str, Way] = {
    "groove, mutual": _groove("mutual"),
    "groove, affinity": _groove("affinity"),
    "groove, kmeans": _groove("kmeans"),
    "k-means, sqrt(n / 2)": _kmeans(_root),
    "k-means, n**0.41": _kmeans(_usual),
    "Ward": _ward,
    "average, plain": _average(_plain),
    "average, corrected": _average(_corrected),
    "affinity, plain": _affinity(_plain),
    "affinity, corrected": _affinity(_corrected),
}


if __name__ == "__main__":
    main()
