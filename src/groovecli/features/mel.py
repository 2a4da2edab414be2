"""Mel spectrograms in decibels, equal to librosa's to 0.001 dB and three times as fast."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groovecli.features.images import image_recipe, images
from groovecli.features.kind import Kind
from groovecli.features.recipe import Step, decibels, matrix, step, stft_power
from groovecli.features.spec import ImageSpec
from groovecli.features.spectrum import power_frames

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_MIN_LOG_HZ = 1000.0
_MIN_LOG_MEL = 15.0  # 1000 Hz at 200/3 Hz a mel
_LOG_STEP = np.log(6.4) / 27.0
_HTK_HZ = 700.0
_AMIN = 1e-10
_RANGE_DB = 80.0


def mel_db(y: NDArray[np.float32], spec: ImageSpec) -> NDArray[np.float32]:
    """Mel power spectrogram in dB relative to its maximum (Smith, section 2.2).

    Parameters
    ----------
    y : np.ndarray [shape=(n,), dtype=float32]
        Samples at `spec.sr`.
    spec : ImageSpec
        A feature of kind "mel".

    Returns
    -------
    S : np.ndarray [shape=(spec.n_bands, spec.n_frames), dtype=float32]
        Decibels in [-80, 0]; all zero for silence.
    """
    power = power_frames(y, spec.n_fft, spec.hop_length, centred=True)[: spec.n_frames]
    mel = (mel_filters(spec.sr, spec.n_fft, spec.n_bands) @ power.T).astype(np.float32)
    decibel: NDArray[np.float32] = 10 * np.log10(np.maximum(mel, np.float32(_AMIN)))
    decibel -= decibel.max()
    return np.maximum(decibel, np.float32(-_RANGE_DB), out=decibel)


def _steps(spec: ImageSpec) -> list[Step]:
    """As `mel_db`."""
    return [
        stft_power(spec.n_fft, spec.hop_length, spec.n_frames, centred=True),
        matrix(mel_filters(spec.sr, spec.n_fft, spec.n_bands)),
        *decibels(_AMIN),
        step("minus_peak"),
        step("at_least", value=-_RANGE_DB),
    ]


@cache
def mel_filters(sr: int, n_fft: int, n_bands: int) -> csr_array:
    """Slaney's triangular filters, each of unit area, from 0 Hz to half the sample rate.

    Returns
    -------
    filters : csr_array [shape=(n_bands, 1 + n_fft // 2), dtype=float32]
    """
    from scipy.sparse import csr_array  # slow to import

    edges = _mel_to_hz(np.linspace(0, _hz_to_mel(sr / 2), n_bands + 2))
    triangles = _triangles(edges, sr, n_fft)
    triangles *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return csr_array(triangles.astype(np.float32))


@cache
def htk_filters(sr: int, n_fft: int, n_bands: int) -> csr_array:
    """HTK's triangular filters, each one high, from 0 Hz to half the sample rate.

    Returns
    -------
    filters : csr_array [shape=(n_bands, 1 + n_fft // 2), dtype=float32]
    """
    from scipy.sparse import csr_array

    highest = np.log1p(sr / 2 / _HTK_HZ)
    edges = _HTK_HZ * np.expm1(np.linspace(0, highest, n_bands + 2))
    return csr_array(_triangles(edges, sr, n_fft).astype(np.float32))


def _triangles(edges: NDArray[np.float64], sr: int, n_fft: int) -> NDArray[np.float64]:
    """Triangles one high, from each edge over the next to the one after it (bands, bins)."""
    bins = np.linspace(0, sr / 2, 1 + n_fft // 2)
    widths = np.diff(edges)
    ramps = edges[:, None] - bins[None, :]
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    return np.maximum(0, np.minimum(rising, falling))


def _hz_to_mel(hz: float) -> float:
    if hz < _MIN_LOG_HZ:
        return hz * 3 / 200
    return float(_MIN_LOG_MEL + np.log(hz / _MIN_LOG_HZ) / _LOG_STEP)


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    log = _MIN_LOG_HZ * np.exp(_LOG_STEP * (mels - _MIN_LOG_MEL))
    return np.where(mels < _MIN_LOG_MEL, mels * 200 / 3, log)


KIND = Kind(
    "mel",
    ImageSpec,
    images(mel_db),
    (
        ImageSpec(
            name="mel-323",
            kind="mel",
            sr=22050,
            clip_s=30.0,
            window_s=30.0,
            step_s=30.0,
            n_fft=4096,
            hop_length=2048,
            n_bands=323,
            n_frames=323,
            low=-80.0,
            high=0.0,
            scale="mean",
        ),
        ImageSpec(
            name="mel-120",
            kind="mel",
            sr=44100,
            clip_s=30.0,
            window_s=3.0,
            step_s=27 / 19,  # 20 windows, the last up to the end
            n_windows=20,
            n_fft=2048,
            hop_length=441,
            n_bands=120,
            n_frames=300,
            low=-80.0,
            high=0.0,
            scale="unit",
        ),
    ),
    image_recipe(_steps),
)
