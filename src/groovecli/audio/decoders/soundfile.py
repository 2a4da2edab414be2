"""libsndfile, by soundfile: at the C decoders' limit, with exact seeks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile as sf

from groovecli.audio.decoders.container import FAILURES
from groovecli.audio.decoders.decoder import LEAD_S, AudioInfo, Decoder, Samples, Undecodable, mono
from groovecli.audio.decoders.lengths import demuxed_s
from groovecli.audio.decoders.mpeg import Count, count
from groovecli.audio.decoders.spans import spans
from groovecli.audio.quiet import quiet_stderr
from groovecli.messages import audio as say

_LONGEST_S = 1e6  # more is what a header says that was never completed
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
        n = -1 if length_s is None else lead + round(length_s * sr)
        y = mono(file.read(n, dtype="float32", always_2d=True)[lead:])
        if (
            length_s is None
            and _is_guess(path, file)
            and len(y) < _COMPLETE * (demuxed_s(path) - start_s) * sr
        ):
            raise Undecodable(say.ends_before(start_s + len(y) / sr))
        return y, sr


SOUNDFILE = Decoder(
    suffixes=(
        *(".mp3", ".mp2", ".mp1", ".mpa", ".flac", ".ogg", ".oga", ".ogx", ".opus"),
        *(
            ".wav",
            ".wave",
            ".w64",
            ".rf64",
            ".bwf",
            ".aif",
            ".aiff",
            ".aifc",
            ".au",
            ".snd",
            ".caf",
            ".voc",
        ),
    ),
    probe=_probe,
    read=_read,
    failures=(sf.SoundFileError, *FAILURES),  # PyAV's, too, where it counts the packets
)
