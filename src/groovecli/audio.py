"""Audio files to mono float32 samples: soundfile first, PyAV for what it can't read.

PyAV takes over for a format that soundfile doesn't know, a file that it can't open though it
should, and one on which it fails midway or early. Only when both fail is the file in error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from groovecli.errors import AudioError

Samples = NDArray[np.float32]

SUFFIXES = frozenset(
    ".mp3 .flac .ogg .oga .opus .wav .aif .aiff .aifc .m4a .m4b .mp4 .aac .alac .wma .ape .wv .mka "
    ".webm .mpc .tta .ac3 .au .caf".split()
)
# Formats whose header soundfile trusts though it may be wrong, or that it can't open at all.
_AV_ONLY = frozenset(".m4a .m4b .mp4 .aac .alac .wma .ape .wv .mka .webm .mpc .tta .ac3".split())
_COMPLETE = 0.98  # share of the samples asked for under which a read counts as cut short

av.logging.set_level(av.logging.PANIC)


@dataclass(frozen=True)
class AudioInfo:
    """What a file says of its audio: seconds, Hz, channels."""

    duration_s: float
    sr: int
    n_channels: int


def probe(path: Path) -> AudioInfo:
    """Read a file's duration, sample rate and channel count, and decode a moment of its start.

    Raises
    ------
    AudioError
        Neither decoder finds audio in it.
    """
    return _first_that_works(path, (_probe_soundfile, _probe_av))


def read(
    path: Path, *, start_s: float = 0.0, length_s: float | None = None
) -> tuple[Samples, int]:
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

    def read_soundfile(path: Path) -> tuple[Samples, int]:
        return _read_soundfile(path, start_s, length_s)

    def read_av(path: Path) -> tuple[Samples, int]:
        return _read_av(path, start_s, length_s)

    y, sr = _longest(path, (read_soundfile, read_av), length_s)
    return _clamped(y), sr


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
    y = np.nan_to_num(y, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(y, -1.0, 1.0, out=y)


def _mono(x: NDArray[np.float32]) -> Samples:
    """(n, channels) -> (n,), the mean of the channels; `x.mean(axis=1)` is 20 times slower."""
    if x.shape[1] == 1:
        return np.ascontiguousarray(x[:, 0])
    y = x[:, 0] + x[:, 1]
    for channel in range(2, x.shape[1]):
        y += x[:, channel]
    y *= np.float32(1 / x.shape[1])
    return y


def _decoders(path: Path, pair: tuple[Any, Any]) -> tuple[Any, ...]:
    return pair[1:] if path.suffix.lower() in _AV_ONLY else pair


def _first_that_works(path: Path, probes: tuple[Callable[[Path], AudioInfo], ...]) -> AudioInfo:
    reason = "no audio in it"
    for attempt in _decoders(path, probes):  # type: Callable[[Path], AudioInfo]
        try:
            info = attempt(path)
        except (sf.SoundFileError, av.FFmpegError, OSError, ValueError, ArithmeticError) as error:
            reason = _reason(path, error)
            continue
        if info.duration_s > 0:
            return info
    raise AudioError(f"cannot decode {path}: {reason}")


def _longest(
    path: Path, reads: tuple[Callable[[Path], tuple[Samples, int]], ...], length_s: float | None
) -> tuple[Samples, int]:
    """The first read that gives all that was asked for, else the longest."""
    best: tuple[Samples, int] | None = None
    reason = "no audio there"
    for read in _decoders(path, reads):
        try:
            y, sr = read(path)
        except (sf.SoundFileError, av.FFmpegError, OSError, ValueError, ArithmeticError) as error:
            reason = _reason(path, error)
            continue
        if best is None or len(y) > len(best[0]):
            best = y, sr
        if length_s is None or len(y) >= _COMPLETE * length_s * sr:
            break
    if best is None or not len(best[0]):
        raise AudioError(f"cannot decode {path}: {reason}")
    return best


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).removeprefix(f"Error opening {str(path)!r}: ").strip().rstrip(".")


def _probe_soundfile(path: Path) -> AudioInfo:
    with sf.SoundFile(path) as file:
        if not len(file.read(256)):
            raise ValueError("no samples in it")
        return AudioInfo(file.frames / file.samplerate, file.samplerate, file.channels)


def _read_soundfile(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    with sf.SoundFile(path) as file:
        sr = file.samplerate
        start = round(start_s * sr)
        if start >= file.frames:
            raise ValueError(f"it ends before {start_s:.0f} s")
        file.seek(start)
        n = -1 if length_s is None else round(length_s * sr)
        return _mono(file.read(n, dtype="float32", always_2d=True)), sr


def _probe_av(path: Path) -> AudioInfo:
    with av.open(str(path), metadata_errors="ignore") as container:
        stream = _audio_stream(container)
        if next(container.decode(stream), None) is None:
            raise ValueError("no samples in it")
        if stream.duration is not None and stream.time_base is not None:
            duration_s = float(stream.duration * stream.time_base)
        else:
            duration_s = (container.duration or 0) / av.time_base
        return AudioInfo(duration_s, stream.rate, stream.channels)


def _read_av(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    """Seek to the packet before `start_s`, decode to the end of the stretch, cut exactly."""
    blocks: list[Samples] = []
    with av.open(str(path), metadata_errors="ignore") as container:
        stream = _audio_stream(container)
        sr = int(stream.rate)
        skip, wanted = _seek(container, stream, start_s), length_s
        n_wanted = None if wanted is None else round(wanted * sr)
        converter = av.AudioResampler(format="fltp", layout=stream.layout, rate=sr)
        n_read = 0
        for frame in container.decode(stream):
            if skip is None:  # the first frame after a seek says where the seek landed
                skip = max(0, round((start_s - _seconds(frame, stream)) * sr))
            for planar in converter.resample(frame):
                block = _mono(planar.to_ndarray().T)
                dropped = min(skip, len(block))
                skip -= dropped
                blocks.append(block[dropped:])
                n_read += len(block) - dropped
            if n_wanted is not None and n_read >= n_wanted:
                break
    y = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return y[:n_wanted], sr


def _audio_stream(container: Any) -> Any:
    if not container.streams.audio:
        raise ValueError("no audio in it")
    return container.streams.audio[0]


def _seek(container: Any, stream: Any, start_s: float) -> int | None:
    """Go near `start_s`; return the samples to skip, None where only the next frame knows."""
    if start_s <= 0:
        return 0
    container.seek(int(start_s / stream.time_base) + (stream.start_time or 0), stream=stream)
    return None


def _seconds(frame: Any, stream: Any) -> float:
    """Where a frame starts (in seconds from the stream's start)."""
    if frame.pts is None:
        return 0.0
    return float((frame.pts - (stream.start_time or 0)) * stream.time_base)
