"""Every feature there is, by name, and the way from a clip's samples to its stored array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.errors import UsageError
from groovecli.features.images import images
from groovecli.features.mel_musicnn import log_mel
from groovecli.features.segments import chroma_timbre
from groovecli.features.spec import (
    AudioSpec,
    FeatureSpec,
    ImageSpec,
    LogMelSpec,
    LyricsSpec,
    SegmentsSpec,
    Stored,
    WaveSpec,
)
from groovecli.features.wave import waves

_KINDS: dict[str, Callable[[NDArray[np.float32], Any], Stored]] = {
    "mel": images,
    "power": images,
    "mel-pair": images,
    "mel-kaldi": images,
    "log-mel": log_mel,
    "wave": waves,
    "segments": chroma_timbre,
}

FEATURES: dict[str, FeatureSpec] = {
    spec.name: spec
    for spec in (
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
        WaveSpec(
            name="wave-8k",
            kind="wave",
            sr=8000,
            clip_s=30.0,
            window_s=3.75,
            step_s=26.25 / 19,
            n_windows=20,
        ),
        WaveSpec(
            name="wave-pooled",
            kind="wave",
            sr=22050,
            clip_s=30.0,
            window_s=20000 / 22050,
            step_s=20000 / 22050,
            n_windows=30,  # of the 33 that fit: the paper takes 600,000 samples
            pool=40,
        ),
        SegmentsSpec(
            name="chroma-timbre",
            kind="segments",
            sr=22050,
            clip_s=30.0,
            window_s=30.0,
            step_s=30.0,
            n_fft=4096,
            hop_length=2205,
            n_frames=300,
        ),
        LogMelSpec(
            name="mel-96-musicnn",
            kind="log-mel",
            sr=16000,
            clip_s=30.0,
            window_s=187 * 256 / 16000,
            step_s=187 * 256 / 16000,  # side by side, as musicnn cuts a song
            n_windows=10,
            n_fft=512,
            hop_length=256,
            n_bands=96,
            n_frames=187,
        ),
        LyricsSpec(name="lyrics", kind="lyrics", width=100),
    )
}


def feature(name: str, clip_s: float = 30.0) -> FeatureSpec:
    """The feature called `name`, for clips of `clip_s` seconds.

    Raises
    ------
    UsageError
        There is no such feature, or it can't be of such clips.
    """
    if name not in FEATURES:
        raise UsageError(f"there is no feature {name!r}", f"choose from {', '.join(FEATURES)}")
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
    return _KINDS[spec.kind](y, spec)
