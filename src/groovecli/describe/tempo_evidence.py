"""What a piece of sound says for each tempo: how alike its onsets are a beat later, and how they pulse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from groovecli.describe.onsets import Onsets

Array = NDArray[np.float64]

SLOWEST_BPM, FASTEST_BPM = 40.0, 240.0
STEPS_PER_OCTAVE = 60
BEATS = (0.5, 1, 2, 3, 4, 6, 8)
"""How many beats later onsets are compared."""
PULSES = (0.5, 1, 2, 3, 4)
"""How many pulses in a beat are looked for."""
N_KINDS = 3 * (len(BEATS) + len(PULSES))
"""Numbers for each tempo: of all bands, of low and of high ones."""

_FINER = 4  # times the frames: the likeness is computed between frames too
_LEAST_SHARE = 0.2  # of the piece that must overlap with itself for a likeness to count in full


@dataclass(frozen=True)
class Likeness:
    """How alike a piece is to itself some time later.

    values : np.ndarray [shape=(lags, 3), dtype=float64, range=-1..1]
        1 for no time later.
    lags_per_s : float
    """

    values: Array
    lags_per_s: float

    def at(self, seconds: Array, part: int = 0) -> Array:
        """Between lags it is interpolated; beyond the piece 0."""
        places = seconds * self.lags_per_s
        lags = np.arange(len(self.values))
        found: Array = np.interp(places, lags, self.values[:, part], right=0.0)
        return found


def tempos() -> Array:
    """The tempos that are compared (in beats a minute), evenly by ratio [shape=(156,)]."""
    n = int(np.log2(FASTEST_BPM / SLOWEST_BPM) * STEPS_PER_OCTAVE) + 1
    steps: Array = SLOWEST_BPM * 2 ** (np.arange(n) / STEPS_PER_OCTAVE)
    return steps


def evidence(piece: Onsets, alike: Likeness) -> Array:
    """Likeness after some beats, and strength of some pulses a beat, at each tempo (Peeters 2007).

    Returns
    -------
    X : np.ndarray [shape=(156, 36), dtype=float64, range=-1..1]
    """
    pulses, per_bpm = _pulses(piece)
    beat_s = 60 / tempos()
    bins = np.arange(len(pulses))
    columns = []
    for part in range(pulses.shape[1]):
        columns += [alike.at(beat_s * n, part) for n in BEATS]
        columns += [np.interp(tempos() * n * per_bpm, bins, pulses[:, part]) for n in PULSES]
    return np.stack(columns, axis=1)


def likeness(piece: Onsets) -> Likeness:
    """The autocorrelation of the onsets, of each part of the bands."""
    x = _centred(piece)
    n = len(x)
    size = scipy.fft.next_fast_len(2 * n, real=True)
    power = np.square(np.abs(scipy.fft.rfft(x, size, axis=0)))
    finer = scipy.fft.irfft(power, _FINER * size, axis=0)[: _FINER * n]
    overlap = n - np.arange(len(finer))[:, None] / _FINER
    values = finer / np.maximum(overlap, _LEAST_SHARE * n)
    return Likeness(values / np.maximum(values[:1], 1e-12), piece.frames_per_s * _FINER)


def _pulses(piece: Onsets) -> tuple[Array, float]:
    """The size of the onsets' Fourier transform, at most 1, and its bins per beat a minute."""
    x = _centred(piece)
    window = _window(len(x))
    size = 1 << int(np.ceil(np.log2(6 * len(x))))
    most = np.sqrt(np.square(x).sum(axis=0) * np.square(window).sum())
    sizes: Array = np.abs(scipy.fft.rfft(x * window, size, axis=0)) / np.maximum(most, 1e-12)
    return sizes, size / piece.frames_per_s / 60


def _centred(piece: Onsets) -> Array:
    x: Array = piece.strength.astype(np.float64)
    x -= x.mean(axis=0)
    return x


@cache
def _window(n: int) -> Array:
    column: Array = np.hanning(n)[:, None]
    return column
