"""How right a classifier is: accuracy, F1, confusion, and how sure one can be of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_fscore_support

N_RESAMPLES = 2000


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class GenreScore:
    """How one genre fares; `support` is how many there are of it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Scores:
    """Accuracy and macro-F1 over `n` things, each with its interval."""

    accuracy: Interval
    macro_f1: Interval
    n: int


def accuracy(truth: NDArray[Any], guess: NDArray[Any]) -> float:
    """Share of guesses that are right, in [0, 1]; NaN of nothing."""
    return float(np.mean(truth == guess)) if len(truth) else float("nan")


def confusion(truth: NDArray[np.int64], guess: NDArray[np.int64], n_genres: int) -> NDArray[np.int64]:
    """Counts [shape=(n_genres, n_genres)]: row is the true genre, column the guess."""
    counts: NDArray[np.int64] = confusion_matrix(truth, guess, labels=np.arange(n_genres))
    return counts


def per_genre(
    truth: NDArray[np.int64], guess: NDArray[np.int64], genres: Sequence[str]
) -> dict[str, GenreScore]:
    """Precision, recall, F1 and support of each genre, all in [0, 1] but the last."""
    columns = precision_recall_fscore_support(truth, guess, labels=np.arange(len(genres)), zero_division=0)
    rows = zip(*columns, strict=True)
    return {
        genre: GenreScore(float(p), float(r), float(f1), int(n))
        for genre, (p, r, f1, n) in zip(genres, rows, strict=True)
    }


def average_precision(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Mean over the genres that occur of the area under their precision-recall curves, in [0, 1].

    Parameters
    ----------
    truth : np.ndarray [shape=(n,)]
        Numbers of genres.
    probabilities : np.ndarray [shape=(n, genres)]
        How likely each genre is.
    """
    areas = [average_precision_score(truth == genre, probabilities[:, genre]) for genre in np.unique(truth)]
    return float(np.mean(areas))


def scores(
    truth: NDArray[np.int64],
    guess: NDArray[np.int64],
    groups: NDArray[Any],
    n_genres: int,
    *,
    seed: int = 0,
) -> Scores:
    """Accuracy and macro-F1 with 95 % intervals by bootstrap over groups.

    Parameters
    ----------
    truth, guess : np.ndarray [shape=(n,)]
        Numbers of genres.
    groups : np.ndarray [shape=(n,)]
        What is drawn whole: the song of each clip.
    n_genres : int
        Genres in all; macro-F1 is the mean over those that occur in `truth`.
    """
    _, group = np.unique(groups, return_inverse=True)
    n_groups = int(group.max()) + 1
    counts = np.zeros((n_groups, n_genres, n_genres))
    np.add.at(counts, (group, truth, guess), 1)
    flat = counts.reshape(n_groups, -1)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=N_RESAMPLES)
    resampled = (weights @ flat).reshape(-1, n_genres, n_genres)
    whole = counts.sum(axis=0)[None]
    return Scores(
        accuracy=_interval(_accuracies(whole), _accuracies(resampled)),
        macro_f1=_interval(_macro_f1s(whole), _macro_f1s(resampled)),
        n=len(truth),
    )


def difference(a: Interval, b: Interval) -> Interval:
    """How far `a` is above `b`, two figures of other songs or other models, and its interval.

    It is made of theirs, which are taken for independent (Newcombe 1998, method 10).
    """
    gap = a.value - b.value
    below = math.hypot(a.value - a.low, b.high - b.value)
    above = math.hypot(a.high - a.value, b.value - b.low)
    return Interval(gap, gap - below, gap + above)


def _interval(value: NDArray[np.float64], resampled: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Interval(float(value[0]), float(low), float(high))


def _accuracies(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    right = np.trace(matrices, axis1=1, axis2=2)
    shares: NDArray[np.float64] = right / matrices.sum(axis=(1, 2))
    return shares


def _macro_f1s(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    right = np.diagonal(matrices, axis1=1, axis2=2)
    support, guessed = matrices.sum(axis=2), matrices.sum(axis=1)
    total = support + guessed
    f1 = np.divide(2 * right, total, out=np.zeros_like(right), where=total > 0)
    occurs = support > 0
    means: NDArray[np.float64] = (f1 * occurs).sum(axis=1) / occurs.sum(axis=1)
    return means
