"""FeatureSpec: the exact input of a model, and the identity of what is cached for it.

A spec's fields depend on its kind, and so does its class; what all have in common is what the rest
of groove works with. A clip is stored as one array and shown to networks as one or more windows.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from groovecli.files import key_of
from groovecli.messages.features import clip_length_refused, clip_shorter_than_window

Codes = NDArray[np.uint8]
Stored = NDArray[Any]
Scale = Literal["none", "mean", "unit"]
_LEVELS = 255
_LARGEST = 1 << 20
_MOST_VALUES = 1 << 26
_TYPES: dict[str, type[Any]] = {"int": int, "str": str, "float": float}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SHORTEST_CLIP_S, _LONGEST_CLIP_S = 3, 600


def _check_field(name: str, annotation: str, value: object) -> None:
    wanted = _TYPES.get(annotation, str)
    if type(value) is not wanted and not (wanted is float and type(value) is int):
        raise ValueError(f"its feature's {name} is no {wanted.__name__}")
    if isinstance(value, int) and wanted is int and not 0 < value <= _LARGEST:
        raise ValueError("its feature has impossible sizes")


def _check_clip(clip_s: float) -> None:
    if not _SHORTEST_CLIP_S <= clip_s <= _LONGEST_CLIP_S:
        raise clip_length_refused(clip_s, _SHORTEST_CLIP_S, _LONGEST_CLIP_S)


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """What every feature has.

    Parameters
    ----------
    name : str
        The feature's name on the command line.
    kind : str
        What kind of feature it is: a name of the registry's `KINDS`.
    n_windows : int
        Number of windows in a clip.
    """

    name: str
    kind: str
    n_windows: int = 1

    dtype: ClassVar[str] = "f4"
    per_song: ClassVar[bool] = False
    """Whether it is of the song, not of the clip: then a song's first clip stands for the song."""

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """Shape of a clip's array in the cache."""
        raise NotImplementedError

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one window as a network gets it."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """Part of the cache's key: changes with any field."""
        return f"{self.name}-{key_of(asdict(self), 8)}"

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain values, for model files."""
        return asdict(self)

    def check(self) -> None:
        """Raise a ValueError if the fields can't be a feature's: a model's header may come from anyone."""
        for field in fields(self):
            annotation = getattr(field.type, "__name__", str(field.type))  # a text or a type
            _check_field(field.name, annotation, getattr(self, field.name))
        if not _NAME.fullmatch(self.name):  # it becomes part of a path
            raise ValueError(f"no feature has the name {self.name!r}")
        self.check_own()
        if self.per_song and self.n_windows != 1:
            raise ValueError("its feature has impossible windows")
        if not 0 < math.prod(self.stored_shape) <= _MOST_VALUES or not all(self.input_shape):
            raise ValueError("its feature has impossible sizes")

    def check_own(self) -> None:
        """Raise a ValueError if the fields of its own class don't fit together."""

    def for_clips_of(self, clip_s: float) -> Self:  # noqa: ARG002
        """The same feature of clips of another length."""
        return self

    def window(self, stored: Stored, number: int) -> Stored:  # noqa: ARG002
        """One window of a clip's array, as a view."""
        return stored


@dataclass(frozen=True, kw_only=True)
class AudioSpec(FeatureSpec):
    """A feature of sound: of windows that lie in a clip.

    Parameters
    ----------
    sr : int
        Sample rate (in Hz).
    clip_s, window_s, step_s : float
        Length of a clip, of a window, and from a window's start to the next one's (in seconds).
    """

    sr: int
    clip_s: float
    window_s: float
    step_s: float

    @property
    def n_clip_samples(self) -> int:
        """Samples of one clip at `sr`."""
        return round(self.clip_s * self.sr)

    @property
    def n_window_samples(self) -> int:
        """Samples of one window at `sr`."""
        return round(self.window_s * self.sr)

    def first_sample(self, number: int) -> int:
        """Start of a window in the clip, in samples at `sr`."""
        return round(number * self.step_s * self.sr)

    def check_own(self) -> None:
        """Raise a ValueError if windows don't fit into the clip."""
        longest_s = 6 * _LONGEST_CLIP_S
        if not 0 < self.window_s <= self.clip_s <= longest_s or not 0 < self.step_s <= self.clip_s:
            raise ValueError("its feature has impossible lengths")
        if self.first_sample(self.n_windows - 1) + self.n_window_samples > self.n_clip_samples:
            raise ValueError("its feature's windows don't fit into its clips")

    def check_frames(self, n_frames: int, n_bands: int, n_fft: int, hop_length: int) -> None:
        """Raise a ValueError if a window has fewer frames, or too many numbers."""
        n_there = 1 + self.n_window_samples // hop_length
        if n_frames > n_there or max(n_there, n_bands) * n_fft > _MOST_VALUES:
            raise ValueError("its feature has impossible frames")

    def for_clips_of(self, clip_s: float) -> Self:
        """The same feature of clips of another length, with as many windows as fit.

        Raises
        ------
        UsageError
            The clip is shorter than three seconds or than one window of fixed length.
        """
        if clip_s == self.clip_s:
            return self
        _check_clip(clip_s)
        if self.per_song:
            return self
        if clip_s < self.window_s:
            raise clip_shorter_than_window(self.name, clip_s, self.window_s)
        n_windows = 1 + int((clip_s - self.window_s) / self.step_s + 1e-9)
        return replace(self, clip_s=clip_s, n_windows=n_windows)


@dataclass(frozen=True, kw_only=True)
class ImageSpec(AudioSpec):
    """Images of `n_bands` x `n_frames`, one per window, stored as one byte per pixel.

    Parameters
    ----------
    n_fft, hop_length : int
        Length and hop of the short-time Fourier transform (in samples).
    n_bands, n_frames : int
        Height and width of an image.
    low, high : float
        Range of the values, which are stored in 256 levels.
    scale : str
        What a network sees: "none": the values; "mean": each image divided by its own mean;
        "unit": the range moved to [0, 1].
    """

    n_fft: int
    hop_length: int
    n_bands: int
    n_frames: int
    low: float
    high: float
    scale: Scale = "none"

    dtype: ClassVar[str] = "u1"

    @property
    def stored_shape(self) -> tuple[int, int, int]:
        """(windows, bands, frames)."""
        return self.n_windows, self.n_bands, self.n_frames

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(1, bands, frames)."""
        return 1, self.n_bands, self.n_frames

    def check_own(self) -> None:
        """As AudioSpec's, and raise a ValueError at an impossible range or scale."""
        super().check_own()
        self.check_frames(self.n_frames, self.n_bands, self.n_fft, self.hop_length)
        if not -_LARGEST < self.low < self.high < _LARGEST:
            raise ValueError("its feature has an impossible range")
        if self.scale not in get_args(Scale):
            raise ValueError(f"no feature is scaled by {self.scale!r}")

    def for_clips_of(self, clip_s: float) -> Self:
        """As AudioSpec's; an image of the whole clip keeps its hop, and its frames follow."""
        if self.window_s < self.clip_s or clip_s == self.clip_s:
            return super().for_clips_of(clip_s)
        _check_clip(clip_s)
        n_frames = 1 + round(clip_s * self.sr) // self.hop_length
        return replace(self, clip_s=clip_s, window_s=clip_s, step_s=clip_s, n_frames=n_frames)

    def window(self, stored: Stored, number: int) -> Stored:
        """One image of a clip."""
        image: Stored = stored[number]
        return image

    def encode(self, values: NDArray[np.float32]) -> Codes:
        """Values in [low, high] -> one byte each, the nearest of 256 levels."""
        scaled = (values - np.float32(self.low)) * np.float32(_LEVELS / (self.high - self.low))
        codes: Codes = np.clip(np.rint(scaled), 0, _LEVELS).astype(np.uint8)
        return codes

    def decode(self, codes: Codes) -> NDArray[np.float32]:
        """Bytes -> values, at most half a level off: 0.16 dB for a range of 80 dB."""
        step = np.float32((self.high - self.low) / _LEVELS)
        values: NDArray[np.float32] = codes.astype(np.float32) * step + np.float32(self.low)
        return values
