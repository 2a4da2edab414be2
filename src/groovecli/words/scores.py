"""How well songs fit terms: ranks within a library, so that rare tags count as much as common ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Shares = NDArray[np.float64]
"""How many of the library's songs fit a term less, for each song [shape=(n,), range=0..1]."""

FEW, SOME, MOST = 0.1, 0.25, 0.5
"""How many songs have what a word means: a tag or a genre; an end of a measure; what is not wanted."""
MISSING = 0.02
"""The share of a song in whose tags a word is not."""
FOUND = 0.98
_TAGGED = 0.25  # of what a song lacks to the top, if its own tags say the word
_YEARS_APART = 5.0  # that halve what a song lacks to the bottom
_BPM_APART = 0.08  # the same, of a tempo
_OTHER_KEY = {0: FOUND, 1: 0.7}  # by steps on the circle of fifths
_ROUNDED = 9  # digits: so that the order of words can't change that of songs


def ranks(values: NDArray[np.floating]) -> Shares:
    """Numbers of songs to shares; 0.5 where there is none (NaN)."""
    shares = np.full(len(values), 0.5)
    is_there = np.isfinite(values)
    n = int(is_there.sum())
    if n:
        shares[is_there] = (_places(values[is_there]) - 0.5) / n
    return shares


def _places(values: NDArray[np.floating]) -> Shares:
    """Places from 1 on, equal ones sharing their mean; to import scipy.stats takes half a second."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    places: Shares = (last - (counts - 1) / 2)[which]
    return places


def together(parts: Sequence[Shares]) -> Shares:
    """Several sources of one word: ranks of the mean of their normal scores."""
    if len(parts) == 1:
        return parts[0]
    mean: Shares = np.mean([ndtri(part) for part in parts], axis=0)
    return ranks(np.round(mean, _ROUNDED))


def tagged(shares: Shares, is_tagged: NDArray[np.bool_]) -> Shares:
    """Songs whose own tags say the word come nearer to the top."""
    return np.where(is_tagged, 1 - _TAGGED * (1 - shares), shares)


def matches(is_found: NDArray[np.bool_]) -> Shares:
    """Of words in tags: found or not."""
    return np.where(is_found, FOUND, MISSING)


def within(values: NDArray[np.floating], low: float, high: float, apart: float) -> Shares:
    """Numbers that lie from `low` to `high`, and less for those beyond, by half each `apart`."""
    beyond = np.maximum(np.maximum(low - values, values - high), 0)
    fits = MISSING + (FOUND - MISSING) * 0.5 ** (beyond / apart)
    return np.where(np.isfinite(values), fits, 0.5)


def by_year(years: NDArray[np.floating], first: int, last: int) -> Shares:
    """Songs of some years; near ones fit a little."""
    return within(years, first, last, _YEARS_APART)


def by_tempo(bpm: NDArray[np.floating], low: float, high: float) -> Shares:
    """Songs of some tempo; near ones fit a little."""
    return within(np.log(bpm), np.log(low), np.log(high), _BPM_APART)


def by_key(
    tonics: NDArray[np.floating],
    is_minor: NDArray[np.floating],
    wanted: tuple[int | None, bool],
) -> Shares:
    """Songs in a key; those a fifth away or relative to it fit a little, as they share most notes."""
    tonic, minor = wanted
    is_known = np.isfinite(tonics)
    if tonic is None:
        return np.where(is_known, matches(is_minor == minor), 0.5)
    own = np.where(is_minor == 1, tonics + 3, tonics)  # the major key of the same notes
    steps = 7 * (own - (tonic + 3 if minor else tonic)) % 12
    steps = np.minimum(steps, 12 - steps)
    fits = np.select([steps == n for n in _OTHER_KEY], list(_OTHER_KEY.values()), MISSING)
    fits = np.where((steps == 0) & (is_minor != minor), _OTHER_KEY[1], fits)
    return np.where(is_known, fits, 0.5)


def towards(shares: Shares, confidences: NDArray[np.floating]) -> Shares:
    """Shares by what is not sure are nearer to the middle."""
    sure = np.where(np.isfinite(confidences), confidences, 0.0)
    return 0.5 + (shares - 0.5) * sure


def fits(shares: Shares, usual: float | None, *, is_wanted: bool = True) -> Shares:
    """How well songs fit a term: 1 for the best, half where as many fit better as usually have it.

    usual : a share of songs; None where the shares say it themselves, as they were found or not
    """
    if not is_wanted:
        shares, usual = 1 - shares, None if usual is None else MOST
    if usual is None:
        return shares
    fit: Shares = 1 / (1 + (1 - shares) / usual)
    return fit


def overall(terms: Sequence[Shares]) -> Shares:
    """The geometric mean of how well songs fit all terms: only a song with all words comes first."""
    logs = np.sort([np.log(np.clip(fit, 1e-6, 1)) for fit in terms], axis=0)  # in any order of words
    found: Shares = np.round(np.exp(logs.sum(axis=0) / len(logs)), _ROUNDED)
    return found
