"""A clip's windows as images, one byte a pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groovecli.features.mel import mel_db
from groovecli.features.mel_kaldi import mel_kaldi
from groovecli.features.mel_pair import mel_pair
from groovecli.features.power import spread_power
from groovecli.features.spec import Codes, ImageSpec

_KINDS = {"mel": mel_db, "power": spread_power, "mel-pair": mel_pair, "mel-kaldi": mel_kaldi}


def images(y: NDArray[np.float32], spec: ImageSpec) -> Codes:
    """The images of a clip's windows.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]

    Returns
    -------
    codes : np.ndarray [shape=spec.stored_shape, dtype=uint8]
    """
    codes = np.empty(spec.stored_shape, np.uint8)
    for number, image in enumerate(codes):
        start = spec.first_sample(number)
        image[:] = spec.encode(_KINDS[spec.kind](y[start : start + spec.n_window_samples], spec))
    return codes
