"""Mel bands as in EfficientAT's training, from half its sample rate, at one loudness."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groovecli.features.images import image_recipe, images
from groovecli.features.kind import Kind
from groovecli.features.mel_pair import LOUDNESS
from groovecli.features.recipe import Step, linear, logarithm, matrix, step, stft_power
from groovecli.features.spec import ImageSpec
from groovecli.features.spectrum import power_frames

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_WIN_S = 0.025
_TAUGHT_SR = 32000  # what it was taught with; here all above half of `spec.sr` is silent
_HIGHEST_HZ = 15000.0
_PREEMPHASIS = 0.97
_AMIN = 1e-5
_PLUS, _OVER = 4.5, 5.0
_MEL, _HZ = 1127.0, 700.0


def mel_kaldi(y: NDArray[np.float32], spec: ImageSpec) -> NDArray[np.float32]:
    """(ln(x + 0.00001) + 4.5) / 5 of Kaldi's mel bands up to 15 kHz (Schmid et al. 2023, their code).

    The filters include the samples' pre-emphasis, and the factor in power that half the rate makes.

    Parameters
    ----------
    y : np.ndarray [shape=(n,), dtype=float32]
        Samples at `spec.sr`, half of 32 kHz.
    spec : ImageSpec
        A feature of kind "mel-kaldi".

    Returns
    -------
    S : np.ndarray [shape=(spec.n_bands, spec.n_frames), dtype=float32]
        -1.4 to about 2.5.
    """
    win_length = round(_WIN_S * spec.sr)
    power = power_frames(y, spec.n_fft, spec.hop_length, centred=True, win_length=win_length)
    mean = float(np.square(y).mean())
    gain = np.float32(LOUDNESS**2 / mean if mean else 0)
    mel = _filters(spec.sr, spec.n_fft, spec.n_bands) @ power[: spec.n_frames].T
    image: NDArray[np.float32] = np.log(mel * gain + np.float32(_AMIN)) + np.float32(_PLUS)
    image /= np.float32(_OVER)
    return image


def _steps(spec: ImageSpec) -> list[Step]:
    """As `mel_kaldi`."""
    win_length = round(_WIN_S * spec.sr)
    return [
        step("loudness", rms=LOUDNESS),
        stft_power(spec.n_fft, spec.hop_length, spec.n_frames, centred=True, win_length=win_length),
        matrix(_filters(spec.sr, spec.n_fft, spec.n_bands)),
        linear(add=_AMIN),
        *logarithm(1 / _OVER, _PLUS / _OVER),
    ]


@cache
def _filters(sr: int, n_fft: int, n_bands: int) -> csr_array:
    """Triangles that are even in mel, of bins at `sr` (bands, bins)."""
    from scipy.sparse import csr_array  # slow to import

    hz = np.linspace(0, sr / 2, 1 + n_fft // 2)
    mels = _MEL * np.log1p(hz / _HZ)
    step = _MEL * np.log1p(_HIGHEST_HZ / _HZ) / (n_bands + 1)
    left = np.arange(n_bands)[:, None] * step
    triangles = np.maximum(0, np.minimum((mels - left) / step, (left + 2 * step - mels) / step))
    emphasis = np.abs(1 - _PREEMPHASIS * np.exp(-2j * np.pi * hz / _TAUGHT_SR)) ** 2
    emphasis *= (_TAUGHT_SR / sr) ** 2
    return csr_array((triangles * emphasis).astype(np.float32))


KIND = Kind(
    "mel-kaldi",
    ImageSpec,
    images(mel_kaldi),
    (
        ImageSpec(
            name="mel-128",
            kind="mel-kaldi",
            sr=16000,
            clip_s=30.0,
            window_s=30.0,
            step_s=30.0,
            n_fft=512,
            hop_length=160,
            n_bands=128,
            n_frames=3001,
            low=-1.41,
            high=2.59,
        ),
    ),
    image_recipe(_steps),
)
