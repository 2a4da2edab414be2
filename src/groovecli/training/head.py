"""A layer of genres, computed directly instead of by gradient descent."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from groovecli.models.pooling import means
from groovecli.models.temperature import fit_temperature

_USUAL = 0.4  # of the scatter within genres is made a sphere's


_OTHERS = (0.05, 0.1, 0.2, 0.6, 0.8)


_MOST_FOLDS = 5


Vectors = NDArray[np.float64]


Labels = NDArray[np.int64]


Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


@dataclass(frozen=True)
class Head:
    """A linear layer that names genres, and its figures from cross-validation.

    Weight and bias are divided by a temperature, fitted on songs outside the folds' heads. So the
    probabilities are realistic, and so are the distances between songs that they add to vectors.

    weight : np.ndarray [shape=(genres, dim)]
    bias : np.ndarray [shape=(genres,)]
    accuracy, loss : float, optional
        Share of such songs that are right, and their mean negative log-likelihood.
    training_accuracy, training_loss : float
        The same of the songs that it was fitted to.
    held_out : np.ndarray [shape=(n,)]
        For each song, the number of the genre that a head names which has not seen it; -1 where there
        is none.
    """

    weight: Vectors
    bias: Vectors
    accuracy: float | None
    loss: float | None
    training_accuracy: float
    training_loss: float
    held_out: Labels


def fit_head(
    vectors: Vectors, labels: Labels, groups: Sequence[str], n_genres: int, *, seed: int = 0
) -> Head:
    """Fit a head to songs' vectors; every genre counts the same, whatever its number of songs.

    Parameters
    ----------
    vectors : np.ndarray [shape=(n, dim)]
    labels : np.ndarray [shape=(n,)]
        Numbers of the songs' genres; each genre has a song.
    groups : sequence of str
        Of songs that must not stand on both sides of a fold: their artists.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # with another job on the cores, several threads take many times as long
        return _head(vectors, labels, _folds(labels, groups, n_genres, seed), n_genres)


def out_of_fold(
    vectors: Vectors,
    labels: Labels,
    groups: Sequence[str],
    n_genres: int,
    *,
    n_times: int = 1,
    seed: int = 0,
) -> Vectors:
    """Calibrated probabilities of songs' genres by heads that have seen no song of their groups.

    Parameters
    ----------
    vectors, labels, groups, n_genres
        As `fit_head` takes them; each genre has songs of two groups.
    n_times : int
        Divisions into folds, over which the logits are averaged.

    Returns
    -------
    probabilities : np.ndarray [shape=(n, genres)]; NaN of a song whose own genre no head has seen
    """
    from threadpoolctl import threadpool_limits

    sums, counts = np.zeros((2, len(labels), n_genres))
    n_folds = min(_MOST_FOLDS, len(set(groups)), int(np.bincount(labels).max()))
    with threadpool_limits(1):
        for number in range(n_times):
            for train, test in _split(labels, groups, n_folds, seed + number):
                there, own = np.unique(labels[train], return_inverse=True)
                weight, bias = _solved(*_scatter(vectors[train], own), _USUAL)
                sums[np.ix_(test, there)] += vectors[test] @ weight.T + bias
                counts[np.ix_(test, there)] += 1
        logits = np.divide(sums, counts, out=np.full_like(sums, np.inf), where=counts > 0)
        least = logits.min(axis=1, keepdims=True)
        logits = np.where(counts > 0, logits, least)
        logits /= logits.std() or 1.0  # those of few songs are far larger than any temperature
        judged = counts[np.arange(len(labels)), labels] > 0
        temperature = fit_temperature(logits[judged], labels[judged])
    probabilities: Vectors = softmax(logits / temperature, axis=1)
    probabilities[~judged] = np.nan
    return probabilities


def _head(vectors: Vectors, labels: Labels, folds: Folds, n_genres: int) -> Head:
    shrinkage, temperature, accuracy, loss = _USUAL, 1.0, None, None
    held_out = np.full(len(labels), -1)
    if folds:
        seen = np.concatenate([test for _, test in folds])
        by_shrinkage = {
            s: logits[seen] for s, logits in _out_of_fold(vectors, labels, folds, n_genres).items()
        }
        shrinkage = _best(by_shrinkage, labels[seen])
        logits, truth = by_shrinkage[shrinkage], labels[seen]
        temperature = fit_temperature(logits, truth)
        accuracy, loss = _accuracy(logits, truth), _loss(logits, truth, temperature)
        held_out[seen] = logits.argmax(axis=1)
    solved = _solved(*_scatter(vectors, labels), shrinkage)
    weight, bias = (part / temperature for part in solved)
    logits = vectors @ weight.T + bias
    training = _accuracy(logits, labels), _loss(logits, labels, 1.0)
    return Head(weight, bias, accuracy, loss, *training, held_out)


def _best(by_shrinkage: Mapping[float, Vectors], truth: Labels) -> float:
    """The shrinkage with the fewest errors, or the usual one if the difference may be chance.

    It has to beat the usual one by more than a standard error of the difference: among a thousand songs
    hardly any does, and what they choose is then worse for others.
    """
    right = {s: (logits.argmax(axis=1) == truth).astype(float) for s, logits in by_shrinkage.items()}
    best = max(right, key=lambda s: right[s].mean())
    gain = right[best] - right[_USUAL]
    return best if gain.mean() > gain.std() / np.sqrt(len(truth)) else _USUAL


def _loss(logits: Vectors, truth: Labels, temperature: float) -> float:
    """Mean negative log-likelihood."""
    log_probabilities = log_softmax(logits / temperature, axis=1)
    return -float(log_probabilities[np.arange(len(truth)), truth].mean())


def _accuracy(logits: Vectors, truth: Labels) -> float:
    return float((logits.argmax(axis=1) == truth).mean())


def _folds(labels: Labels, groups: Sequence[str], n_genres: int, seed: int) -> Folds:
    """Training and test songs of each fold; only folds whose training side has every genre."""
    artists = Counter(label for label, _ in set(zip(labels.tolist(), groups, strict=True)))
    n_folds = min(_MOST_FOLDS, *(artists[genre] for genre in range(n_genres)))
    if n_folds < 2:
        return []
    folds = _split(labels, groups, n_folds, seed)
    return [(train, test) for train, test in folds if len(np.unique(labels[train])) == n_genres]


def _split(labels: Labels, groups: Sequence[str], n_folds: int, seed: int) -> Folds:
    """Training and test songs of each fold, the genres spread over them, a group in one alone."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "The least populated class", UserWarning
        )  # which is no fault here
        return list(splitter.split(labels, labels, list(groups)))


def _out_of_fold(vectors: Vectors, labels: Labels, folds: Folds, n_genres: int) -> dict[float, Vectors]:
    """The logits of each fold's songs by heads fitted to the others', for each shrinkage."""
    by_shrinkage = {s: np.zeros((len(labels), n_genres)) for s in (_USUAL, *_OTHERS)}
    for train, test in folds:
        centres, scatter = _scatter(vectors[train], labels[train])
        for shrinkage, logits in by_shrinkage.items():
            weight, bias = _solved(centres, scatter, shrinkage)
            logits[test] = vectors[test] @ weight.T + bias
    return by_shrinkage


def _scatter(vectors: Vectors, labels: Labels) -> tuple[Vectors, Vectors]:
    """The genres' centres (genres, dim), and the scatter of all songs about their centres (dim, dim)."""
    centres = means(vectors, labels)
    inside = vectors - centres[labels]
    return centres, inside.T @ inside / len(vectors)


def _solved(centres: Vectors, scatter: Vectors, shrinkage: float) -> tuple[Vectors, Vectors]:
    """Weight and bias of the discriminant, with the scatter shrunk towards a sphere of its size."""
    dim = len(scatter)
    sphere = (np.trace(scatter) / dim or 1.0) * np.eye(dim)
    covariance = (1 - shrinkage) * scatter + shrinkage * sphere
    weight = np.linalg.solve(covariance, centres.T).T.astype(np.float64)
    return weight, -(centres * weight).sum(axis=1) / 2
