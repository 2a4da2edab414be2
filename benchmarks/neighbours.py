"""How right a song's nearest songs are, by several corrections of "hubs": songs that are near to all.

    groove embed MUSIC --out songs.npz
    python benchmarks/neighbours.py songs.npz [--first D] [--only NAME ...]

Prints for each correction: the share of a song's ten nearest songs by other artists that are of its
genre, in per cent, with an interval of 95 % by bootstrap over artists; the difference to plain distances,
of the same songs; how many songs are in nobody's ten nearest; in how many such lists one song is.
Genres are the songs' folders, artists their tags or the part of a file's name before " - ".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import songs
from groovecli.audio.tag_reading import read_tags
from groovecli.audio.tags import Tags
from groovecli.playlists.picks import artist_of
from groovecli.playlists.proximity import distances_between, mutual_farness, unit

Floats = NDArray[np.float64]

_N = 10  # nearest songs
_DRAWS = 1000
_K = 10  # neighbours that are a song's surroundings


def main() -> None:
    """Measure each correction on one table of vectors."""
    parser = songs.program(__doc__)
    parser.add_argument("vectors", type=Path, help="what `groove embed` wrote")
    parser.add_argument("--first", metavar="D", type=int, help="take the first D numbers of each vector")
    parser.add_argument("--only", metavar="NAME", action="append", choices=CORRECTIONS, help="these alone")
    asked = parser.parse_args()
    with np.load(asked.vectors) as file:
        vectors = file["vectors"][:, : asked.first].astype(np.float64)
        paths = [Path(str(path)) for path in file["paths"]]
    genres, artists = genres_and_artists(paths)
    names = asked.only or list(CORRECTIONS)
    plain = precisions(distances_between(vectors, vectors, "cosine"), genres, artists)
    print(f"{len(vectors)} songs of {artists.max() + 1} artists, vectors of {vectors.shape[1]} numbers")
    print(f"{'':22} right of ten              difference               in no list  in most")
    for name in names:
        farness = CORRECTIONS[name](vectors)
        right = precisions(farness, genres, artists)
        lists = _in_lists(farness)
        print(
            f"{name:22} {figure(right, artists)}  {figure(right - plain, artists, '+')}"
            f"  {(lists == 0).sum():10} {lists.max():8}",
            flush=True,
        )


def genres_and_artists(paths: Sequence[Path]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Numbers of the songs' genres and artists."""
    genres = np.unique([path.parent.name for path in paths], return_inverse=True)[1]
    return genres, np.unique([_artist(path) for path in paths], return_inverse=True)[1]


def _artist(path: Path) -> str:
    tags = read_tags(path) if path.is_file() else Tags()
    return artist_of(tags) or artist_of(Tags(artist=path.stem.partition(" - ")[0])) or str(path)


def precisions(farness: Floats, genres: NDArray[np.intp], artists: NDArray[np.intp]) -> Floats:
    """Share of each song's ten nearest songs by other artists that are of its genre."""
    own = np.where(artists[:, None] == artists[None], np.inf, farness)
    nearest = np.argsort(own, axis=1, kind="stable")[:, :_N]
    found: Floats = (genres[nearest] == genres[:, None]).mean(axis=1)
    return found


def _in_lists(farness: Floats) -> NDArray[np.intp]:
    """In how many songs' ten nearest each song is."""
    own = np.where(np.eye(len(farness), dtype=bool), np.inf, farness)
    nearest = np.argsort(own, axis=1, kind="stable")[:, :_N]
    return np.bincount(nearest.ravel(), minlength=len(farness))


def interval(values: Floats, artists: NDArray[np.intp]) -> tuple[float, float]:
    """95 % of the means by bootstrap over artists, in per cent."""
    sums, counts = np.bincount(artists, values), np.bincount(artists)
    drawn = np.random.default_rng(0).integers(0, len(sums), (_DRAWS, len(sums)))
    low, high = np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [2.5, 97.5])
    return 100 * float(low), 100 * float(high)


def figure(values: Floats, artists: NDArray[np.intp], sign: str = "") -> str:
    """A mean in per cent, with its interval."""
    low, high = interval(values, artists)
    return f"{100 * values.mean():{sign}5.1f} % ({low:{sign}.1f} to {high:{sign}.1f})"


# Corrections: vectors to how far each song is from each


def _plain(vectors: Floats) -> Floats:
    return distances_between(vectors, vectors, "cosine")


def _centred(vectors: Floats) -> Floats:
    """Cosine of what differs from the mean (Suzuki et al. 2013)."""
    own = unit(vectors)
    return _plain(own - own.mean(axis=0))


def _mutual_normal(vectors: Floats) -> Floats:
    return mutual_farness(vectors, "cosine")


def _mutual_counted(vectors: Floats) -> Floats:
    """Mutual proximity with the distances' own distribution: songs that are farther from both, counted."""
    distances = _plain(vectors)
    found = np.empty_like(distances)
    for i, row in enumerate(distances):
        for start in range(0, len(row), 64):  # songs
            some = slice(start, start + 64)
            beyond = (row[None] > row[some, None]) & (distances[some] > row[some, None])
            found[i, some] = 1 - beyond.mean(axis=1)
    return found


def _surroundings(distances: Floats) -> Floats:
    """Mean distance of each song to its nearest ones."""
    found: Floats = np.sort(distances, axis=1)[:, 1 : _K + 1].mean(axis=1)
    return found


def _local_scaling(vectors: Floats) -> Floats:
    """Squared distances against those to the k-th nearest of both (Zelnik-Manor and Perona 2004)."""
    squares = 2 * _plain(vectors)
    reach = np.sqrt(np.sort(squares, axis=1)[:, _K])
    found: Floats = squares / (reach[:, None] * reach[None])
    return found


def _nicdm(vectors: Floats) -> Floats:
    """Distances against the mean ones to the k nearest of both (Jegou et al. 2007)."""
    distances = _plain(vectors)
    around = _surroundings(distances)
    found: Floats = distances / np.sqrt(around[:, None] * around[None])
    return found


def _csls(vectors: Floats) -> Floats:
    """Twice the distance less the mean ones to the k nearest of both (Conneau et al. 2018)."""
    distances = _plain(vectors)
    around = _surroundings(distances)
    return 2 * distances - around[:, None] - around[None]


def _dissim_local(vectors: Floats) -> Floats:
    """Squared distances less those of both to the mean of their k nearest (Hara et al. 2016)."""
    own, squares = unit(vectors), 2 * _plain(vectors)
    centres = own[np.argsort(squares, axis=1)[:, 1 : _K + 1]].mean(axis=1)
    off = ((own - centres) ** 2).sum(axis=1)
    found: Floats = squares - off[:, None] - off[None]
    return found


CORRECTIONS: dict[str, Callable[[Floats], Floats]] = {
    "none": _plain,
    "centred": _centred,
    "mutual, normal": _mutual_normal,
    "mutual, counted": _mutual_counted,
    "local scaling": _local_scaling,
    "NICDM": _nicdm,
    "CSLS": _csls,
    "DisSim local": _dissim_local,
}


if __name__ == "__main__":
    main()
