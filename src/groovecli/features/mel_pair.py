"""Mel bands as two published taggers have them, one above the other, at one loudness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.features.images import image_recipe, images
from groovecli.features.kind import Kind
from groovecli.features.mel import htk_filters, mel_filters
from groovecli.features.recipe import Step, decibels, linear, matrix, step, stft_power
from groovecli.features.spec import ImageSpec
from groovecli.features.spectrum import power_frames

LOUDNESS = 0.125  # root of the mean square that every clip is brought to: -18 dB of full scale
LOWEST_DB, RANGE_DB = -80.0, 128.0  # what becomes 0, and what 0 to 1 is, in the upper half
HIGHEST = 6.0  # what becomes 1 in the lower half
_SPREAD = 10_000
_AMIN = 1e-10


def mel_pair(y: NDArray[np.float32], spec: ImageSpec) -> NDArray[np.float32]:
    """Decibels of HTK's bands (Won et al. 2020), below them log10(10000 x + 1) of Slaney's ("musicnn").

    Parameters
    ----------
    y : np.ndarray [shape=(n,), dtype=float32]
        Samples at `spec.sr`.
    spec : ImageSpec
        A feature of kind "mel-pair".

    Returns
    -------
    S : np.ndarray [shape=(spec.n_bands, spec.n_frames), dtype=float32]
        [0, 1] is -80 to 48 dB above, 0 to 6 below; all zero for silence.
    """
    power = power_frames(y, spec.n_fft, spec.hop_length, centred=True)[: spec.n_frames].T
    mean = float(np.square(y).mean())
    gain = np.float32(LOUDNESS**2 / mean if mean else 0)
    n_bands = spec.n_bands // 2
    image = np.empty((spec.n_bands, power.shape[1]), np.float32)
    decibel = 10 * np.log10(np.maximum(htk_filters(spec.sr, spec.n_fft, n_bands) @ power * gain, _AMIN))
    image[:n_bands] = (decibel - LOWEST_DB) / RANGE_DB
    mel = mel_filters(spec.sr, spec.n_fft, n_bands) @ power * gain
    image[n_bands:] = np.log10(_SPREAD * mel + 1) / HIGHEST
    return image


def _steps(spec: ImageSpec) -> list[Step]:
    """As `mel_pair`."""
    filters = [of(spec.sr, spec.n_fft, spec.n_bands // 2) for of in (htk_filters, mel_filters)]
    upper = [*decibels(_AMIN), linear(1 / RANGE_DB, -LOWEST_DB / RANGE_DB)]
    lower = [linear(_SPREAD, 1.0), step("log10"), linear(1 / HIGHEST)]
    return [
        step("loudness", rms=LOUDNESS),
        stft_power(spec.n_fft, spec.hop_length, spec.n_frames, centred=True),
        step("stack", parts=[[matrix(filters[0]), *upper], [matrix(filters[1]), *lower]]),
    ]


KIND = Kind(
    "mel-pair",
    ImageSpec,
    images(mel_pair),
    (
        ImageSpec(
            name="mel-2x96",
            kind="mel-pair",
            sr=16000,
            clip_s=30.0,
            window_s=30.0,
            step_s=30.0,
            n_fft=512,
            hop_length=256,
            n_bands=192,
            n_frames=1876,
            low=0.0,
            high=1.0,
        ),
    ),
    image_recipe(_steps),
)
