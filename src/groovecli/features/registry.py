"""Every kind of feature and every feature there is, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.features import (
    lyrics,
    mel,
    mel_kaldi,
    mel_musicnn,
    mel_pair,
    msd_segments,
    power,
    segments,
    wave,
)
from groovecli.features.kind import Kind
from groovecli.features.spec import AudioSpec, FeatureSpec, Stored
from groovecli.messages.features import no_such_feature

_MODULES = (mel, power, mel_pair, mel_kaldi, mel_musicnn, wave, segments, msd_segments, lyrics)

KINDS: dict[str, Kind] = {module.KIND.name: module.KIND for module in _MODULES}

FEATURES: dict[str, FeatureSpec] = {spec.name: spec for kind in KINDS.values() for spec in kind.features}


def feature(name: str, clip_s: float = 30.0) -> FeatureSpec:
    """The feature called `name`, for clips of `clip_s` seconds.

    Raises
    ------
    UsageError
        There is no such feature, or it can't be of such clips.
    """
    if name not in FEATURES:
        raise no_such_feature(name, list(FEATURES))
    return FEATURES[name].for_clips_of(float(clip_s))


def extract(y: NDArray[np.float32], spec: AudioSpec) -> Stored:
    """A clip's feature, as it is cached.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]
        The clip's samples at `spec.sr`.

    Returns
    -------
    stored : np.ndarray [shape=spec.stored_shape, dtype=spec.dtype]
    """
    make = KINDS[spec.kind].extract
    assert make is not None, f"{spec.kind} is not made of sound"
    return make(y, spec)


def spec_from_dict(values: dict[str, Any]) -> FeatureSpec:
    """The spec that `to_dict` described.

    Raises
    ------
    ValueError
        It is of an unknown kind, or its fields are not those of its kind, or out of range.
    """
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"this groove knows no feature of kind {kind!r}")
    try:
        spec = KINDS[kind].spec(**values)
    except TypeError as error:
        raise ValueError(f"a feature of kind {kind} has other fields") from error
    spec.check()
    return spec
