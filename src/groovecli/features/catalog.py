"""Every feature there is, by name, and the way from a clip's samples to its stored bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from groovecli.errors import UsageError
from groovecli.features.mel import mel_db
from groovecli.features.power import spread_power
from groovecli.features.spec import Codes, FeatureSpec

_KINDS: dict[str, Callable[[NDArray[np.float32], FeatureSpec], NDArray[np.float32]]] = {
    "mel": mel_db,
    "power": spread_power,
}

FEATURES: dict[str, FeatureSpec] = {
    spec.name: spec
    for spec in (
        FeatureSpec(
            name="mel-323",
            kind="mel",
            sr=22050,
            n_fft=4096,
            hop_length=2048,
            n_bands=323,
            n_frames=323,
            clip_s=30.0,
            window_s=30.0,
            low=-80.0,
            high=0.0,
            divide_by_mean=True,
        ),
        FeatureSpec(
            name="spec-256",
            kind="power",
            sr=44100,
            n_fft=512,
            hop_length=1722,
            n_bands=256,
            n_frames=256,
            clip_s=30.0,
            window_s=10.0,
            low=0.0,
            high=1.0,
        ),
    )
}


def feature(name: str, clip_s: float = 30.0) -> FeatureSpec:
    """The feature called `name`, for clips of `clip_s` seconds.

    Raises
    ------
    UsageError
        There is no such feature.
    """
    if name not in FEATURES:
        raise UsageError(f"there is no feature {name!r}", f"choose from {', '.join(FEATURES)}")
    return FEATURES[name].for_clips_of(clip_s)


def extract(y: NDArray[np.float32], spec: FeatureSpec) -> Codes:
    """A clip's feature, as it is cached.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]
        The clip's samples at `spec.sr`.

    Returns
    -------
    codes : np.ndarray [shape=spec.shape, dtype=uint8]
        One image a window.
    """
    compute, n = _KINDS[spec.kind], spec.n_window_samples
    images = [compute(y[i * n : (i + 1) * n], spec) for i in range(spec.n_windows)]
    return np.stack([spec.encode(image) for image in images])
