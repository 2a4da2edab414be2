"""How right a classifier is: accuracy, F1, confusion, and how sure one can be of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_fscore_support

N_RESAMPLES = 2000
_TAIL = 0.025  # of each side of a 95 % interval
_Z = 1.959964  # standard deviations from the mean to such a tail of the normal distribution


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
    """Accuracy and macro-F1 with 95 % intervals.

    They are made by bootstrap over groups. The accuracy's is `exact_interval` where each group is one
    thing, and where all are right or none, of which no resample differs.

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
    right = _interval(_accuracies(whole), _accuracies(resampled))
    if n_groups == len(truth) or right.value in (0.0, 1.0):
        right = exact_interval(round(right.value * n_groups), n_groups)
    return Scores(
        accuracy=right,
        macro_f1=_interval(_macro_f1s(whole), _macro_f1s(resampled)),
        n=len(truth),
    )


def exact_interval(n_right: int, n: int) -> Interval:
    """The share of `n` > 0 things that is right, and its interval (Clopper & Pearson 1934).

    In at least 95 % of cases it holds the true share, and it is one of all right or none, too.
    """
    low = float(betaincinv(n_right, n - n_right + 1, _TAIL)) if n_right else 0.0
    high = float(betaincinv(n_right + 1, n - n_right, 1 - _TAIL)) if n_right < n else 1.0
    return Interval(n_right / n, low, high)


def chance_of_at_least(n_right: int, n: int, share: float) -> float:
    """How likely `n_right` or more of `n` are right, if each is with a probability of `share` in [0, 1]."""
    return float(betainc(n_right, n - n_right + 1, share)) if n_right else 1.0


def paired_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Interval:
    """How far the share of `first` that is right is above that of `second`, and its interval.

    Both are of the same things [shape=(n > 0,)], so that what is hard for both counts less than by
    `difference`. The interval has a width where they agree in all, too (Newcombe 1998, paired method 10).
    """
    n = len(first)
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    a, b = (_wilson(both + only, n) for only in (only_first, only_second))
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    product = both * neither - only_first * only_second
    excess = max(product - n / 2, 0.0) if product > 0 else product
    alike = excess / math.sqrt(margins) if margins else 0.0

    def reach(x: float, y: float) -> float:
        return math.sqrt(max(x * x - 2 * alike * x * y + y * y, 0.0))

    gap = (only_first - only_second) / n
    below = reach(a.value - a.low, b.high - b.value)
    above = reach(a.high - a.value, b.value - b.low)
    return Interval(gap, max(gap - below, -1.0), min(gap + above, 1.0))


def _wilson(n_right: int, n: int) -> Interval:
    """A share and its score interval (Wilson 1927), of which Newcombe makes that of a difference."""
    share, z2 = n_right / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low, high = max(middle - reach, 0.0), min(middle + reach, 1.0)
    return Interval(share, min(low, share), max(high, share))


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
