"""Mel bands as musicnn has them: log10(10000 x + 1) of their power."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.features.mel import mel_filters, power_frames
from groovecli.features.spec import LogMelSpec

_SPREAD = 10_000


def log_mel(y: NDArray[np.float32], spec: LogMelSpec) -> NDArray[np.float32]:
    """The mel bands of a clip's windows (Pons & Serra, "musicnn").

    The clip's frames are computed once and then cut, so that a window's first frame hears what was
    before it.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]
        Samples at `spec.sr`.

    Returns
    -------
    S : np.ndarray [shape=spec.stored_shape, dtype=float32]
        Not below 0; all zero for silence.
    """
    power = power_frames(y, spec.n_fft, spec.hop_length, centred=True)
    mel = (mel_filters(spec.sr, spec.n_fft, spec.n_bands) @ power.T).astype(np.float32)
    bands: NDArray[np.float32] = np.log10(_SPREAD * mel + 1)
    starts = [spec.first_sample(number) // spec.hop_length for number in range(spec.n_windows)]
    return np.stack([bands[:, start : start + spec.n_frames] for start in starts])
