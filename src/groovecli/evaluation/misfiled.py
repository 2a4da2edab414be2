"""Songs that are likely in the wrong genre, by heads that have seen no song of their artists.

Confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70, section 3.1): each genre has a threshold, the
mean probability that songs labelled so get for it. A song whose probability of another genre reaches that
genre's threshold is likely an error, if that genre is likelier than its own one. So is a song whose own
genre is next to impossible, whether or not another genre is sure. Songs are ranked by how much likelier the
best other genre is than their own: the logarithm of the two probabilities' ratio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from groovecli.training.head import Labels, Vectors, out_of_fold

_TIMES = 4
_IMPOSSIBLE = 0.01  # probability of its own genre below which a song is in doubt, whatever else it may be
_SURE = 0.5  # a genre that is likelier than all others together; thresholds of few songs are low
_ONCE_FROM = 20_000  # songs: of so many, one division into folds says as much


@dataclass(frozen=True)
class Doubt:
    """A song, and how likely another genre fits it better.

    place : int
        Which of the songs it is.
    label, guess : int
        Its genre, and the likeliest other one.
    own, confidence : float [range=0..1]
        Calibrated probabilities of these two.
    is_likely : bool
        Whether it is counted as an error.
    is_sure : bool
        Whether the likeliest other genre is sure enough to put the song there: likelier than its own one,
        and as likely as for songs labelled so.
    """

    place: int
    label: int
    guess: int
    own: float
    confidence: float
    is_likely: bool
    is_sure: bool


@dataclass(frozen=True)
class Doubts:
    """All songs that could be judged, the most doubtful first; `unjudged` are the places of the others."""

    ranking: tuple[Doubt, ...]
    unjudged: tuple[int, ...]

    @property
    def n_likely(self) -> int:
        """How many songs are likely errors."""
        return sum(doubt.is_likely for doubt in self.ranking)


def judgeable(labels: Labels, groups: Sequence[str], n_genres: int) -> NDArray[np.bool_]:
    """Which genres have songs of two groups [shape=(genres,)]: the others' songs can't be judged."""
    pairs = set(zip(labels.tolist(), groups, strict=True))
    n_groups = np.bincount([label for label, _ in pairs], minlength=n_genres)
    return n_groups >= 2


def doubts(
    vectors: Vectors, labels: Labels, groups: Sequence[str], n_genres: int, *, seed: int = 0
) -> Doubts:
    """Rank songs by how likely another genre than their own fits them.

    Parameters
    ----------
    vectors : np.ndarray [shape=(n, dim)]
    labels : np.ndarray [shape=(n,)]
        Numbers of their genres; two genres or more are judgeable.
    groups : sequence of str
        Of songs that must not tell of each other: their artists.
    """
    can = judgeable(labels, groups, n_genres)
    inside = np.flatnonzero(can[labels])
    numbers = np.cumsum(can) - 1  # of the genres that can be judged
    own_groups = [groups[place] for place in inside.tolist()]
    n_times = _TIMES if len(inside) < _ONCE_FROM else 1
    probabilities = out_of_fold(
        vectors[inside], numbers[labels[inside]], own_groups, int(can.sum()), n_times=n_times, seed=seed
    )
    judged = ~np.isnan(probabilities[:, 0])
    ranking = _ranked(probabilities[judged], numbers[labels[inside[judged]]])
    genres, places = np.flatnonzero(can), inside[judged]
    ranked = tuple(
        replace(
            doubt,
            place=int(places[doubt.place]),
            label=int(genres[doubt.label]),
            guess=int(genres[doubt.guess]),
        )
        for doubt in ranking
    )
    others = np.setdiff1d(np.arange(len(labels)), places)
    return Doubts(ranked, tuple(others.tolist()))


def _ranked(probabilities: Vectors, labels: Labels) -> list[Doubt]:
    """A doubt of each row, the most doubtful first."""
    rows = np.arange(len(labels))
    own = probabilities[rows, labels]
    others = probabilities.copy()
    others[rows, labels] = -1
    guess = others.argmax(axis=1)
    confidence = others[rows, guess]
    tiny = np.finfo(np.float64).tiny
    order = np.lexsort((rows, np.log(own + tiny) - np.log(confidence + tiny)))
    thresholds = _thresholds(probabilities, labels)
    is_better = confidence > own
    likely = is_better & (_is_elsewhere(probabilities, labels, thresholds) | (own < _IMPOSSIBLE))
    sure = is_better & (confidence >= np.maximum(thresholds[guess], _SURE))
    return [
        Doubt(
            i,
            int(labels[i]),
            int(guess[i]),
            float(own[i]),
            float(confidence[i]),
            bool(likely[i]),
            bool(sure[i]),
        )
        for i in order.tolist()
    ]


def _thresholds(probabilities: Vectors, labels: Labels) -> Vectors:
    """The mean probability of each genre for songs labelled so."""
    n_genres = probabilities.shape[1]
    return np.array(
        [probabilities[labels == g, g].mean() if (labels == g).any() else np.inf for g in range(n_genres)]
    )


def _is_elsewhere(probabilities: Vectors, labels: Labels, thresholds: Vectors) -> NDArray[np.bool_]:
    """Whether the likeliest of the genres whose thresholds a song reaches is another than its own."""
    reached = np.where(probabilities >= thresholds, probabilities, -1)
    best = reached.argmax(axis=1)
    found: NDArray[np.bool_] = (reached.max(axis=1) > 0) & (best != labels)
    return found
