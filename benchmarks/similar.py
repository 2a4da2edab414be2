"""Milliseconds until the songs nearest to one are found, among n songs whose vectors are made up.

    python benchmarks/similar.py [--songs N ...] [--folder FOLDER]

Vectors of 730 numbers are sums of a genre's, an artist's and a song's own; they differ as much in each
direction as groove-net's vectors of 971 songs. They are written to the disk as the catalogue has them.
Prints the seconds of the processor that opening takes, the milliseconds of a search (the median and the
slowest of twenty), and whether it found what a comparison with all songs finds. One core.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.library.answers import VectorRows
from groovecli.library.matrices import Matrix, scaled
from groovecli.playlists.nearest import nearest
from groovecli.playlists.proximity import Library
from rounds import Figure, report, with_rows
from songs import program

MOST_MS = 50.0
_SEARCHES, _WANTED = 20, 25
_BANDS = (8, 8, 16, 32, 64, 128, 474)  # principal directions of groove-net's vectors of 971 songs
_VARIANCES = (
    0.063,
    0.0126,
    0.0043,
    0.0021,
    0.0012,
    0.0007,
    0.00019,
)  # share of the variance in each of them
_DIM = sum(_BANDS)
_GENRES, _GENRE_DIRECTIONS, _PER_ARTIST = 40, 16, 20
_OF_ARTIST, _OF_SONG = 0.75, 0.65
_TOGETHER = 20_000


def main() -> None:
    """Make vectors of each size, open them, search."""
    parser = with_rows(program(__doc__))
    parser.add_argument("--songs", metavar="N", type=int, nargs="+", default=[10_000, 100_000, 400_000])
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help="where to keep the vectors meanwhile")
    asked = parser.parse_args()
    figures = []
    for n in asked.songs:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            figures.append(measure(made(Path(folder), n)))
    report(figures, asked.rows)


def made(folder: Path, n: int) -> VectorRows:
    """Vectors of n songs on the disk."""
    rng = np.random.default_rng(0)
    sizes = np.sqrt(np.repeat(_VARIANCES, _BANDS)).astype(np.float32)
    in_genre = np.arange(_DIM) < _GENRE_DIRECTIONS
    genres = rng.normal(size=(_GENRES, _DIM)).astype(np.float32) * in_genre * sizes
    artists = genres[rng.integers(0, _GENRES, max(1, n // _PER_ARTIST))]
    artists += rng.normal(size=artists.shape).astype(np.float32) * sizes * _OF_ARTIST
    mean = rng.normal(size=_DIM).astype(np.float32) * sizes * 0.5
    matrix, exponents = Matrix(folder / "made.f16", _DIM), []
    for start in range(0, n, _TOGETHER):
        m = min(_TOGETHER, n - start)
        own = rng.normal(size=(m, _DIM)).astype(np.float32) * sizes * _OF_SONG
        kept = scaled(mean + artists[rng.integers(0, len(artists), m)] + own)
        matrix.write(start, kept.halves)
        exponents.append(kept.exponents)
    return VectorRows(matrix, np.arange(n), np.concatenate(exponents))


def measure(rows: VectorRows) -> Figure:
    """Print what opening and searching take; the searches' times are given."""
    began = time.process_time()
    library = Library(rows, "cosine")
    library.open()
    opened_s = time.process_time() - began
    list(islice(library.ranked(rows[:1][0]), 1))  # what a first search imports
    asked = np.random.default_rng(1).integers(0, len(rows), _SEARCHES)
    took, right = [], 0
    for place in asked:
        vector = rows[np.array([place])][0]
        began = time.process_time()
        list(islice(library.ranked(vector, is_inside=True), _WANTED))
        took.append(1000 * (time.process_time() - began))
        found = library.search(vector)(_WANTED).places[0]
        right += int((found == _all_compared(rows, vector)).all()) if place in asked[:3] else 0
    print(
        f"{len(rows):,} songs: opened in {opened_s:.2f} s, {_WANTED} nearest in {np.median(took):.1f} ms"
        f" (slowest {max(took):.1f} ms); {right} of 3 as by all songs",
        flush=True,
    )
    return Figure(f"{_WANTED} nearest of {len(rows):,} songs", tuple(took), "ms", at_most=MOST_MS)


def _all_compared(rows: VectorRows, vector: NDArray[np.float32]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = nearest(rows, vector[None], k=_WANTED).places[0]
    return found


if __name__ == "__main__":
    main()
