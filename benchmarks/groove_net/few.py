"""How right a head from few songs is, on students that heard nothing by the artists it is judged on.

    python benchmarks/groove_net/few.py WORK STUDENTS --music MUSIC --teachers TEACHERS [--draws 3] [--mfcc]

As `judge.py` otherwise: for each fold, heads are fitted to songs drawn from the other folds, whose sound
the fold's student has heard, and judged on the songs of the fold. `--mfcc` puts a support vector machine
on MFCC statistics beside it, of the same songs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from fit import Heard, load, mean_found
from judge import student
from music import GENRES, N_FOLDS, arguments, folds, of_library
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from groovecli.models.groove_net import GrooveNet

sys.path.append(str(Path(__file__).parents[1]))
from learners import fit_head, fit_svm, mfccs

FIVE = ("classical", "electronic", "jazz", "rap", "rock")
ROWS = ((5, GENRES), (10, GENRES), (20, GENRES), (50, FIVE))

Indices = NDArray[np.intp]
Table = NDArray[np.float64]


def drawn(labels: NDArray[np.int64], pool: Indices, n: int, rng: np.random.Generator) -> Indices:
    """n songs of each genre, or all there are."""
    parts = [rng.permutation(pool[labels[pool] == genre])[:n] for genre in np.unique(labels[pool])]
    return np.concatenate(parts)


def main() -> None:
    """Print accuracy and macro-F1 for each number of songs."""
    parser = arguments(__doc__, "students", "--music", "--teachers")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--mfcc", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    songs = of_library(asked.music)
    fold_of = folds(songs)
    songs = [piece for piece in songs if piece.genre in GENRES]
    heard = load(asked.work, songs)
    labels, artists = heard.labels, heard.artists
    fold = np.array([fold_of[key] for key in heard.keys])
    students = [student(asked.students / f"fold-{k}.safetensors", asked.teachers) for k in range(N_FOLDS)]
    tables = [_vectors(heard, network) for network in students]
    ways: dict[str, Callable[[int, Indices, Indices], Indices]] = {
        "transfer": lambda k, train, test: fit_head(
            tables[k][train], labels[train], artists[train]
        ).predict(tables[k][test])
    }
    if asked.mfcc:
        statistics = np.stack([mfccs(piece.path) for piece in songs])
        ways["mfcc-svm"] = lambda _, train, test: fit_svm(statistics[train], labels[train]).predict(
            statistics[test]
        )
    for n, genres in ROWS:
        wanted = np.isin(labels, [GENRES.index(genre) for genre in genres])
        for name, guess_of in ways.items():
            figures = []
            for draw in range(asked.draws):
                rng, guess = np.random.default_rng(draw), np.full(len(labels), -1)
                for k in range(N_FOLDS):
                    pool, test = (np.flatnonzero(wanted & side) for side in (fold != k, fold == k))
                    guess[test] = guess_of(k, drawn(labels, pool, n, rng), test)
                truth, said = labels[wanted], guess[wanted]
                figures.append(((truth == said).mean(), f1_score(truth, said, average="macro")))
            (accuracy, f1), spread = np.mean(figures, axis=0), np.std(figures, axis=0)[0]
            what = f"{name:9} {n:2} songs of {len(genres):2} genres"
            print(f"{what}: {accuracy:.3f} (+-{spread:.3f}) F1 {f1:.3f}", flush=True)


@torch.inference_mode()
def _vectors(heard: Heard, network: GrooveNet) -> Table:
    """The embedding of each song by one student."""
    found = mean_found(heard, network.squares.sums.numpy())
    embedded: Table = network.embed(network.standard(torch.from_numpy(found).float())).numpy()
    return embedded.astype(float)


if __name__ == "__main__":
    main()
