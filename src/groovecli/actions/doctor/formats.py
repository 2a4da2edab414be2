"""Formats of audio files: a tone is written in each of them and decoded as songs are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from groovecli.actions.doctor.check import Check, problem, warning
from groovecli.audio.read import read
from groovecli.errors import AudioError

_SR, _SECONDS, _HZ = 48000, 1.0, 480.0
_NEAR_HZ = 5.0
_COMPLETE = 0.9  # encoders shorten or pad


@dataclass(frozen=True)
class Format:
    """A format: the ending of its files, who writes them, and in which kind."""

    ending: str
    writer: str
    kind: str
    codec: str


FORMATS = (
    Format("wav", "soundfile", "WAV", "PCM_16"),
    Format("flac", "soundfile", "FLAC", "PCM_16"),
    Format("ogg", "soundfile", "OGG", "VORBIS"),
    Format("opus", "soundfile", "OGG", "OPUS"),
    Format("mp3", "soundfile", "MP3", "MPEG_LAYER_III"),
    Format("aiff", "soundfile", "AIFF", "PCM_16"),
    Format("m4a", "av", "ipod", "aac"),
    Format("alac.m4a", "av", "ipod", "alac"),
    Format("wma", "av", "asf", "wmav2"),
)


def checks() -> Iterator[Check]:
    """One check for all formats that are decoded, and one for each that is not."""
    decoded, untried = [], []
    try:
        with tempfile.TemporaryDirectory(prefix="groove-") as folder:
            for each in FORMATS:
                path = Path(folder) / f"tone.{each.ending}"
                if not _wrote(path, each):
                    untried.append(each.ending)
                elif fault := _fault(path):
                    yield problem(f"format {each.ending}", fault, _install(each))
                else:
                    decoded.append(each.ending)
    except OSError as error:
        why = error.strerror or str(error)
        yield problem("temporary files", f"can't be written: {why}", "set TMPDIR to a folder with room")
        return
    yield Check("formats", f"decoded: {', '.join(decoded) or 'none'}", facts={"decoded": decoded})
    if untried:
        yield warning(
            "formats",
            f"not tried, since no encoder is here: {', '.join(untried)}",
            "`groove classify SONG` with one of your own songs shows whether they are decoded",
            untried=untried,
        )


def _tone() -> NDArray[np.float32]:
    t = np.arange(round(_SR * _SECONDS)) / _SR
    return (0.5 * np.sin(2 * np.pi * _HZ * t)).astype(np.float32)


def _wrote(path: Path, each: Format) -> bool:
    """Whether there is an encoder that wrote the tone."""
    try:
        if each.writer == "soundfile":
            soundfile.write(path, _tone(), _SR, format=each.kind, subtype=each.codec)
        else:
            _write_by_av(path, each)
    except (soundfile.LibsndfileError, av.FFmpegError, ValueError):
        return False
    return True


def _write_by_av(path: Path, each: Format) -> None:
    with av.open(str(path), "w", format=each.kind) as container:
        stream = container.add_stream(each.codec, rate=_SR, options={"b": "128000"})
        if not isinstance(stream, av.AudioStream):
            raise ValueError(f"{each.codec} is no codec of sound")
        stream.layout = "stereo"
        samples = np.stack([_tone()] * 2)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate = _SR
        container.mux([*stream.encode(frame), *stream.encode(None)])


def _fault(path: Path) -> str:
    """What is wrong with what a tone decodes to; nothing where it is that tone."""
    try:
        y, sr = read(path)
    except AudioError as error:
        return error.problem.text
    if len(y) < _COMPLETE * _SECONDS * sr:
        return f"decodes to {len(y) / sr:.2f} s of {_SECONDS:g} s"
    strongest_hz = int(np.abs(np.fft.rfft(y)).argmax()) * sr / len(y)
    return (
        ""
        if abs(strongest_hz - _HZ) < _NEAR_HZ
        else f"a tone of {_HZ:g} Hz decodes to {strongest_hz:.0f} Hz"
    )


def _install(each: Format) -> str:
    return f"install its library again: `python -m pip install --force-reinstall {each.writer}`"
