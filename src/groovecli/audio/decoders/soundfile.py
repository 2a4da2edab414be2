"""libsndfile, by soundfile: at the C decoders' limit, with exact seeks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from groovecli.audio.decoders.container import FAILURES
from groovecli.audio.decoders.decoder import (
    LEAD_S,
    AudioInfo,
    Block,
    Decoder,
    Mixer,
    Samples,
    Undecodable,
    joined,
    mono,
)
from groovecli.audio.decoders.lengths import demuxed_s
from groovecli.audio.decoders.mpeg import Count, count
from groovecli.audio.decoders.spans import spans
from groovecli.audio.quiet import quiet_stderr
from groovecli.audio.suffixes import OF_SOUNDFILE
from groovecli.messages import audio as say

_LONGEST_S = 1e6  # more is what a header says that was never completed
_LARGE = 1 << 23  # values of all channels: of a clip at 192,000 Hz 30 to 200 MB
_EXACT = ("FLAC", "WAV", "WAVEX", "AIFF", "W64", "RF64", "CAF")  # soundfile seeks after each read
_BLOCK = 1 << 19
_NAMES = {1: ("FC",), 2: ("FL", "FR")}
_COMPLETE = 0.98  # share of the packets under which libmpg123 stopped where something changes


@contextmanager
def _opened(path: Path) -> Iterator[sf.SoundFile]:
    """A file that libsndfile reads to its end; of chained Ogg and joined MP3 it reads the first part."""
    with quiet_stderr(), sf.SoundFile(path) as file:
        if file.format == "OGG" and len(spans(path)) > 1:
            raise Undecodable(say.CHAIN)
        if file.format == "MP3" and count(path) is Count.UNTRUE:
            raise Undecodable(say.UNTRUE_HEADER)
        yield file


def _probe(path: Path) -> AudioInfo:
    with _opened(path) as file:
        if not len(file.read(256)):
            raise Undecodable(say.NO_SAMPLES)
        sr, n_channels = file.samplerate, file.channels
        duration_s = demuxed_s(path) if _is_guess(path, file) else file.frames / sr
        return AudioInfo(duration_s, sr, n_channels)


def _is_guess(path: Path, file: sf.SoundFile) -> bool:
    """Whether soundfile guesses the number of frames: from the file's size, without Xing's header."""
    if file.format != "MP3":
        return bool(file.frames > _LONGEST_S * file.samplerate)
    return count(path) is Count.NONE


def _read(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    with _opened(path) as file:
        sr = file.samplerate
        start = round(start_s * sr)
        if start >= file.frames:
            raise Undecodable(say.ends_before(start_s))
        lead = min(start, round(LEAD_S * sr))
        file.seek(start - lead)
        if length_s is None and file.frames > _LONGEST_S * sr:
            raise Undecodable(say.NO_LENGTH)
        n = None if length_s is None else round(length_s * sr)
        if n is not None and n * file.channels > _LARGE and file.format in _EXACT:
            file.seek(start)
            y = _mixed(file, n)
        else:
            n = -1 if n is None else lead + n
            y = mono(file.read(n, dtype="float32", always_2d=True)[lead:])
        if (
            length_s is None
            and _is_guess(path, file)
            and len(y) < _COMPLETE * (demuxed_s(path) - start_s) * sr
        ):
            raise Undecodable(say.ends_before(start_s + len(y) / sr))
        return y, sr


def _mixed(file: sf.SoundFile, n: int) -> Samples:
    """The next `n` samples of all channels; read again where only one of these is to be heard."""
    mixer, start = Mixer(), file.tell()
    for x in _blocks(file, n):
        mixer.add(x)
    channel = mixer.loudest
    if channel is None:
        return mixer.samples()
    file.seek(start)
    return joined([np.ascontiguousarray(x[:, channel]) for x in _blocks(file, n)])


def _blocks(file: sf.SoundFile, n: int) -> Iterator[NDArray[np.float32]]:
    """The next `n` samples of all channels, some at a time (n, channels)."""
    while n > 0 and len(x := file.read(min(n, _BLOCK), dtype="float32", always_2d=True)):
        yield x
        n -= len(x)


def _all_blocks(path: Path) -> Iterator[Block]:
    """All of a file; one of more channels is left to who knows their names."""
    with _opened(path) as file:
        if file.channels not in _NAMES:
            raise Undecodable(say.CHANNELS)
        sr, names = file.samplerate, _NAMES[file.channels]
        while len(x := file.read(sr, dtype="float32", always_2d=True)):
            yield Block(np.ascontiguousarray(x.T), sr, names)


SOUNDFILE = Decoder(
    suffixes=OF_SOUNDFILE,
    probe=_probe,
    read=_read,
    failures=(sf.SoundFileError, *FAILURES),  # PyAV's, too, where it counts the packets
    blocks=_all_blocks,
)
