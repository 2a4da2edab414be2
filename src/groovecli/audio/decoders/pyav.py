"""FFmpeg's libraries, by PyAV, whose wheel brings them: what soundfile can't open, or fails on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np

from groovecli.audio.decoders.decoder import LEAD_S, AudioInfo, Decoder, Samples, mono

_MP4 = (".m4a", ".m4b", ".m4r", ".mp4", ".m4v", ".f4a", ".mov", ".3gp", ".3g2", ".aac", ".alac")
_VIDEO = (".mka", ".mkv", ".webm", ".weba", ".avi", ".flv", ".mpg", ".mpeg", ".wmv", ".asf", ".ogv", ".ogm")
FAILURES = (av.FFmpegError, OSError, ValueError, ArithmeticError)
# Containers without an index, whose duration FFmpeg guesses from the first packets' bit rate.
_GUESSED = ("aac", "ac3", "eac3", "mp3")

av.logging.set_level(av.logging.PANIC)


def _opened(path: Path) -> Any:
    """Open a file with PyAV, which would take `http:x.mp3`, or a play list in a file, to the network."""
    local = {"protocol_whitelist": "file"}
    return av.open(f"file:{path}", options=local, metadata_errors="ignore")


def _probe(path: Path) -> AudioInfo:
    with _opened(path) as container:
        stream = _audio_stream(container)
        first = next(_decoded(container, stream), None)
        if first is None:
            raise ValueError("no samples in it")
        duration_s = float((stream.duration or 0) * stream.time_base)
        duration_s = duration_s or (container.duration or 0) / av.time_base
        if duration_s <= 0 or container.format.name in _GUESSED:
            duration_s = demuxed_s(path)
        return AudioInfo(duration_s, first.sample_rate, first.layout.nb_channels)


def demuxed_s(path: Path) -> float:
    """Duration by all packets' own (in seconds), without decoding them."""
    with _opened(path) as container:
        stream = _audio_stream(container)
        return float(sum(packet.duration or 0 for packet in container.demux(stream)) * stream.time_base)


def _read(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    blocks: list[Samples] = []
    with _opened(path) as container:
        frames, skip, sr = _frames_from(container, _audio_stream(container), start_s)
        n_wanted = None if length_s is None else round(length_s * sr)
        n_read = 0
        for planar in _planar(frames):
            block = mono(np.asarray(planar.to_ndarray(), np.float32).T)[skip:]
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
    if start_s <= LEAD_S:
        return chain([first], frames), round(start_s * sr), sr
    # Time stamps count from that of the first frame: some formats' streams start late by theirs.
    origin = first.pts or 0
    container.seek(origin + int((start_s - LEAD_S) / stream.time_base), stream=stream)
    frames = _decoded(container, stream)
    landed = next(frames, None)
    if landed is None or landed.pts is None:
        raise ValueError(f"it ends before {start_s:.0f} s")
    skipped_s = start_s - float((landed.pts - origin) * stream.time_base)
    return chain([landed], frames), max(0, round(skipped_s * sr)), sr


PYAV = Decoder(
    suffixes=(
        *(*_MP4, *_VIDEO, ".wma", ".ape", ".wv", ".mpc", ".mp+", ".mpp", ".tta", ".tak", ".shn", ".spx"),
        *(".dsf", ".dff", ".ac3", ".eac3", ".ec3", ".dts", ".dtshd", ".thd", ".mlp", ".amr", ".awb"),
        *(".oma", ".aa3", ".at3", ".ra", ".rm"),
    ),
    probe=_probe,
    read=_read,
    failures=FAILURES,
    takes_any=True,
    reads_first=(".opus",),  # in half of soundfile's time
)
