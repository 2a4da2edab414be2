"""Audio files to mono float32 samples, by the decoders in their order.

The next decoder takes over where one can't open a file, fails on it midway, or ends early. Only when all
fail is the file in error.
"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import soxr

from groovecli.audio.decoders import registry
from groovecli.audio.decoders.decoder import AudioInfo, Decoder, Samples
from groovecli.errors import AudioError
from groovecli.reasons import Reason

SUFFIXES = frozenset(suffix for decoder in registry.DECODERS for suffix in decoder.suffixes)
_COMPLETE = 0.98  # share of the samples asked for under which a read counts as cut short


def probe(path: Path) -> AudioInfo:
    """Read a file's duration, sample rate and channel count, and decode a moment of its start.

    Raises
    ------
    AudioError
        No decoder finds audio in it.
    """
    reason = "no audio in it"
    for decoder in _candidates(path):
        try:
            info = decoder.probe(path)
        except decoder.failures as error:
            reason = _reason(error)
            continue
        if info.duration_s > 0:
            return info
    raise AudioError(path, Reason.UNDECODABLE, reason)


def read(path: Path, *, start_s: float = 0.0, length_s: float | None = None) -> tuple[Samples, int]:
    """Decode a stretch of a file to mono at its own rate, decoding no more than that stretch.

    Parameters
    ----------
    path : Path
        Audio file.
    start_s, length_s : float >= 0
        Where to start and how much to read (in seconds); to the end without `length_s`.

    Returns
    -------
    y : np.ndarray [shape=(n,), dtype=float32]
        Samples in [-1, 1]; fewer than asked for where the file ends before.
    sr : int
        The file's sample rate (in Hz).

    Raises
    ------
    AudioError
        Nothing could be decoded there.
    """
    best: tuple[Samples, int] | None = None
    reason = "no audio there"
    for decoder in sorted(_candidates(path), key=lambda each: path.suffix.lower() not in each.reads_first):
        try:
            y, sr = decoder.read(path, start_s, length_s)
        except decoder.failures as error:
            reason = _reason(error)
            continue
        if best is None or len(y) > len(best[0]):
            best = y, sr
        if length_s is None or len(y) >= _COMPLETE * length_s * sr:
            break
    if best is None or not len(best[0]):
        raise AudioError(path, Reason.UNDECODABLE, reason)
    return _clamped(best[0]), best[1]


def load(path: Path, *, sr: int, start_s: float = 0.0, length_s: float | None = None) -> Samples:
    """`read`, resampled to `sr`."""
    y, native_sr = read(path, start_s=start_s, length_s=length_s)
    return resample(y, native_sr, sr)


def resample(y: Samples, orig_sr: int, target_sr: int) -> Samples:
    """`y` at another sample rate, by soxr HQ."""
    if orig_sr == target_sr:
        return y
    resampled: Samples = soxr.resample(y, orig_sr, target_sr, quality="HQ")
    return resampled


def fit(y: Samples, n_samples: int) -> Samples:
    """Cut `y` to `n_samples`, or repeat it until they are full."""
    return y[:n_samples] if len(y) >= n_samples else np.resize(y, n_samples)


def _clamped(y: Samples) -> Samples:
    """Samples in [-1, 1]: damaged files decode to peaks of 243 and to NaN."""
    np.clip(y, -1.0, 1.0, out=y)
    if np.isnan(y.sum()):  # five times as fast as np.nan_to_num on a sound file
        y[np.isnan(y)] = 0.0
    return y


def _candidates(path: Path) -> list[Decoder]:
    """The decoders to try, in order."""
    suffix = path.suffix.lower()
    is_known = any(suffix in decoder.suffixes for decoder in registry.DECODERS)
    return [each for each in registry.DECODERS if each.takes_any or suffix in each.suffixes or not is_known]


def _reason(error: Exception) -> str:
    if isinstance(error, av.InvalidDataError):
        return "it is damaged, or no audio"
    known = getattr(error, "strerror", None) or getattr(error, "error_string", None)
    return str(known or error).rstrip(".")
