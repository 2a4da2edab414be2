"""How many songs per genre groove-net needs, for artists that are in no training songs.

    python benchmarks/groove_net/few.py WORK STUDENTS --music MUSIC --teachers TEACHERS [--draws 3] \\
        [--ways transfer,mfcc-svm,time-cnn]

As `judge.py` otherwise: for each fold, heads are fitted to songs drawn from the other folds, whose sound
the fold's student has heard, and judged on the songs of the fold. `mfcc-svm` is a support vector machine
on MFCC statistics, `time-cnn` a network trained from scratch, for the paper's 100 epochs; both learn
from the same songs. Songs that are too short for a window of time-cnn count as not known by it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import torch
from fit import Heard, load
from judge import student
from music import GENRES, N_FOLDS, Piece, arguments, folds, of_library
from numpy.typing import NDArray

from groovecli.evaluation.metrics import scores
from groovecli.networks.groove_net import GrooveNet

sys.path.append(str(Path(__file__).parents[1]))
from learners import Spectrograms, fit_head, fit_svm, learn_and_guess, mfccs, spectrograms

FIVE = ("classical", "electronic", "jazz", "rap", "rock")
ALL = 1000  # more than there are
ROWS = ((5, GENRES), (10, GENRES), (20, GENRES), (50, FIVE), (ALL, GENRES))
NOT_KNOWN = len(GENRES)  # a guess that is never right
_MINUTES = 60.0  # time-cnn ends long before

Indices = NDArray[np.intp]
Table = NDArray[np.float64]
Way = Callable[[int, Indices, Indices], Indices]
"""Guesses for a fold's test songs by what is learnt from its training songs."""


def drawn(labels: NDArray[np.int64], pool: Indices, n: int, rng: np.random.Generator) -> Indices:
    """n songs of each genre, or all there are."""
    parts = [rng.permutation(pool[labels[pool] == genre])[:n] for genre in np.unique(labels[pool])]
    return np.concatenate(parts)


def by_transfer(heard: Heard, students: Path, teachers: Path) -> Way:
    """What `groove train --model transfer` fits to each fold's student's embeddings."""
    networks = [student(students / f"fold-{k}.safetensors", teachers) for k in range(N_FOLDS)]
    tables = [_vectors(heard, network) for network in networks]

    def guess(k: int, train: Indices, test: Indices) -> Indices:
        head = fit_head(tables[k][train], heard.labels[train], heard.artists[train])
        return head.predict(tables[k][test])

    return guess


def by_mfcc(songs: list[Piece], labels: NDArray[np.int64]) -> Way:
    """A support vector machine on MFCC statistics."""
    table = np.stack([mfccs(piece.path) for piece in songs])
    return lambda _, train, test: fit_svm(table[train], labels[train]).predict(table[test])


def by_time_cnn(cached: Spectrograms, songs: list[Piece]) -> Way:
    """time-cnn, from scratch."""
    ids, long_enough = [piece.key for piece in songs], {clip.track_id for clip in cached.clips}

    def guess(_: int, train: Indices, test: Indices) -> Indices:
        said, usable = np.full(len(test), NOT_KNOWN), np.array([ids[i] in long_enough for i in test])
        names = learn_and_guess(cached, ids, _MINUTES, 0, train, test[usable])
        said[usable] = [GENRES.index(name) for name in names]
        return said

    return guess


def measure(way: Way, labels: NDArray[np.int64], fold: NDArray[np.int64], n: int, n_draws: int) -> str:
    """Accuracy and macro-F1 of a way with n songs per genre: the mean over the draws."""
    figures = []
    for draw in range(n_draws):
        rng, guess = np.random.default_rng(draw), np.full(len(labels), -1)
        for k in range(N_FOLDS):
            pool, test = (np.flatnonzero((labels >= 0) & side) for side in (fold != k, fold == k))
            guess[test] = way(k, drawn(labels, pool, n, rng), test)
        known = np.flatnonzero(labels >= 0)
        found = scores(labels[known], guess[known], known, NOT_KNOWN + 1)
        parts = found.accuracy, found.macro_f1
        figures.append([value for part in parts for value in (part.value, part.low, part.high)])
    right, low, high, f1, f1_low, f1_high = np.mean(figures, axis=0)
    spread = np.std(figures, axis=0)[0]
    accuracy = f"{right:.3f} ({low:.3f}-{high:.3f}, draws +-{spread:.3f})"
    return f"{accuracy}  F1 {f1:.3f} ({f1_low:.3f}-{f1_high:.3f})"


def main() -> None:
    """Print accuracy and macro-F1 for each number of songs."""
    parser = arguments(__doc__, "students", "--music", "--teachers")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--ways", default="transfer,mfcc-svm")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    songs = of_library(asked.music)
    fold_of = folds(songs)
    songs = [piece for piece in songs if piece.genre in GENRES]
    heard = load(asked.work, songs)
    fold = np.array([fold_of[key] for key in heard.keys])
    with ExitStack() as held:
        makers: dict[str, Callable[[], Way]] = {
            "transfer": lambda: by_transfer(heard, asked.students, asked.teachers),
            "mfcc-svm": lambda: by_mfcc(songs, heard.labels),
            "time-cnn": lambda: by_time_cnn(
                held.enter_context(spectrograms(asked.music, GENRES, jobs=1)), songs
            ),
        }
        ways = {name: makers[name]() for name in asked.ways.split(",")}
        for n, genres in ROWS:
            wanted = np.isin(heard.labels, [GENRES.index(genre) for genre in genres])
            labels = np.where(wanted, heard.labels, -1)
            for name, way in ways.items():
                figures = measure(way, labels, fold, n, asked.draws if n < ALL else 1)
                print(f"{name:9} {n:4} songs of {len(genres):2} genres: {figures}", flush=True)


@torch.inference_mode()
def _vectors(heard: Heard, network: GrooveNet) -> Table:
    """The embedding of each song by one student."""
    found = torch.from_numpy(heard.as_they_are()).float()
    vectors: Table = network.embed(network.standard(found)).numpy().astype(float)
    return vectors


if __name__ == "__main__":
    main()
