"""How far a model's confidence can be believed: temperature, calibration, coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

_COLDEST, _HOTTEST = 0.05, 20.0
N_BINS = 10


@dataclass(frozen=True)
class Bin:
    """Songs of about the same confidence: their mean confidence, and the share that is right."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True)
class Coverage:
    """What share of the songs is at least so confident, and what share of these is right.

    Arrays have one entry a song, the most confident first.
    """

    confidence: NDArray[np.float64]
    covered: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def fit_temperature(logits: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """The temperature that makes the log-likelihood of held-out songs largest.

    Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", section 4.2. Logits are
    to be divided by it, which changes no guess. One song more, of any genre, is imagined to be among
    them (as Platt did), so that a few that are all right don't make it sure of everything.

    Parameters
    ----------
    logits : np.ndarray [shape=(n, genres)]
        Of songs that were not trained on.
    truth : np.ndarray [shape=(n,)]
        Numbers of their genres.

    Returns
    -------
    temperature : float in [0.05, 20]; 1 where there is nothing to fit it to
    """
    if not len(truth):
        return 1.0
    rows, doubt = np.arange(len(truth)), 1 / (len(truth) + 1)

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float((1 - doubt) * scaled[rows, truth].mean() + doubt * scaled.mean())

    bounds = np.log(_COLDEST), np.log(_HOTTEST)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def reliability(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], n_bins: int = N_BINS
) -> tuple[Bin, ...]:
    """Songs in bins of equal mass, the least confident first; no bin is empty."""
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, n_bins) if len(part)]
    return tuple(Bin(float(confidence[p].mean()), float(right[p].mean()), len(p)) for p in parts)


def expected_calibration_error(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], n_bins: int = N_BINS
) -> float:
    """Mean gap between confidence and accuracy over bins of equal mass, in [0, 1]; NaN of nothing."""
    if not len(confidence):
        return float("nan")
    bins = reliability(confidence, right, n_bins)
    return sum(b.n * abs(b.confidence - b.accuracy) for b in bins) / len(confidence)


def coverage(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> Coverage:
    """Accuracy of the most confident share of the songs, for every share."""
    order = np.argsort(-confidence, kind="stable")
    n = np.arange(1, len(order) + 1)
    return Coverage(
        confidence[order].astype(np.float64), n / max(len(order), 1), np.cumsum(right[order]) / n
    )
