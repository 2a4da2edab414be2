"""Recipes: how to compute a feature from a clip's samples, as plain values that any program can follow.

A recipe is a list of steps over an array whose last axis is time. docs/guide/onnx.md explains each step,
and docs/classify_onnx.py does them; a test compares its arrays with groove's.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.features.spec import AudioSpec
from groovecli.features.spectrum import hann_window

Step = dict[str, Any]
Recipe = dict[str, Any]
"""What one input is made of (`of`), and how."""


def step(do: str, **settings: object) -> Step:
    """A step by its name."""
    return {"do": do, **settings}


def of_sound(spec: AudioSpec, steps: Sequence[Step]) -> Recipe:
    """The recipe of a feature that `steps` make of a clip's samples."""
    n_samples = spec.n_clip_samples
    return {"of": "sound", "clip_s": spec.clip_s, "sr": spec.sr, "n_samples": n_samples, "steps": [*steps]}


def windows(starts: Sequence[int], length: int) -> Step:
    """Cut windows from the last axis; they become the first axis."""
    return step("windows", starts=[*starts], length=length)


def sample_windows(spec: AudioSpec) -> Step:
    """Cut a spec's windows from the samples."""
    return windows([spec.first_sample(n) for n in range(spec.n_windows)], spec.n_window_samples)


def stft_power(
    n_fft: int,
    hop_length: int,
    n_frames: int,
    *,
    centred: bool,
    win_length: int | None = None,
    n_bins: int | None = None,
) -> Step:
    """As `spectrum.power_frames`, but (bins, frames)."""
    return step(
        "power",
        n_fft=n_fft,
        window=packed(hann_window(n_fft, win_length or n_fft)),
        hop_length=hop_length,
        padding=n_fft // 2 if centred else 0,
        n_bins=n_bins or 1 + n_fft // 2,
        n_frames=n_frames,
    )


def matrix(values: Any) -> Step:
    """Multiply each frame by a matrix (bands, bins), which may be sparse."""
    return step("matrix", **packed(values.toarray() if hasattr(values, "toarray") else values))


def linear(multiply: float = 1.0, add: float = 0.0) -> Step:
    """Multiply and add."""
    return step("linear", multiply=multiply, add=add)


def logarithm(multiply: float = 1.0, add: float = 0.0) -> list[Step]:
    """multiply * ln(x) + add."""
    return [step("log10"), linear(multiply * math.log(10), add)]


def decibels(least: float) -> list[Step]:
    """Power of at least `least` -> decibels."""
    return [step("at_least", value=least), step("log10"), linear(10.0)]


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Numbers as text: float32, little-endian, compressed by zlib, in base64."""
    data = zlib.compress(np.ascontiguousarray(values, "<f4").tobytes(), 9)
    return {"shape": [*values.shape], "values": base64.b64encode(data).decode("ascii")}
