"""How often a song's nearest songs by other artists share its genre, before and after the correction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.evaluation.health.nearby import N_NEAR, NOBODY, Lists, Numbers
from groovecli.evaluation.metrics import Interval

Floats = NDArray[np.float64]
UNKNOWN = -1
"""The number of a genre that isn't known."""
_DRAWS, _AT_ONCE = 1000, 50


@dataclass(frozen=True)
class GenrePrecision:
    """The share of one genre's songs; `by_chance` and `most` as in `Precision`."""

    genre: str
    share: Interval
    by_chance: float
    most: float
    n_songs: int
    n_artists: int


@dataclass(frozen=True)
class Precision:
    """The mean share of a song's ten nearest songs by other artists that are of its genre.

    Parameters
    ----------
    corrected, plain, difference : Interval
        As `groove similar` ranks songs; by distance alone; how much better the first is. 95 %, by
        bootstrap over artists.
    by_chance : float
        The same of ten songs by other artists that are drawn at random.
    most : float
        The most that is possible: below 1 where genres have few songs by other artists.
    n_songs, n_artists : int
        Songs for which it is a question: some songs by others are of the genre, and there are more than
        ten by others.
    genres : tuple of GenrePrecision
        From the best to the worst.
    """

    corrected: Interval
    plain: Interval
    difference: Interval
    by_chance: float
    most: float
    n_songs: int
    n_artists: int
    genres: tuple[GenrePrecision, ...]


def precision(lists: Lists, genres: Numbers, artists: Numbers, names: Sequence[str]) -> Precision | None:
    """Measure lists by other artists; None where it is no question for any song, or of one genre alone.

    Parameters
    ----------
    genres, artists : np.ndarray [shape=(n,)]
        Number of each song's genre, UNKNOWN without one, and of its artist.
    names : sequence of str
        The genres.
    """
    chance, most, counted = _chances(genres, artists, len(names))
    if not counted.any() or len(np.unique(genres[genres != UNKNOWN])) < 2:
        return None
    corrected, plain = (_shares(near, genres)[counted] for near in (lists.corrected, lists.plain))
    own, chance, most = artists[counted], chance[counted], most[counted]
    each = [
        GenrePrecision(
            names[number],
            _mean(corrected[its], own[its]),
            float(chance[its].mean()),
            float(most[its].mean()),
            int(its.sum()),
            len(np.unique(own[its])),
        )
        for number in np.unique(genres[counted]).tolist()
        for its in [genres[counted] == number]
    ]
    return Precision(
        corrected=_mean(corrected, own),
        plain=_mean(plain, own),
        difference=_mean(corrected - plain, own),
        by_chance=float(chance.mean()),
        most=float(most.mean()),
        n_songs=int(counted.sum()),
        n_artists=len(np.unique(own)),
        genres=tuple(sorted(each, key=lambda genre: -genre.share.value)),
    )


def _shares(near: Numbers, genres: Numbers) -> Floats:
    """Share of each song's list that is of its genre; lists that are short have no one instead."""
    is_same = (genres[near] == genres[:, None]) & (near != NOBODY)
    found: Floats = is_same.sum(axis=1) / N_NEAR
    return found


def _chances(genres: Numbers, artists: Numbers, n_genres: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """How likely a song by another artist is of a song's genre, the most that is possible, and for which
    songs that is a question.
    """
    is_known = genres != UNKNOWN
    of_artist = np.bincount(artists[is_known], minlength=int(artists.max(initial=0)) + 1)
    both, number = np.unique(
        artists[is_known].astype(np.int64) * n_genres + genres[is_known], return_inverse=True
    )
    own = np.zeros(len(genres), np.int64)
    own[is_known] = np.bincount(number, minlength=len(both))[number]
    of_genre = np.bincount(genres[is_known], minlength=n_genres)
    n_others = is_known.sum() - of_artist[artists]
    n_alike = np.where(is_known, of_genre[genres] - own, 0) if n_genres else np.zeros(len(genres))
    counted = is_known & (n_others > N_NEAR) & (n_alike > 0)
    return n_alike / np.maximum(n_others, 1), np.minimum(n_alike, N_NEAR) / N_NEAR, counted


def _mean(values: Floats, groups: Numbers) -> Interval:
    """A mean over songs with its interval: whole artists are drawn, again and again."""
    number = np.unique(groups, return_inverse=True)[1]
    sums, sizes = np.bincount(number, values), np.bincount(number)
    rng, means = np.random.default_rng(0), []
    for _ in range(_DRAWS // _AT_ONCE):
        drawn = rng.integers(0, len(sums), (_AT_ONCE, len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))
