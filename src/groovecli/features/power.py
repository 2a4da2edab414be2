"""Power spectrograms as "Autogroove" has them: scaled to [0, 1], then spread out by tanh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.features.images import image_recipe, images
from groovecli.features.kind import Kind
from groovecli.features.recipe import Step, linear, step, stft_power
from groovecli.features.spec import ImageSpec
from groovecli.features.spectrum import power_frames

_SPREAD = 1e6


def spread_power(y: NDArray[np.float32], spec: ImageSpec) -> NDArray[np.float32]:
    """tanh(1e6 x) of the power spectrogram x (Bertrand & Friedland, section 3).

    Parameters
    ----------
    y : np.ndarray [shape=(n,), dtype=float32]
        One window's samples at `spec.sr`.
    spec : ImageSpec
        A feature of kind "power".

    Returns
    -------
    S : np.ndarray [shape=(spec.n_bands, spec.n_frames), dtype=float32]
        Values in [0, 1], low frequencies first; all zero for silence.
    """
    spread: NDArray[np.float32] = np.tanh(_SPREAD * scaled_power(y, spec))
    return spread


def scaled_power(y: NDArray[np.float32], spec: ImageSpec) -> NDArray[np.float32]:
    """The power spectrogram before the tanh, in [0, 1].

    The paper divides by the total energy and then scales to [0, 1]; scaling by the maximum
    cancels the division, so only the scaling is done. Power, window and hop are not in the
    paper: |STFT|^2 comes nearest to its figure 1, and hop 1722 gives 256 frames of 10 s.
    """
    power = power_frames(y, spec.n_fft, spec.hop_length, centred=False)
    image = power[: spec.n_frames, : spec.n_bands].T
    peak = image.max()
    return image / peak if peak > 0 else np.zeros_like(image)


def _steps(spec: ImageSpec) -> list[Step]:
    """As `spread_power`."""
    return [
        stft_power(spec.n_fft, spec.hop_length, spec.n_frames, centred=False, n_bins=spec.n_bands),
        step("over_peak", of="image"),
        linear(_SPREAD),
        step("tanh"),
    ]


KIND = Kind(
    "power",
    ImageSpec,
    images(spread_power),
    (
        ImageSpec(
            name="spec-256",
            kind="power",
            sr=44100,
            clip_s=30.0,
            window_s=10.0,
            step_s=10.0,
            n_windows=3,
            n_fft=512,
            hop_length=1722,
            n_bands=256,
            n_frames=256,
            low=0.0,
            high=1.0,
        ),
    ),
    image_recipe(_steps),
)
