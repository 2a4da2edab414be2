"""Duration of a file: from its container, or by counting its packets."""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import suppress
from pathlib import Path
from typing import Any

import av

from groovecli.audio.decoders.container import audio_stream, opened, packets
from groovecli.audio.decoders.spans import Span, spans

# Containers without an index, whose duration FFmpeg guesses from the first packets' bit rate.
_GUESSED = ("aac", "ac3", "eac3", "mp3")
# Containers of which some tell how long the sound is and some when it ends, hours later in a recording
# that begins late.
_FROM_ZERO = ("matroska,webm", "asf", "nut")
_LATE_S = 1.0
_ADTS_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def told_s(container: Any, stream: Any, path: Path, span: Span | None) -> float:
    """Duration that a container tells (in seconds); 0 where it doesn't, or only guesses."""
    name = container.format.name
    if name in _GUESSED:
        return 0.0
    if name == "mpc8":  # FFmpeg counts whole packets of 1.7 s
        with suppress(Exception):
            return _musepack_s(path, span)
    if name in _FROM_ZERO and float((stream.start_time or 0) * stream.time_base) > _LATE_S:
        return 0.0
    if stream.duration:
        # What Opus decodes before its start isn't heard; it would add up in a chain.
        unheard_s = _pre_skip_s(stream) if name == "ogg" and span is not None else 0.0
        return float(stream.duration * stream.time_base) - unheard_s
    return (container.duration or 0) / av.time_base


def _pre_skip_s(stream: Any) -> float:
    """What a decoder of Opus drops at the start (in seconds), which FFmpeg counts in."""
    head = bytes(stream.codec_context.extradata or b"")
    return int.from_bytes(head[10:12], "little") / 48000 if head.startswith(b"OpusHead") else 0.0


def _musepack_s(path: Path, span: Span | None) -> float:
    from mutagen.musepack import MusepackInfo

    with path.open("rb") as file:
        file.seek(span[0] if span else 0)
        return float(MusepackInfo(file).length)


def demuxed_s(path: Path) -> float:
    """Duration by all packets' own (in seconds), without decoding them."""
    return sum(span_s(path, span) for span in spans(path))


def span_s(path: Path, span: Span | None) -> float:
    """`demuxed_s` of one span."""
    with opened(path, span) as container:
        stream = audio_stream(container)
        if container.format.name == "aac":
            return _adts_s(container, stream)
        if container.format.name in _FROM_ZERO:
            return _stamped_s(container, stream)
        return float(sum(packet.duration or 0 for packet in packets(container, stream)) * stream.time_base)


def _stamped_s(container: Any, stream: Any) -> float:
    """From the first time stamp to the last: Matroska's packets last whole milliseconds, rounded down."""
    lasting = ((packet.pts, packet.duration or 0) for packet in packets(container, stream))
    stamped = ((pts, pts + duration) for pts, duration in lasting if pts is not None)
    first = next(stamped, None)
    if first is None:
        return 0.0
    last = deque(stamped, maxlen=1) or [first]  # of hours there are a million
    return float((last[0][1] - first[0]) * stream.time_base)


def _adts_s(container: Any, stream: Any) -> float:
    """FFmpeg takes the rate of an AAC file's first packet for that of all."""
    durations: dict[int, int] = defaultdict(int)
    for packet in packets(container, stream):
        head = bytes(memoryview(packet)[:3])
        durations[head[2] >> 2 & 15 if len(head) == 3 else -1] += packet.duration or 0
    rates = {index: _ADTS_RATES[index] for index in durations if 0 <= index < len(_ADTS_RATES)}
    first = next(iter(rates.values()), 1)
    scaled = sum(n * first / rates.get(index, first) for index, n in durations.items())
    return float((sum(durations.values()) if len(rates) < 2 else scaled) * stream.time_base)
