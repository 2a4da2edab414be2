"""How right groove-net is at each confidence, for `groove tag`: written beside it, into its test.json.

Heads are fitted to the vectors of its training songs (`songs.npz`) in five folds by artist, four times.
Each song is named by heads that have seen no song of its artist. These heads name 68.8 % right, where the
students of `judge.py` name 70.9 %, so the curve promises a little less than it could.

    python benchmarks/groove_net/curve.py            prints the curve
    python benchmarks/groove_net/curve.py --write    also writes it
"""

from __future__ import annotations

import argparse

import numpy as np

from groovecli.evaluation.calibration import Calibration, calibration
from groovecli.files import read_json, write_json
from groovecli.home import shipped
from groovecli.models.memory import read_memory
from groovecli.models.tested import BY_GENRE, CURVE, TEST
from groovecli.training.head import out_of_fold

FOLDER = shipped("pretrained") / "groove-net"
_DIM = 720


def measured() -> dict[str, Calibration]:
    """The figures of songs named by heads that have not seen their artists: of all (""), of each genre."""
    memory = read_memory(FOLDER, _DIM)
    assert memory is not None
    genres = tuple(sorted({str(genre) for genre in memory.genres}))
    labels = memory.labels(genres)
    probabilities = out_of_fold(
        memory.vectors.astype(np.float64), labels, memory.artists.tolist(), len(genres), n_times=4
    )
    confidence, guess = probabilities.max(axis=1), probabilities.argmax(axis=1)
    right = guess == labels
    named = {genre: guess == number for number, genre in enumerate(genres)} | {"": guess >= 0}
    return {
        genre: calibration(confidence[rows], right[rows]) for genre, rows in named.items() if rows.any()
    }


def rows_of(found: Calibration) -> list[list[float]]:
    """The curve, as the file has it."""
    return [[round(confidence, 4), n, round(accuracy, 4)] for confidence, n, accuracy in found.rows]


def main() -> None:
    """Print the curve, and write it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    by_genre = measured()
    found = by_genre.pop("")
    print(f"expected calibration error {found.error:.3f}")
    for confidence, n, accuracy in found.rows:
        print(f"confidence {confidence:.3f} or more: {n:4} songs, {accuracy:.1%} right")
    if write:
        test = read_json(FOLDER / TEST)
        own = {genre: rows_of(each) for genre, each in by_genre.items()}
        write_json(FOLDER / TEST, test | {CURVE: rows_of(found), BY_GENRE: own})


if __name__ == "__main__":
    main()
