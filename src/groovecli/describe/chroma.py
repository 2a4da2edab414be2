"""Pitch classes of a song, how it is tuned, and how well they fit each key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from groovecli.describe.vqt import BINS_PER_OCTAVE, Spectrum

Profile = tuple[tuple[float, ...], tuple[float, ...]]

PROFILES: Mapping[str, Profile] = {
    # Krumhansl & Kessler 1982: how well listeners found that a tone fits
    "krumhansl-kessler": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    # Temperley 2007: how often a segment of the Kostka-Payne corpus has the tone
    "temperley": (
        (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
        (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
    ),
    # Albrecht & Shanahan 2013: shares of notes in 982 pieces
    "albrecht-shanahan": (
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
}
"""Weights of the tones above the tonic, in major and in minor keys."""

_LOWEST_PITCH_CLASS = 9  # of the first semitone: A
_BASS, _TREBLE = 24, 72  # semitones that count: A2 to G#6; below is the drums', above harmonics
_BACKGROUND = 13  # semitones over which the background is averaged
_TUNED_HZ = (55.0, 4000.0)
_A4_HZ = 440.0
_STEPS_PER_SEMITONE = 20  # of 5 cents


def tuning(whole: Spectrum) -> complex:
    """How far the tones are from A4 = 440 Hz, and how clearly.

    What the spectrum has over its surroundings is laid around a circle of one semitone. Tones of one tuning
    add up in one direction; drums, noise, and scales of other steps cancel themselves.

    Returns
    -------
    direction : complex [abs=0..1]
        Its angle is the tuning, in turns of 100 cents. Its size is about 0.1 for drums, noise or speech,
        and 0.2 to 0.9 for music.
    """
    size = np.cumsum(np.abs(whole.values[: int(_TUNED_HZ[1] / whole.step_hz) + 2]), dtype=np.float64)
    per_octave = _STEPS_PER_SEMITONE * BINS_PER_OCTAVE
    lowest, highest = (int(per_octave * np.log2(hz / _A4_HZ)) for hz in _TUNED_HZ)
    centres = np.arange(lowest, highest)
    edges = _A4_HZ * 2.0 ** ((np.arange(lowest, highest + 1) - 0.5) / per_octave)
    mean = np.diff(np.interp(edges / whole.step_hz, np.arange(len(size)) + 0.5, size)) / np.diff(edges)
    return _direction(mean, centres)


def _direction(mean: NDArray[np.float64], centres: NDArray[np.int64]) -> complex:
    """The mean direction of what stands out in a spectrum of narrow steps."""
    smooth = uniform_filter1d(mean, 3, mode="nearest")
    around = uniform_filter1d(smooth, 2 * _STEPS_PER_SEMITONE + 1, mode="nearest")
    excess = np.maximum(0, smooth / np.maximum(around, 1e-12) - 1)
    total = float(excess.sum())
    if not total:
        return 0j
    return complex(excess @ np.exp(2j * np.pi / _STEPS_PER_SEMITONE * centres)) / total


def cents_of(direction: complex) -> float:
    """-50 to 50 cents for the angle of `tuning`."""
    return float(np.angle(direction)) / (2 * np.pi) * 100


def chroma(magnitudes: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much of each pitch class there is.

    Only peaks over the pitches count, and only what they have over their surroundings, so that drums and
    noise give little.

    Parameters
    ----------
    magnitudes : np.ndarray [shape=(84, n_frames), dtype=float32]
        As `constant_q` gives them.

    Returns
    -------
    c : np.ndarray [shape=(12,), dtype=float64]
        C, C#, ... B; 0 or more.
    """
    level = np.sqrt(magnitudes)
    above = level - uniform_filter1d(level, _BACKGROUND, axis=0, mode="nearest")
    inner = level[1:-1]
    peaks = (inner > level[:-2]) & (inner > level[2:])
    strength = (np.maximum(above[1:-1], 0) * peaks).mean(axis=1, dtype=np.float64)
    octaves = strength[_BASS - 1 : _TREBLE - 1].reshape(-1, BINS_PER_OCTAVE)
    return np.roll(octaves.sum(axis=0), _LOWEST_PITCH_CLASS)


def fits(classes: NDArray[np.float64], profile: str = "albrecht-shanahan") -> NDArray[np.float64]:
    """How well pitch classes (12,) fit the keys (Krumhansl 1990, chapter 4).

    Returns
    -------
    r : np.ndarray [shape=(24,), dtype=float64, range=-1..1]
        Correlations: C major, C# major, ... B major, C minor, ... B minor. 0 where all classes are equal.
    """
    centred = classes - classes.mean()
    size = float(np.linalg.norm(centred))
    if not size:
        return np.zeros(2 * BINS_PER_OCTAVE)
    r: NDArray[np.float64] = _keys(profile) @ (centred / size)
    return r


@cache
def _keys(profile: str) -> NDArray[np.float64]:
    """A profile in each key (24, 12), of mean 0 and length 1."""
    modes = PROFILES[profile]
    rows = np.array([np.roll(mode, tonic) for mode in modes for tonic in range(BINS_PER_OCTAVE)])
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows
