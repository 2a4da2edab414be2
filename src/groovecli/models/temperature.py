"""The temperature that makes a model's confidence fit songs that it has not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

_COLDEST, _HOTTEST = 0.05, 20.0


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
