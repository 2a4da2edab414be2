"""What a file's header says of its sound: the codec and the sample rate; nothing is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av

from groovecli.audio.decoders.container import FAILURES

_OPTIONS = {"protocol_whitelist": "file", "probesize": "4096"}
_NAMES = {
    "mp3": "MP3", "mp3float": "MP3", "flac": "FLAC", "opus": "Opus", "libopus": "Opus", "vorbis": "Vorbis",
    "aac": "AAC", "alac": "ALAC", "ape": "Monkey's Audio", "wavpack": "WavPack", "tta": "True Audio",
    "wmav1": "WMA", "wmav2": "WMA", "wmapro": "WMA", "wmalossless": "WMA lossless", "speex": "Speex",
    "mpc7": "Musepack", "mpc8": "Musepack",
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """A codec by the name that people know, and the sample rate (in Hz)."""

    codec: str
    sr: int


def read_header(path: Path) -> Header | None:
    """What a file's header says; None where it says nothing."""
    try:
        with av.open(f"file:{path}", options=_OPTIONS) as file:
            context = file.streams.audio[0].codec_context
            name, sr = str(context.name), int(context.sample_rate or 0)
    except (*FAILURES, IndexError, UnicodeError):
        return None
    return Header(_name(name), sr) if sr > 0 else None


def _name(codec: str) -> str:
    if codec.startswith(("pcm_", "adpcm_")):
        return "PCM (WAV, AIFF)"
    return _NAMES.get(codec) or ("DSD" if codec.startswith("dsd_") else codec)
