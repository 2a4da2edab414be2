"""A decoder: the files that it opens, the facts it finds there, and how it reads a stretch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]

LEAD_S = 0.25
"""Decoded before a stretch and dropped (in seconds): lossy codecs need some frames to settle."""

# Of the energy that the mix would have if only the loudest channel sounded. Two equal channels have less
# where they correlate by less than -0.85; of music in opposite phase Vorbis leaves up to that.
CANCELLED = 0.3


class Undecodable(ValueError):
    """A decoder says in plain words why it doesn't read a file."""


@dataclass(frozen=True)
class AudioInfo:
    """The facts on a file's audio: seconds, Hz, channels."""

    duration_s: float
    sr: int
    n_channels: int


@dataclass(frozen=True)
class Block:
    """A piece of sound with all its channels, about a second long.

    x : np.ndarray [shape=(channels, n), dtype=float32]
    sr : int
        Its sample rate (in Hz).
    channels : tuple of str
        FFmpeg's names of the channels, such as "FL" and "LFE".
    """

    x: NDArray[np.float32]
    sr: int
    channels: tuple[str, ...]

    @property
    def length_s(self) -> float:
        """How long it is (in seconds)."""
        return float(self.x.shape[1] / self.sr)


@dataclass(frozen=True)
class Decoder:
    """A library that decodes audio files.

    Parameters
    ----------
    suffixes : tuple of str
        Endings of the files that it opens, such as ".mp3". It is also tried with endings that no
        decoder has in its list.
    probe : function
        Path -> AudioInfo, having decoded a moment of the file's start.
    read : function
        Path, where to start and how much to read (in seconds; None: to the end) -> mono samples at the
        file's own rate, and that rate (in Hz).
    failures : tuple of exceptions
        What it raises at files that it can't decode.
    takes_any : bool
        Whether it is tried with every file, after the decoders that have its ending in their list.
    reads_first : tuple of str
        Endings that it reads before the others do, being the faster.
    blocks : function, optional
        Path -> all of the file's sound, a block at a time, with its channels.
    """

    suffixes: tuple[str, ...]
    probe: Callable[[Path], AudioInfo]
    read: Callable[[Path, float, float | None], tuple[Samples, int]]
    failures: tuple[type[Exception], ...]
    takes_any: bool = False
    reads_first: tuple[str, ...] = ()
    blocks: Callable[[Path], Iterator[Block]] | None = None


class Mixer:
    """Blocks (n, channels) to mono samples, the mean of the channels; memory holds no block but the mix."""

    def __init__(self) -> None:
        self._parts: list[Samples] = []
        self._energies: list[float] = []  # of each channel
        self._energy = 0.0  # of the mix

    def add(self, x: NDArray[np.float32]) -> None:
        """Mix what comes next."""
        y = _mean(x)
        self._parts.append(y)
        if x.shape[1] > 1:
            energies = [float(np.dot(x[:, channel], x[:, channel])) for channel in range(x.shape[1])]
            before = self._energies or [0.0] * x.shape[1]
            self._energies = [a + b for a, b in zip(before, energies, strict=True)]
            self._energy += float(np.dot(y, y))

    @property
    def loudest(self) -> int | None:
        """The loudest channel, where channels in opposite phase leave hardly anything of it in the mix."""
        if not self._energies:
            return None
        loudest = int(np.argmax(self._energies))
        alone = self._energies[loudest] / len(self._energies) ** 2
        return loudest if self._energy < CANCELLED * alone else None

    def samples(self) -> Samples:
        """The mix."""
        return joined(self._parts)


def joined(parts: Sequence[Samples]) -> Samples:
    """One after another; a part that is alone is not copied."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def mono(x: NDArray[np.float32]) -> Samples:
    """(n, channels) -> (n,), the mean of the channels, or the loudest where they cancel one another."""
    mixer = Mixer()
    mixer.add(x)
    loudest = mixer.loudest
    return mixer.samples() if loudest is None else np.ascontiguousarray(x[:, loudest])


def _mean(x: NDArray[np.float32]) -> Samples:
    if x.shape[1] == 1:
        return np.ascontiguousarray(x[:, 0])
    y = x[:, 0] + x[:, 1]  # `x.mean(axis=1)` is 20 times slower
    for channel in range(2, x.shape[1]):
        y += x[:, channel]
    y *= np.float32(1 / x.shape[1])
    return y


def resample(y: Samples, orig_sr: int, target_sr: int) -> Samples:
    """`y` at another sample rate, by soxr HQ."""
    if orig_sr == target_sr:
        return y
    resampled: Samples = soxr.resample(y, orig_sr, target_sr, quality="HQ")
    return resampled
