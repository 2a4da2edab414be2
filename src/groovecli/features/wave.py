"""Samples themselves: for networks that listen to raw audio."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.features.spec import WaveSpec


def waves(y: NDArray[np.float32], spec: WaveSpec) -> NDArray[np.float32]:
    """A clip's samples, or their means over `spec.pool` samples each, as loud as they are.

    Neither paper says how its input is scaled (Hebbar & Srinivasa, section "Shifting to raw
    audio"; Sawhney et al., section 3, "a raw audio time series of amplitudes"). Loudness stays in:
    the second paper's networks take metal for pop and classical for jazz, loud for loud and soft for
    soft, and where all clips are made equally loud they learn next to nothing of genres.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]
        In [-1, 1].

    Returns
    -------
    samples : np.ndarray [shape=spec.stored_shape, dtype=float32]
        In [-1, 1].
    """
    (n_samples,) = spec.stored_shape
    pools = y[: n_samples * spec.pool].reshape(n_samples, spec.pool)
    means: NDArray[np.float32] = pools @ np.full(spec.pool, 1 / spec.pool, np.float32)
    return means
