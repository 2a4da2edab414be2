"""Magnitudes at the pitches of the tempered scale, by one Fourier transform for each stretch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

N_BINS = 84
BINS_PER_OCTAVE = 12
LOWEST_HZ = 27.5  # A0, when A4 is 440 Hz
FRAMES_PER_S = 22050 / 1024
_Q = 1 / (2 ** (1 / BINS_PER_OCTAVE) - 1)
_HALF_WIDTH = 2  # of a Hann window's main lobe, in units of hz / _Q


@dataclass(frozen=True)
class Spectrum:
    """The Fourier transform of a stretch, from which any pitch is cut.

    values : np.ndarray [shape=(n_padded * hop_length // 2 + 1,), dtype=complex64]
    sr : int
    hop_length : int
        Samples from one frame to the next.
    n_frames : int
        How many frames the stretch has.
    n_padded : int
        How many with the silence behind it, so that its end doesn't run into its beginning.
    """

    values: NDArray[np.complex64]
    sr: int
    hop_length: int
    n_frames: int
    n_padded: int

    @property
    def step_hz(self) -> float:
        """From one value to the next."""
        return self.sr / (self.n_padded * self.hop_length)


def spectrum(y: NDArray[np.float32], sr: int) -> Spectrum:
    """One Fourier transform over a whole stretch (n,), mono, in time n log n."""
    hop_length = max(1, round(sr / FRAMES_PER_S))
    n_longest = _Q * sr / LOWEST_HZ
    n_padded = scipy.fft.next_fast_len(int(np.ceil((len(y) + n_longest) / hop_length)))
    values = scipy.fft.rfft(y.astype(np.float32, copy=False), n_padded * hop_length)
    return Spectrum(values, sr, hop_length, 1 + len(y) // hop_length, n_padded)


def pitches(cents: float = 0.0) -> NDArray[np.float64]:
    """Hz of the 84 semitones from A0 upwards, `cents` above those of A4 = 440 Hz."""
    hz: NDArray[np.float64] = LOWEST_HZ * 2.0 ** ((np.arange(N_BINS) + cents / 100) / BINS_PER_OCTAVE)
    return hz


def constant_q(whole: Spectrum, cents: float = 0.0) -> NDArray[np.float32]:
    """How strong each semitone is over time, with 17 periods of it in a window (Brown 1991).

    A semitone's window is applied to the spectrum, and the product is folded down to one value for each
    frame before it is transformed back (as Velasco et al. 2011), so that no filter runs over the samples.

    Parameters
    ----------
    whole : Spectrum
    cents : float
        How far the semitones are above those of A4 = 440 Hz.

    Returns
    -------
    C : np.ndarray [shape=(84, n_frames), dtype=float32]
        Magnitudes, times the square root of the window's length, as librosa scales them.
    """
    hz = pitches(cents)
    folded = np.stack([_folded(whole, one) for one in hz])
    bands = scipy.fft.ifft(folded, axis=1, overwrite_x=True)[:, : whole.n_frames]
    scale = np.sqrt(_Q * whole.sr / hz) / whole.hop_length
    magnitudes: NDArray[np.float32] = np.abs(bands) * scale.astype(np.float32)[:, None]
    return magnitudes


def _folded(whole: Spectrum, hz: float) -> NDArray[np.complex64]:
    """What is within a window around `hz`, added up modulo the number of frames (n_padded,)."""
    width, n = hz / _Q / whole.step_hz, whole.n_padded  # width in values
    centre = hz / whole.step_hz
    first = max(0, int(np.ceil(centre - _HALF_WIDTH * width)))
    end = min(len(whole.values), int(centre + _HALF_WIDTH * width) + 1)
    row = np.zeros(-(-(first % n + max(0, end - first)) // n) * n, np.complex64)
    if end > first:
        x = ((np.arange(first, end) - centre) * (np.pi / _HALF_WIDTH / width)).astype(np.float32)
        window = np.float32(0.5) + np.float32(0.5) * np.cos(x)
        row[first % n :][: end - first] = whole.values[first:end] * window
    summed: NDArray[np.complex64] = row.reshape(-1, n).sum(axis=0)
    return summed if len(row) else np.zeros(n, np.complex64)
