"""Audio files to mono float32 samples: soundfile and PyAV, each first where it is the faster.

PyAV takes over for a format that soundfile doesn't know, a file that it can't open though it
should, and one on which it fails midway or early. Only when both fail is the file in error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from groovecli.audio.payload import payload_span
from groovecli.audio.quiet import quiet_stderr
from groovecli.errors import AudioError

Samples = NDArray[np.float32]
T = TypeVar("T")
_Decoder = Callable[[Path], T]

_SOUNDFILE = (".mp3", ".flac", ".ogg", ".oga", ".opus", ".wav", ".aif", ".aiff", ".aifc", ".au", ".caf")
# Formats that soundfile can't open, so that it need not try.
_MP4 = (".m4a", ".m4b", ".mp4", ".aac", ".alac")
_AV_ONLY = (*_MP4, ".wma", ".ape", ".wv", ".mka", ".webm", ".mpc", ".tta", ".ac3")
SUFFIXES = frozenset(_SOUNDFILE + _AV_ONLY)
# PyAV decodes Opus in half of soundfile's time.
_AV_FIRST = (".opus",)
# Containers without an index, whose duration FFmpeg guesses from the first packets' bit rate.
_GUESSED = ("aac", "ac3", "eac3", "mp3")
_LEAD_S = 0.25  # decoded before a stretch and dropped: lossy codecs need some frames to settle
_LONGEST_S = 1e6  # more is what a header says that was never completed
_COMPLETE = 0.98  # share of the samples asked for under which a read counts as cut short
_FAILURES = (sf.SoundFileError, av.FFmpegError, OSError, ValueError, ArithmeticError)

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
    np.clip(y, -1.0, 1.0, out=y)
    if np.isnan(y.sum()):  # five times as fast as np.nan_to_num on a sound file
        y[np.isnan(y)] = 0.0
    return y


def _mono(x: NDArray[np.float32]) -> Samples:
    """(n, channels) -> (n,), the mean of the channels; `x.mean(axis=1)` is 20 times slower."""
    if x.shape[1] == 1:
        return np.ascontiguousarray(x[:, 0])
    y = x[:, 0] + x[:, 1]
    for channel in range(2, x.shape[1]):
        y += x[:, channel]
    y *= np.float32(1 / x.shape[1])
    return y


def _decoders(path: Path, pair: tuple[_Decoder[T], _Decoder[T]]) -> tuple[_Decoder[T], ...]:
    return pair[1:] if path.suffix.lower() in _AV_ONLY else pair


def _first_that_works(path: Path, probes: tuple[_Decoder[AudioInfo], _Decoder[AudioInfo]]) -> AudioInfo:
    reason = "no audio in it"
    for probe_with in _decoders(path, probes):
        try:
            info = probe_with(path)
        except _FAILURES as error:
            reason = _reason(error)
            continue
        if info.duration_s > 0:
            return info
    raise AudioError(f"cannot decode {path}: {reason}")


def _longest(
    path: Path,
    reads: tuple[_Decoder[tuple[Samples, int]], _Decoder[tuple[Samples, int]]],
    length_s: float | None,
) -> tuple[Samples, int]:
    """The first read that gives all that was asked for, else the longest."""
    best: tuple[Samples, int] | None = None
    reason = "no audio there"
    decoders = _decoders(path, reads)
    for read_with in decoders[::-1] if path.suffix.lower() in _AV_FIRST else decoders:
        try:
            y, sr = read_with(path)
        except _FAILURES as error:
            reason = _reason(error)
            continue
        if best is None or len(y) > len(best[0]):
            best = y, sr
        if length_s is None or len(y) >= _COMPLETE * length_s * sr:
            break
    if best is None or not len(best[0]):
        raise AudioError(f"cannot decode {path}: {reason}")
    return best


def _reason(error: Exception) -> str:
    if isinstance(error, av.InvalidDataError):
        return "it is damaged, or no audio"
    known = getattr(error, "strerror", None) or getattr(error, "error_string", None)
    return str(known or error).rstrip(".")


def _probe_soundfile(path: Path) -> AudioInfo:
    with quiet_stderr(), sf.SoundFile(path) as file:
        if not len(file.read(256)):
            raise ValueError("no samples in it")
        sr, n_channels = file.samplerate, file.channels
        duration_s = _demuxed_s(path) if _is_guess(path, file) else file.frames / sr
        return AudioInfo(duration_s, sr, n_channels)


def _is_guess(path: Path, file: sf.SoundFile) -> bool:
    """Whether soundfile guesses the number of frames: from the file's size, without Xing's header."""
    if file.format != "MP3":
        return bool(file.frames > _LONGEST_S * file.samplerate)
    with path.open("rb") as raw:
        raw.seek(payload_span(raw)[0])
        return re.search(rb"Xing|Info|VBRI", raw.read(4096)) is None


def _read_soundfile(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    with quiet_stderr(), sf.SoundFile(path) as file:
        sr = file.samplerate
        start = round(start_s * sr)
        if start >= file.frames:
            raise ValueError(f"it ends before {start_s:.0f} s")
        lead = min(start, round(_LEAD_S * sr))
        file.seek(start - lead)
        n = -1 if length_s is None else lead + round(length_s * sr)
        return _mono(file.read(n, dtype="float32", always_2d=True)[lead:]), sr


def _opened(path: Path) -> Any:
    """Open a file with PyAV, which would take `http:x.mp3`, or a play list in a file, to the network."""
    local = {"protocol_whitelist": "file"}
    return av.open(f"file:{path}", options=local, metadata_errors="ignore")


def _probe_av(path: Path) -> AudioInfo:
    with _opened(path) as container:
        stream = _audio_stream(container)
        first = next(_decoded(container, stream), None)
        if first is None:
            raise ValueError("no samples in it")
        duration_s = float((stream.duration or 0) * stream.time_base)
        duration_s = duration_s or (container.duration or 0) / av.time_base
        if duration_s <= 0 or container.format.name in _GUESSED:
            duration_s = _demuxed_s(path)
        return AudioInfo(duration_s, first.sample_rate, first.layout.nb_channels)


def _demuxed_s(path: Path) -> float:
    """Duration by all packets' own (in seconds), without decoding them."""
    with _opened(path) as container:
        stream = _audio_stream(container)
        return float(sum(packet.duration or 0 for packet in container.demux(stream)) * stream.time_base)


def _read_av(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    blocks: list[Samples] = []
    with _opened(path) as container:
        frames, skip, sr = _frames_from(container, _audio_stream(container), start_s)
        n_wanted = None if length_s is None else round(length_s * sr)
        n_read = 0
        for planar in _planar(frames):
            block = _mono(np.asarray(planar.to_ndarray(), np.float32).T)[skip:]
            skip = max(0, skip - planar.samples)
            blocks.append(block)
            n_read += len(block)
            if n_wanted is not None and n_read >= n_wanted:
                break
    y = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return y[:n_wanted], sr


def _audio_stream(container: Any) -> Any:
    if not container.streams.audio:
        raise ValueError("no audio in it")
    return container.streams.audio[0]


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Frames of a stream from where it stands; a damaged packet is passed over."""
    for packet in container.demux(stream):
        with suppress(av.InvalidDataError):
            yield from packet.decode()


def _planar(frames: Iterator[Any]) -> Iterator[Any]:
    """Frames as float32 planes; one that differs from the first in kind is damage, and left out."""
    converter, kind = av.AudioResampler(format="fltp"), None
    for frame in frames:
        kind = kind or (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind == (frame.format.name, frame.layout.name, frame.sample_rate):
            yield from converter.resample(frame)


def _frames_from(container: Any, stream: Any, start_s: float) -> tuple[Iterator[Any], int, int]:
    """Frames from shortly before `start_s`, how many samples of theirs come before it, their rate."""
    frames = _decoded(container, stream)
    first = next(frames, None)
    if first is None:
        raise ValueError("no samples in it")
    sr = int(first.sample_rate)  # the stream's own is half of it in HE-AAC
    if start_s <= _LEAD_S:
        return chain([first], frames), round(start_s * sr), sr
    # Time stamps count from that of the first frame: some formats' streams start late by theirs.
    origin = first.pts or 0
    container.seek(origin + int((start_s - _LEAD_S) / stream.time_base), stream=stream)
    frames = _decoded(container, stream)
    landed = next(frames, None)
    if landed is None or landed.pts is None:
        raise ValueError(f"it ends before {start_s:.0f} s")
    skipped_s = start_s - float((landed.pts - origin) * stream.time_base)
    return chain([landed], frames), max(0, round(skipped_s * sr)), sr
