"""The key of a song, from stretches of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.describe.chroma import cents_of, chroma, fits, tuning
from groovecli.describe.description import Key
from groovecli.describe.key_network import key_scores
from groovecli.describe.vqt import constant_q, spectrum

Samples = NDArray[np.float32]

_PIECE_S, _SHORTEST_S = 15.0, 1.0
_MOST_PIECES = 3
_MOST_IN_NETWORK = 2  # which takes most of the time
_SILENT = 1e-4  # peak: -80 dBFS
_FIT_WEIGHT = 12.0  # of a correlation beside the network's log-probabilities

# How often a key is right: fitted on rendered songs, and on how often two halves of one song agree.
_BIAS, _PER_FIT, _PER_MARGIN = -2.57, 3.02, 0.34

# Where there is no key: docs/results.md has what these limits leave out.
_LEAST_CLARITY, _OF_ONE_PIECE = 0.15, 0.2  # drums, noise, speech; scales of other steps
_MOST_IN_TWO = 0.85  # of all that sounds, in two pitch classes: a drone, which is neither major nor minor
_LEAST_CONFIDENCE = 0.3


@dataclass(frozen=True)
class Evidence:
    """What pieces of a song say about its key.

    classes : np.ndarray [shape=(12,), dtype=float64]
        The mean share of each pitch class, C to B; 0 where there are no tones.
    fits : np.ndarray [shape=(24,), dtype=float64]
        The mean correlation with each key's profile, majors first.
    network : np.ndarray [shape=(24,), dtype=float64]
        The mean log-probability that S-KEY's network gives.
    direction : complex
        The mean of what `chroma.tuning` says.
    n_pieces : int
    """

    classes: NDArray[np.float64]
    fits: NDArray[np.float64]
    network: NDArray[np.float64]
    direction: complex
    n_pieces: int = 1

    @property
    def scores(self) -> NDArray[np.float64]:
        """Both ways together (24,): so each piece has a vote, weighted by how sure it is."""
        return _FIT_WEIGHT * self.fits + self.network


def find_key(stretches: Sequence[Samples], sr: int) -> Key:
    """The key that most of a song is in, if it has one.

    The song's own tuning is estimated first, so that an instrument tuned a quarter tone off is no worse.

    Parameters
    ----------
    stretches : sequence of np.ndarray [shape=(n,), dtype=float32]
        Places in the song, mono. Three pieces of at most 15 s are used, spread over all of them.
    sr : int [range=8000..]
        Their sample rate.

    Returns
    -------
    key : Key
        Without a tonic for silence, drums, noise, speech, a drone, atonal music, and scales of other steps
        than semitones.
    """
    evidence = key_evidence(stretches, sr)
    return Key() if evidence is None else key_from(evidence)


def key_evidence(stretches: Sequence[Samples], sr: int) -> Evidence | None:
    """What `find_key` decides by; None without a second of sound."""
    wholes = [spectrum(piece, sr) for piece in pieces(stretches, sr)]
    if not wholes:
        return None
    direction = sum(tuning(whole) for whole in wholes) / len(wholes)
    bands = [constant_q(whole, cents_of(direction)) for whole in wholes]
    classes = [chroma(one) for one in bands]
    return Evidence(
        np.mean([one / max(one.sum(), 1e-12) for one in classes], axis=0),
        np.mean([fits(one) for one in classes], axis=0),
        np.mean([key_scores(one) for one in _spread(bands, _MOST_IN_NETWORK)], axis=0),
        direction,
        len(wholes),
    )


def key_from(evidence: Evidence) -> Key:
    """The best key, or none where the evidence is of no music with a key."""
    least = max(_LEAST_CLARITY, _OF_ONE_PIECE / np.sqrt(evidence.n_pieces))  # noise averages out
    if abs(evidence.direction) < least:
        return Key()
    cents = round(cents_of(evidence.direction), 1)
    order = np.argsort(evidence.scores)
    best = int(order[-1])
    margin = float(evidence.scores[best] - evidence.scores[order[-2]])
    confidence = _confidence(float(evidence.fits[best]), margin)
    in_two = float(np.sort(evidence.classes)[-2:].sum())
    if in_two > _MOST_IN_TWO or confidence < _LEAST_CONFIDENCE:
        return Key(tuning_cents=cents)
    return Key(best % 12, best >= 12, round(confidence, 3), cents)


def _confidence(fit: float, margin: float) -> float:
    """How often a key with this correlation, and this far before the second, is right."""
    return float(1 / (1 + np.exp(-(_BIAS + _PER_FIT * fit + _PER_MARGIN * margin))))


def pieces(stretches: Sequence[Samples], sr: int) -> list[Samples]:
    """At most three audible pieces of at most 15 s, spread evenly over the stretches."""
    cut: list[Samples] = []
    n_longest = int(_PIECE_S * sr)
    for y in stretches:
        parts = np.array_split(y, max(1, round(len(y) / n_longest)))
        cut += [part[:n_longest] for part in parts if len(part) >= _SHORTEST_S * sr]
    if len(cut) > 4 * _MOST_PIECES:  # an hour: silence is not looked for in all of it
        cut = _spread(cut, 4 * _MOST_PIECES)
    return _spread([part for part in cut if float(np.abs(part).max()) > _SILENT], _MOST_PIECES)


def _spread(parts: list[Samples], n: int) -> list[Samples]:
    """Up to `n` of them, evenly, with the first: songs mostly begin in their key."""
    if len(parts) <= n:
        return parts
    return [parts[i * len(parts) // n] for i in range(n)]
