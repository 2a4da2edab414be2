"""FFmpeg's libraries, by PyAV, whose wheel brings them: what soundfile can't open, or fails on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from groovecli.audio.decoders.container import FAILURES, audio_stream, frames, opened
from groovecli.audio.decoders.decoder import (
    LEAD_S,
    AudioInfo,
    Block,
    Decoder,
    Samples,
    Undecodable,
    resample,
)
from groovecli.audio.decoders.frames import arrays, sound
from groovecli.audio.decoders.lengths import span_s, told_s
from groovecli.audio.decoders.spans import Span, spans
from groovecli.audio.suffixes import OF_PYAV
from groovecli.messages import audio as say

_USUAL = {5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_LATE_S = 0.1  # no seek may land further behind the wanted moment


def _probe(path: Path) -> AudioInfo:
    infos = [info for _, info in _parts(path, spans(path))]
    return AudioInfo(sum(info.duration_s for info in infos), infos[0].sr, infos[0].n_channels)


def _parts(path: Path, every: list[Span | None]) -> Iterator[tuple[Span | None, AudioInfo]]:
    """The spans of a file that have sound, and what each says of itself; an error where none has."""
    failed: Exception | None = None
    n_parts = 0
    for span in every:
        try:
            info = _probe_span(path, span)
        except FAILURES as error:
            failed = failed or error
            continue
        n_parts += 1
        yield span, info
    if failed and not n_parts:
        raise failed


def _probe_span(path: Path, span: Span | None) -> AudioInfo:
    with opened(path, span) as container:
        stream = audio_stream(container)
        first = next(frames(container, stream), None)
        if first is None:
            raise Undecodable(say.NO_SAMPLES)
        duration_s = told_s(container, stream, path, span)
        if duration_s <= 0:
            duration_s = span_s(path, span)
        return AudioInfo(duration_s, first.sample_rate, first.layout.nb_channels)


def _read(path: Path, start_s: float, length_s: float | None) -> tuple[Samples, int]:
    every = spans(path)
    if len(every) == 1:
        return _read_span(path, every[0], start_s, length_s)
    return _read_chain(path, every, start_s, length_s)


def _read_chain(
    path: Path, every: list[Span | None], start_s: float, length_s: float | None
) -> tuple[Samples, int]:
    """A stretch of a file of several spans, at the first one's rate."""
    pieces: list[Samples] = []
    sr, n_read = 0, 0
    for span, info in _parts(path, every):
        sr = sr or info.sr
        if start_s >= info.duration_s:
            start_s -= info.duration_s
            continue
        with suppress(*FAILURES):
            left_s = None if length_s is None else length_s - n_read / sr
            y, its_sr = _read_span(path, span, start_s, left_s)
            pieces.append(resample(y, its_sr, sr) if len(y) else y)
            n_read += len(pieces[-1])
        start_s = 0.0
        if length_s is not None and n_read >= round(length_s * sr):
            break
    y = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    return y[: None if length_s is None else round(length_s * sr)], sr


def _read_span(
    path: Path, span: Span | None, start_s: float, length_s: float | None
) -> tuple[Samples, int]:
    for find in (_sought, _counted):
        with opened(path, span) as container:
            found = find(container, audio_stream(container), start_s)
            if found is not None:
                found_frames, skip, sr = found
                n_wanted = None if length_s is None else round(length_s * sr)
                return sound(found_frames, skip, sr, n_wanted), sr
    raise Undecodable(say.ends_before(start_s))


_Found = tuple[Iterator[Any], int, int]
"""Frames from shortly before a moment, how many samples of theirs come before it, and the rate."""


def _first(decoded: Iterator[Any]) -> Any:
    first = next(decoded, None)
    if first is None:
        raise Undecodable(say.NO_SAMPLES)
    return first


def _sought(container: Any, stream: Any, start_s: float) -> _Found | None:
    """By the container's index and time stamps; None where they aren't to be relied on."""
    decoded = frames(container, stream)
    first = _first(decoded)
    sr = int(first.sample_rate)  # the stream's own is half of it in HE-AAC
    if start_s <= LEAD_S:
        return chain([first], decoded), round(start_s * sr), sr
    # Time stamps count from that of the first frame: some formats' streams start late by theirs.
    origin = first.pts or 0
    try:
        container.seek(origin + int((start_s - LEAD_S) / stream.time_base), stream=stream)
    except av.FFmpegError:
        return None
    decoded = frames(container, stream)
    landed = next(decoded, None)
    if landed is None or landed.pts is None:
        raise Undecodable(say.ends_before(start_s))
    skipped_s = start_s - float((landed.pts - origin) * stream.time_base)
    if (
        _is_untrue(container, stream, landed.pts - origin)
        or skipped_s < -_LATE_S
        or landed.sample_rate != sr
    ):
        return None
    return chain([landed], decoded), max(0, round(skipped_s * sr)), sr


def _is_untrue(container: Any, stream: Any, pts: int) -> bool:
    """Whether FFmpeg gives a wrong time for a place."""
    kind = container.format.name, stream.codec_context.name
    # The second place in its index of Musepack 8 is a later one; of a page of FLAC it tells the end.
    return (kind[0] == "mpc8" and pts == 1) or kind == ("ogg", "flac")


def _counted(container: Any, stream: Any, start_s: float) -> _Found | None:
    """By decoding all that comes before."""
    decoded = frames(container, stream)
    first = _first(decoded)
    at_s = 0.0
    for frame in chain([first], decoded):
        length_s = frame.samples / frame.sample_rate
        if at_s + length_s > start_s - LEAD_S:
            skip = max(0, round((start_s - at_s) * frame.sample_rate))
            return chain([frame], decoded), skip, int(first.sample_rate)
        at_s += length_s
    return None


def _all_blocks(path: Path) -> Iterator[Block]:
    """All of a file, frames of one kind in blocks of about a second."""
    for span, _ in _parts(path, spans(path)):
        with opened(path, span) as container:
            yield from _joined(arrays(frames(container, audio_stream(container))))


def _joined(found: Iterator[tuple[Any, NDArray[np.float32]]]) -> Iterator[Block]:
    waiting: list[NDArray[np.float32]] = []
    kind, n_waiting = (0, ""), 0
    names: tuple[str, ...] = ()
    for frame, x in found:
        its = frame.sample_rate, frame.layout.name
        if waiting and (its != kind or n_waiting >= kind[0]):
            yield Block(np.concatenate(waiting, axis=1), kind[0], names)
            waiting, n_waiting = [], 0
        if its != kind:
            kind, names = its, _names(frame.layout)
        waiting.append(x)
        n_waiting += x.shape[1]
    if waiting:
        yield Block(np.concatenate(waiting, axis=1), kind[0], names)


def _names(layout: Any) -> tuple[str, ...]:
    """The channels' names; where a file has none, those that so many channels stand for."""
    names = tuple(channel.name for channel in layout.channels)
    if "NONE" not in names or len(names) not in _USUAL:
        return names
    return tuple(channel.name for channel in av.AudioLayout(_USUAL[len(names)]).channels)


PYAV = Decoder(
    suffixes=OF_PYAV,
    probe=_probe,
    read=_read,
    failures=FAILURES,
    takes_any=True,
    reads_first=(".opus",),  # in half of soundfile's time
    blocks=_all_blocks,
)
