"""FeatureSpec: exactly what a model eats, and the identity of what is cached for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.errors import UsageError
from groovecli.store import fingerprint

Codes = NDArray[np.uint8]
_LEVELS = 255


@dataclass(frozen=True)
class FeatureSpec:
    """A feature of a clip, as images of `n_bands` x `n_frames`, one for each window of the clip.

    Parameters
    ----------
    name : str
        The feature's name on the command line.
    kind : str
        Which function makes it: "mel" or "power".
    sr : int
        Sample rate (in Hz).
    n_fft, hop_length : int
        Length and hop of the short-time Fourier transform (in samples).
    n_bands, n_frames : int
        Height and width of an image.
    clip_s, window_s : float
        Length of a clip and of each of its windows (in seconds).
    low, high : float
        Range of the values, which are stored as one byte each.
    divide_by_mean : bool
        Whether a network sees each image divided by its own mean.
    """

    name: str
    kind: str
    sr: int
    n_fft: int
    hop_length: int
    n_bands: int
    n_frames: int
    clip_s: float
    window_s: float
    low: float
    high: float
    divide_by_mean: bool = False

    @property
    def n_windows(self) -> int:
        """How many windows a clip gives, side by side from its start."""
        return max(1, int(self.clip_s / self.window_s + 1e-9))

    @property
    def n_window_samples(self) -> int:
        """Samples of one window at `sr`."""
        return round(self.window_s * self.sr)

    @property
    def n_clip_samples(self) -> int:
        """Samples of one clip at `sr`."""
        return round(self.clip_s * self.sr)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a clip's feature: (windows, bands, frames)."""
        return self.n_windows, self.n_bands, self.n_frames

    @property
    def fingerprint(self) -> str:
        """Part of the cache's key: changes with any field."""
        return f"{self.name}-{fingerprint(asdict(self), 8)}"

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain values, for model files."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> FeatureSpec:
        """The spec that `to_dict` described."""
        return cls(**fields)

    def for_clips_of(self, clip_s: float) -> FeatureSpec:
        """The same feature of clips of another length: the hop stays, the frames follow.

        Raises
        ------
        UsageError
            The clip is shorter than one window of fixed length, or than three seconds.
        """
        if clip_s == self.clip_s:
            return self
        if not 3 <= clip_s <= 600:
            raise UsageError(f"clips can be 3 to 600 s long, not {clip_s:g} s")
        if self.window_s < self.clip_s:  # windows of fixed length: more or fewer of them
            if clip_s < self.window_s:
                raise UsageError(
                    f"{self.name} needs clips of {self.window_s:g} s or more, not {clip_s:g} s"
                )
            return replace(self, clip_s=clip_s)
        n_frames = 1 + round(clip_s * self.sr) // self.hop_length
        return replace(self, clip_s=clip_s, window_s=clip_s, n_frames=n_frames)

    def encode(self, values: NDArray[np.float32]) -> Codes:
        """Values in [low, high] -> one byte each, the nearest of 256 levels."""
        scaled = (values - np.float32(self.low)) * np.float32(_LEVELS / (self.high - self.low))
        codes: Codes = np.clip(np.rint(scaled), 0, _LEVELS).astype(np.uint8)
        return codes

    def decode(self, codes: Codes) -> NDArray[np.float32]:
        """Bytes -> values, at most half a level off: 0.16 dB where the range is 80 dB."""
        step = np.float32((self.high - self.low) / _LEVELS)
        values: NDArray[np.float32] = codes.astype(np.float32) * step + np.float32(self.low)
        return values
