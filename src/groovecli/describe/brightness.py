"""How bright a song sounds: the spectral centroid, the mean frequency of its spectrum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

N_FFT = 2048
HOP_LENGTH = 1024
_BELOW = 20.0  # dB below the mean power, from which a frame does not count: its noise would look bright
_SILENT = 1e-8  # mean square, -80 dB of full scale


def brightness_hz(stretches: Sequence[NDArray[np.float32]], sr: int) -> float | None:
    """The mean of the frames' spectral centroids (in Hz); None where nothing sounds.

    A frame's centroid is librosa's `spectral_centroid`: frequencies weighted by the magnitudes of a Hann
    window's spectrum. Frames are not centred, and those 20 dB below the mean power don't count.

    Parameters
    ----------
    stretches : sequence of np.ndarray [shape=(n,), dtype=float32]
        Mono sound.
    sr : int
        Their sample rate (in Hz): what is above half of it has no part.
    """
    frames = np.concatenate([np.zeros((0, N_FFT), np.float32), *map(_frames, stretches)])
    powers = np.square(frames).mean(axis=1)
    loud = powers > max(_SILENT, float(powers.mean()) * 10 ** (-_BELOW / 10)) if len(powers) else []
    if not np.any(loud):
        return None
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    magnitudes = np.abs(fft.rfft(frames[loud] * window))
    hz = np.arange(magnitudes.shape[1], dtype=np.float32) * np.float32(sr / N_FFT)
    return float(np.mean((magnitudes @ hz) / magnitudes.sum(axis=1), dtype=np.float64))


def _frames(y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Overlapping frames; sound that is shorter than one is filled up with zeros [shape=(m, N_FFT)]."""
    if len(y) < N_FFT:
        y = np.pad(y, (0, N_FFT - len(y)))
    return np.lib.stride_tricks.sliding_window_view(y, N_FFT)[::HOP_LENGTH]
