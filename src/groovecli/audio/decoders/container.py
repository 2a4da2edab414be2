"""A container opened by PyAV, its packets and its frames; one that fails ends them, or is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from groovecli.audio.decoders.decoder import Undecodable
from groovecli.audio.decoders.spans import Span
from groovecli.messages import audio as say

FAILURES = (av.FFmpegError, OSError, ValueError, ArithmeticError, MemoryError)
# PyAV 19 keeps what is no UTF-8 in tags; those before it fail there unless they are told to leave it out.
_IS_OLD = int(av.__version__.split(".")[0]) < 19
_TAGS: Any = {"metadata_errors": "ignore"} if _IS_OLD else {}
_MOST_FAILURES = 2000  # packets in a row: of tiny ones a damaged header can promise millions
_kept: list[Any] = []

av.logging.set_level(av.logging.PANIC)


def opened(path: Path, span: Span | None = None) -> Any:
    """Open a file, or a span of it.

    PyAV by itself would take `http:x.mp3`, or a play list in a file, to the network.
    """
    address, protocols = f"file:{path}", "file"
    if span is not None:
        address, protocols = f"subfile,,start,{span[0]},end,{span[1]},,:{address}", "file,subfile"
    return av.open(address, options={"protocol_whitelist": protocols}, **_TAGS)


def audio_stream(container: Any) -> Any:
    """The first stream of sound; an error where there is none."""
    if not container.streams.audio:
        raise Undecodable(say.NO_AUDIO)
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise Undecodable(say.UNKNOWN_KIND)
    if _IS_OLD:
        _take_order_of_channels(stream.codec_context)
    return stream


def _take_order_of_channels(context: Any) -> None:
    """Forget an order of channels of a file's own, such as CAF's and QuickTime's with eight of them.

    PyAV before 19 frees the list of these channels once with each frame, and the process dies of it.
    """
    layout = context.layout
    if "(" in layout.name:
        _kept.append(layout)  # nor may this one be freed
        context.layout = f"{layout.nb_channels} channels"


def packets(container: Any, stream: Any) -> Iterator[Any]:
    """Packets of a stream from where it stands to its end, or to where the container fails."""
    demuxed = container.demux(stream)
    n_packets = 0
    while True:
        try:
            packet = next(demuxed, None)
        except FAILURES:
            if not n_packets:
                raise
            return
        if packet is None:
            return
        n_packets += 1
        yield packet


def frames(container: Any, stream: Any) -> Iterator[Any]:
    """Frames of a stream from where it stands; a packet that fails is passed over, but not if all do."""
    failed: Exception | None = None
    n_frames, n_failed = 0, 0
    for packet in packets(container, stream):
        try:
            decoded = packet.decode()
        except FAILURES as error:
            failed = failed or error
            n_failed += 1
            if n_failed == _MOST_FAILURES:
                break
            continue
        n_frames += len(decoded)
        n_failed = 0
        yield from decoded
    if failed and not n_frames:
        raise failed
