"""The length in the header of an MP3's first frame, and whether it is true.

Xing's and LAME's header count the frames and the bytes of the whole file. Joined files have that of
their first part; others have one that counts nothing. One that counts more than there is is true of
the song: the file was cut short, and is listed as one that ends early.
"""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import IO

from groovecli.audio.payload import payload_span

_SEARCHED = 4096
_TAG = re.compile(rb"Xing|Info")
_BEHIND_SYNC = (
    36,
    21,
    13,
    38,
    23,
    15,
)  # bytes from a frame's start to the header, without and with a checksum
_LENGTH = 120  # of the header with all its fields
_SMALLEST_FRAME = 16  # bytes
_LARGEST_FRAME = 1500  # bytes; 320 kbit/s at 32 kHz make 1440
_SLACK = 1 << 11  # bytes that tags at the end may take
_SLACK_SHARE = 0.01


class Count(enum.Enum):
    """Whether an MP3's first frame counts the others."""

    NONE = "none"
    TRUE = "true"
    UNTRUE = "untrue"


def count(path: Path) -> Count:
    """Whether a file's Xing header counts its frames, and those of the whole file."""
    with path.open("rb") as file:
        return _count(file)[0]


def after_untrue_header(file: IO[bytes]) -> int:
    """Where to begin for a decoder not to see a Xing header that isn't true; 0 where there is none."""
    found, end = _count(file)
    return end if found is Count.UNTRUE else 0


def _count(file: IO[bytes]) -> tuple[Count, int]:
    """Whether the header is true, and the byte after it."""
    start, end = payload_span(file)
    file.seek(start)
    head = file.read(_SEARCHED)
    for match in _TAG.finditer(head):
        frame = next(
            (match.start() - gap for gap in _BEHIND_SYNC if _is_sync(head, match.start() - gap)), None
        )
        if frame is not None:
            fields = head[match.end() : match.end() + 12]
            return _believed(fields, end - start - frame), start + match.start() + _LENGTH
    return Count.NONE, 0


def _is_sync(head: bytes, at: int) -> bool:
    return at >= 0 and head[at] == 0xFF and head[at + 1] & 0xE0 == 0xE0


def _believed(fields: bytes, n_payload: int) -> Count:
    flags, *numbers = (int.from_bytes(fields[at : at + 4], "big") for at in (0, 4, 8))
    n_said = numbers[1] if flags & 2 else 0  # more than there is where a file was cut short
    if not flags & 1 or not numbers[0] or numbers[0] * _SMALLEST_FRAME > max(n_payload, n_said):
        return Count.NONE
    if n_payload > numbers[0] * _LARGEST_FRAME:
        return Count.UNTRUE
    slack = max(_SLACK, _SLACK_SHARE * n_payload)
    return Count.UNTRUE if flags & 2 and n_said < n_payload - slack else Count.TRUE
