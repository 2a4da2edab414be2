"""Altered copies of songs, for the benchmarks: other encodings, sample rates and levels.

Sound is (n,) where it is mono, else (n, channels); each writer gives the path that it wrote.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from groovecli.audio.read import probe, resample
from groovecli.audio.read import read as read_mono

Sound = NDArray[np.float32]
_LAMBDA = 118  # in which FFmpeg counts qualities
_BLOCK = 65536  # libsndfile's Vorbis encoder overflows the stack with a whole song at once


def read(path: Path) -> tuple[Sound, int]:
    """A song with all its channels at its own rate; in mono where only PyAV can read it."""
    if probe(path).n_channels > 1:
        with suppress(sf.SoundFileError):
            y, sr = sf.read(path, dtype="float32", always_2d=True)
            return y, sr
    return read_mono(path)


def quieter(y: Sound) -> Sound:
    """The same by 6 dB quieter."""
    return np.divide(y, 2, dtype=np.float32)


def mp3(path: Path, y: Sound, sr: int, *, kbits: int) -> Path:
    """Write at 44,100 Hz and a constant bit rate (in kbit/s)."""
    y = resample(y, sr, 44100)
    return _encoded(path.with_suffix(".mp3"), y, "libmp3lame", 44100, 1000 * kbits)


def mp3_vbr(path: Path, y: Sound, sr: int, *, has_header: bool = True) -> Path:
    """Write at 44,100 Hz and a bit rate that varies, as `lame -V2` does; with or without Xing's header."""
    y = resample(y, sr, 44100)
    quality = {"flags": "+qscale", "global_quality": str(2 * _LAMBDA)}
    header = {"write_xing": str(int(has_header))}
    return _encoded(path.with_suffix(".mp3"), y, "libmp3lame", 44100, 0, quality, header)


def m4a(path: Path, y: Sound, sr: int, *, kbits: int) -> Path:
    """Write AAC at 44,100 Hz and about a bit rate (in kbit/s)."""
    y = resample(y, sr, 44100)
    return _encoded(path.with_suffix(".m4a"), y, "aac", 44100, 1000 * kbits)


def opus(path: Path, y: Sound, sr: int, *, kbits: int) -> Path:
    """Write at 48,000 Hz and about a bit rate (in kbit/s)."""
    y = resample(y, sr, 48000)
    return _encoded(path.with_suffix(".opus"), y, "libopus", 48000, 1000 * kbits)


def vorbis(path: Path, y: Sound, sr: int, *, quality: int) -> Path:
    """Write at 44,100 Hz and a quality from 0 to 10, as `oggenc -q` has it."""
    y = resample(y, sr, 44100)
    path = path.with_suffix(".ogg")
    n_channels = 1 if y.ndim == 1 else y.shape[1]
    with sf.SoundFile(
        path, "w", 44100, n_channels, "VORBIS", format="OGG", compression_level=1 - quality / 10
    ) as file:
        for start in range(0, len(y), _BLOCK):
            file.write(y[start : start + _BLOCK])
    return path


def wav(path: Path, y: Sound, sr: int) -> Path:
    """Write 16-bit samples as they are."""
    sf.write(path.with_suffix(".wav"), y, sr)
    return path.with_suffix(".wav")


def _encoded(
    path: Path,
    y: Sound,
    codec: str,
    sr: int,
    bit_rate: int,
    of_codec: dict[str, str] | None = None,
    of_file: dict[str, str] | None = None,
) -> Path:
    """Write one or two channels with a codec of FFmpeg's; a bit rate of 0 is the options' affair."""
    planes = np.ascontiguousarray(np.atleast_2d(y.T)[:2], np.float32)
    layout = ("mono", "stereo")[len(planes) - 1]
    with av.open(str(path), "w", options=of_file or {}) as out:
        stream: Any = out.add_stream(codec, rate=sr, layout=layout, options=of_codec or {})
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
        frame.sample_rate = sr
        resampler = av.AudioResampler(stream.format.name, layout, sr, frame_size=stream.frame_size or 1024)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path
