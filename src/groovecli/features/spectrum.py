"""Power spectra: the short-time Fourier transform that other features are made of."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_CACHED = 1 << 17  # samples that are transformed at a time, so that they stay in the processor's cache


def power_frames(
    y: NDArray[np.float32], n_fft: int, hop_length: int, *, centred: bool, win_length: int = 0
) -> NDArray[np.float32]:
    """Power of the short-time Fourier transform with a periodic Hann window, of `n_fft` samples or fewer.

    Returns
    -------
    S : np.ndarray [shape=(frames, 1 + n_fft // 2), dtype=float32]
        Frames of one bin are together in memory, as filters need them.
    """
    import scipy.fft  # slow, and whoever only reads what features are does without

    y = np.pad(y, n_fft // 2) if centred else y
    frames = np.lib.stride_tricks.sliding_window_view(y, n_fft)[::hop_length]
    window = hann_window(n_fft, win_length or n_fft)
    power = np.empty((1 + n_fft // 2, len(frames)), np.float32)
    together = max(1, _CACHED // n_fft)
    for start in range(0, len(frames), together):
        batch = slice(start, start + together)
        spectrum = scipy.fft.rfft(frames[batch] * window, axis=1, overwrite_x=True)
        power[:, batch] = (np.square(spectrum.real) + np.square(spectrum.imag)).T
    return power.T


@cache
def hann_window(n_fft: int, win_length: int) -> NDArray[np.float32]:
    """A periodic Hann window amid zeros; importing scipy.signal for it would take half a second."""
    turn = 2 * np.pi / win_length * np.arange(win_length)
    window = (0.5 - 0.5 * np.cos(turn)).astype(np.float32)
    before = (n_fft - win_length) // 2
    return np.pad(window, (before, n_fft - win_length - before))
