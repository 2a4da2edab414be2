"""libsndfile, by soundfile: at the C decoders' limit, with exact seeks."""

from __future__ import annotations

import re
from pathlib import Path

import soundfile as sf

from groovecli.audio.decoders.decoder import LEAD_S, AudioInfo, Decoder, Samples, mono
from groovecli.audio.decoders.pyav import FAILURES, demuxed_s
from groovecli.audio.payload import payload_span
from groovecli.audio.quiet import quiet_stderr

_LONGEST_S = 1e6  # more is what a header says that was never completed


def _probe(path: Path) -> AudioInfo:
    with quiet_stderr(), sf.SoundFile(path) as file:
        if not len(file.read(256)):
            raise ValueError("no samples in it")
        sr, n_channels = file.samplerate, file.channels
        duration_s = demuxed_s(path) if _is_guess(path, file) else file.frames / sr
        return AudioInfo(duration_s, sr, n_channels)


def _is_guess(path: Path, file: sf.SoundFile) -> bool:
    """Whether soundfile guesses the number of frames: from the file's size, without Xing's header."""
    if file.format != "MP3":
        return bool(file.frames > _LONGEST_S * file.samplerate)
    with path.open("rb") as raw:
        raw.seek(payload_span(raw)[0])
        return re.search(rb"Xing|Info|VBRI", raw.read(4096)) is None


def _read(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    with quiet_stderr(), sf.SoundFile(path) as file:
        sr = file.samplerate
        start = round(start_s * sr)
        if start >= file.frames:
            raise ValueError(f"it ends before {start_s:.0f} s")
        lead = min(start, round(LEAD_S * sr))
        file.seek(start - lead)
        n = -1 if length_s is None else lead + round(length_s * sr)
        return mono(file.read(n, dtype="float32", always_2d=True)[lead:]), sr


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
