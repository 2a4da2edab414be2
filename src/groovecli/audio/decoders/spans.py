"""The bytes of a file for FFmpeg, which reads one kind of container from a file's start.

A tag in front of what has none by its nature is passed over, as is a Xing header that isn't
true; a chained Ogg file has one span per link.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

from groovecli.audio.decoders.mpeg import after_untrue_header
from groovecli.audio.decoders.ogg import links
from groovecli.audio.edges import leading

Span = tuple[int, int]
"""First byte, and the byte after the last."""

# Containers that FFmpeg doesn't find behind an ID3v2 tag; those that it does stay as they are.
_BEHIND_ID3 = re.compile(
    rb"MAC |MP\+|MPCK|wvpk|\x30\x26\xb2\x75|caff|\x1a\x45\xdf\xa3|....(ftyp|moov|mdat|wide|free)"
    rb"|RIFF|riff|RF64|FORM|DSD |FRM8|\x0b\x77",
    re.DOTALL,
)


def spans(path: Path) -> list[Span | None]:
    """The spans to read one after another; None for the whole file, as nearly all are."""
    with path.open("rb", buffering=0) as file:
        size = file.seek(0, 2)
        magic = _read(file, 0, 12)
        tags = leading(file) if magic[:3] == b"ID3" or magic[:8] == b"APETAGEX" else []
        start = tags[-1].end if tags else 0
        if start:
            magic = _read(file, start, 12)
        if magic[:4] == b"OggS":
            found: list[Span | None] = list(links(file, start, size))
            return found if start or len(found) > 1 else [None]
        if start and _BEHIND_ID3.match(magic):
            return [(start, size)]
        if magic[:1] == b"\xff" or start:
            return [(untrue, size)] if (untrue := after_untrue_header(file)) else [None]
    return [None]


def _read(file: IO[bytes], position: int, n: int) -> bytes:
    file.seek(position)
    return file.read(n)
