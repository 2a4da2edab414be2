"""How fast a song is: its tempo, how sure that is, the next likely one, and whether it stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from groovecli.describe.description import Tempo
from groovecli.describe.onsets import onsets
from groovecli.describe.tempo_course import course_of, refined
from groovecli.describe.tempo_evidence import STEPS_PER_OCTAVE, Likeness, evidence, likeness, tempos
from groovecli.describe.tempo_weights import (
    CONFIDENCE,
    EVIDENCE,
    LEAST_CONFIDENCE,
    NO_BEAT,
    TEMPO,
    USUAL_BPM,
)

Samples = NDArray[np.float32]
Array = NDArray[np.float64]

PIECE_S = 10.0
N_PIECES = 6
"""Of so many pieces of `PIECE_S` seconds is the tempo of a song computed, or of fewer if it is short."""

_SHORTEST_S = 4.0  # in which there are some beats of a slow song
_SILENT = 1e-4  # peak: -80 dBFS
_LEAST_UNEVENNESS = 0.05  # of onsets: with less nothing begins, as in a drone
_NEAR = 0.04  # tempos that are the same
_OTHER_STEPS = 10  # 12 %: from where a tempo is another one
_NEAR_STEPS = int(_NEAR * STEPS_PER_OCTAVE / np.log(2))


def find_tempo(stretches: Samples | Sequence[Samples], sr: int) -> Tempo:
    """The tempo of a song, of some stretches of it.

    Onsets are compared with themselves some beats later, and with pulses: for each tempo 36 numbers,
    whose weights were fitted to songs of known tempo (Peeters 2007 has the two curves). The weights
    give each tempo, and no beat at all, a probability.

    Parameters
    ----------
    stretches : np.ndarray [shape=(n,), dtype=float32], or a sequence of them
        Mono samples, in the order of the song. Only `N_PIECES` pieces are looked at, so that an
        hour costs as much as a minute.
    sr : int
        Their rate (in Hz); the confidence was measured at 22,050.

    Returns
    -------
    Tempo
        Without a number where the sound is silent, shorter than 4 s, or has no beat.
    """
    curves = [onsets(y, sr) for y in pieces(stretches, sr)]
    curves = [curve for curve in curves if curve.unevenness >= _LEAST_UNEVENNESS]
    if not curves:
        return Tempo()
    alike = [likeness(curve) for curve in curves]
    seen = np.mean([evidence(c, a) for c, a in zip(curves, alike, strict=True)], axis=0)
    chances, no_beat = chances_of(seen)
    return _said(chances, no_beat, alike)


def _said(chances: Array, no_beat: float, alike: Sequence[Likeness]) -> Tempo:
    """The likeliest tempo and the next, from the probability of each."""
    around = near(chances)
    best = int(around.argmax())
    confidence = confidence_of(around[best])
    if no_beat > NO_BEAT or confidence < LEAST_CONFIDENCE:
        return Tempo()
    others = around.copy()
    others[max(0, best - _OTHER_STEPS) : best + _OTHER_STEPS + 1] = 0
    other = int(others.argmax())
    bpm = refined(float(tempos()[best]), alike)
    return Tempo(
        bpm=round(bpm, 2),
        confidence=round(confidence, 4),
        other_bpm=round(refined(float(tempos()[other]), alike), 2),
        other_weight=round(float(others[other] / (others[other] + around[best])), 4),
        course=course_of(bpm, alike),
    )


def chances_of(seen: Array) -> tuple[Array, float]:
    """The probability of each tempo if there is a beat, and that there is none.

    Parameters
    ----------
    seen : np.ndarray [shape=(156, 36), dtype=float64]
        The mean `evidence` of a song's pieces.
    """
    octaves = np.log2(tempos() / USUAL_BPM)
    scores = seen @ np.array(EVIDENCE) + TEMPO[0] * octaves + TEMPO[1] * np.square(octaves)
    scores = np.append(scores, TEMPO[2])
    odds = np.exp(scores - scores.max())
    return odds[:-1] / odds[:-1].sum(), float(odds[-1] / odds.sum())


def near(chances: Array) -> Array:
    """The probability that the tempo is within 4 % of each."""
    sums = np.concatenate([np.zeros(_NEAR_STEPS + 1), np.cumsum(chances), np.ones(_NEAR_STEPS)])
    width = 2 * _NEAR_STEPS + 1
    around: Array = sums[width:] - sums[:-width]
    return around


def confidence_of(chance: float) -> float:
    """How often a tempo of this probability is right (Platt 1999), on songs that were held out."""
    chance = float(np.clip(chance, 1e-6, 1 - 1e-6))
    return float(1 / (1 + np.exp(-(CONFIDENCE[0] + CONFIDENCE[1] * np.log(chance / (1 - chance))))))


def pieces(stretches: Samples | Sequence[Samples], sr: int) -> list[Samples]:
    """Up to `N_PIECES` pieces of at most `PIECE_S` seconds, evenly over all the sound."""
    given = [stretches] if isinstance(stretches, np.ndarray) else stretches
    given = [y for y in given if len(y) >= _SHORTEST_S * sr]
    ends = np.cumsum([len(y) for y in given])
    whole = int(ends[-1]) if given else 0
    n = min(N_PIECES, max(1, int(whole / (PIECE_S * sr))))
    found: dict[tuple[int, int], Samples] = {}
    for centre in (np.arange(n) + 0.5) / n * whole if given else ():
        number = int(np.searchsorted(ends, centre, side="right"))
        y = given[number]
        length = min(len(y), int(PIECE_S * sr))
        middle = int(centre - ends[number]) + len(y)
        start = min(max(0, middle - length // 2), len(y) - length)
        found[number, start] = _finite(y[start : start + length])
    return [y for y in found.values() if np.abs(y).max() > _SILENT]


def _finite(y: Samples) -> Samples:
    return np.nan_to_num(y.astype(np.float32, copy=False), nan=0.0, posinf=0.0, neginf=0.0)
