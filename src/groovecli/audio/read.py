"""Audio files to mono float32 samples, by the decoders in their order.

The next decoder takes over if one can't open a file, fails on it midway, or ends early. Only when all
fail is the file in error.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

import av
import numpy as np

from groovecli.audio.decoders import registry
from groovecli.audio.decoders.container import FAILURES
from groovecli.audio.decoders.decoder import AudioInfo, Decoder, Samples, Undecodable
from groovecli.audio.decoders.decoder import resample as resample
from groovecli.audio.decoders.lengths import demuxed_s
from groovecli.errors import AudioError
from groovecli.messages import audio as say
from groovecli.paths import StrPath, as_path
from groovecli.reasons import Reason

COMPLETE = 0.98
"""Share of the samples asked for under which a read counts as cut short."""
_NEARLY_S = 1.0  # of sound that is left where a read began but got nothing


def probe(path: StrPath) -> AudioInfo:
    """Read a file's duration, sample rate and channel count, and decode a moment of its start.

    Raises
    ------
    AudioError
        No decoder finds audio in it.
    """
    path = as_path(path, "probe", "path")
    reason = say.NO_AUDIO
    for decoder in candidates(path):
        try:
            info = decoder.probe(path)
        except decoder.failures as error:
            reason = reason_of(path, error)
            continue
        if info.duration_s > 0:
            return info
    raise AudioError(path, Reason.UNDECODABLE, reason)


def read(path: StrPath, *, start_s: float = 0.0, length_s: float | None = None) -> tuple[Samples, int]:
    """Decode a stretch of a file to mono at its own rate, decoding no more than that stretch.

    Parameters
    ----------
    path : str or Path
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
    path = as_path(path, "read", "path")
    best: tuple[Samples, int] | None = None
    reason = say.NO_AUDIO_THERE
    for decoder in fastest_first(path):
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # of damaged files, clamped below
                y, sr = decoder.read(path, start_s, length_s)
        except decoder.failures as error:
            reason = reason_of(path, error)
            continue
        if best is None or len(y) > len(best[0]):
            best = y, sr
        if length_s is None or len(y) >= COMPLETE * length_s * sr:
            break
    if best is None or not len(best[0]):
        raise _nothing_there(path, start_s, reason)
    return _clamped(best[0]), best[1]


def load(path: StrPath, *, sr: int, start_s: float = 0.0, length_s: float | None = None) -> Samples:
    """`read`, resampled to `sr`."""
    y, native_sr = read(path, start_s=start_s, length_s=length_s)
    return resample(y, native_sr, sr)


def fit(y: Samples, n_samples: int) -> Samples:
    """Cut `y` to `n_samples`, or repeat it until they are full."""
    return y[:n_samples] if len(y) >= n_samples else np.resize(y, n_samples)


def _clamped(y: Samples) -> Samples:
    """Samples in [-1, 1]: damaged files decode to peaks of 243 and to NaN."""
    np.clip(y, -1.0, 1.0, out=y)
    if np.isnan(y.sum()):  # five times as fast as np.nan_to_num on a sound file
        y[np.isnan(y)] = 0.0
    return y


def fastest_first(path: Path) -> list[Decoder]:
    """The decoders to read a file with, in order."""
    return sorted(candidates(path), key=lambda each: path.suffix.lower() not in each.reads_first)


def candidates(path: Path) -> list[Decoder]:
    """The decoders to try, in order."""
    suffix = path.suffix.lower()
    is_known = any(suffix in decoder.suffixes for decoder in registry.DECODERS)
    return [each for each in registry.DECODERS if each.takes_any or suffix in each.suffixes or not is_known]


def _nothing_there(path: Path, start_s: float, reason: str) -> AudioError:
    """Why there is nothing from `start_s` on: the file ends before, or can't be decoded."""
    if start_s > 0:
        with suppress(*FAILURES):
            end_s = demuxed_s(path)
            if 0 < end_s < start_s + _NEARLY_S:
                return AudioError(path, Reason.ENDS_EARLY, f"{end_s:.0f} s")
    return AudioError(path, Reason.UNDECODABLE, reason)


def reason_of(path: Path, error: Exception) -> str:
    """What is wrong with a file: the system's words where it won't open it, never a library's."""
    try:
        path.open("rb").close()
    except OSError as refused:
        return str(refused.strerror or refused)
    if isinstance(error, Undecodable):
        return str(error)
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return say.TOO_LARGE
    return say.DAMAGED if isinstance(error, av.InvalidDataError) else say.UNKNOWN_KIND
