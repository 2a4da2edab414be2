"""Where the sound lies in a Matroska or WebM file: the frames of its first audio track.

What is between them (clusters, time codes, sizes) is written anew by whoever copies the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from groovecli.audio.edges import read_at

MAGIC = b"\x1a\x45\xdf\xa3"

_SEGMENT, _CLUSTER, _GROUP, _TRACKS, _TRACK = 0x18538067, 0x1F43B675, 0xA0, 0x1654AE6B, 0xAE
_WITHIN = {_SEGMENT, _CLUSTER, _GROUP, _TRACKS, _TRACK}  # those whose content is looked at
_BLOCKS = {0xA3, 0xA1}
_TRACK_NUMBER, _TRACK_TYPE = 0xD7, 0x83
_AUDIO = 2
_HEAD = 24  # bytes: the longest identifier and size, and a block's own head
_TIME_AND_FLAGS = 3
_XIPH, _EQUAL = 1, 2  # how several frames share a block; 3 is by EBML's numbers
_MOST_SIZES = 4096


def frames(file: IO[bytes], start: int, size: int) -> list[tuple[int, int]]:
    """First byte, and byte after the last, of what each block holds of the first audio track."""
    spans: list[tuple[int, int]] = []
    number, audio = 0, 0
    for name, left, right, content in _elements(file, start, size):
        if name in _BLOCKS:
            track, n_head = _number(content)
            n_head += _TIME_AND_FLAGS
            lacing = content[n_head - 1] >> 1 & 3 if len(content) >= n_head else 0
            if lacing:
                n_head += _n_sizes(lacing, read_at(file, left + n_head, _MOST_SIZES))
            if track == audio and left + n_head < right:
                spans.append((left + n_head, right))
        elif name == _TRACK_NUMBER:  # it comes before the type
            number = int.from_bytes(content[: right - left], "big")
        elif name == _TRACK_TYPE and not audio and content[0] == _AUDIO:
            audio = number
    return spans


def _elements(file: IO[bytes], position: int, size: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Identifier, first byte, end and first few bytes of each element that holds no others."""
    while position < size:
        head = read_at(file, position, _HEAD)
        name, n_name = _number(head, keep_mark=True)
        length, n_length = _number(head[n_name:])
        n_head = n_name + n_length
        if not n_name or not n_length or n_head >= len(head):
            return
        position += n_head
        if name in _WITHIN:
            continue  # its content is next
        yield name, position, min(position + length, size), head[n_head:]
        position += length


def _number(data: bytes, *, keep_mark: bool = False) -> tuple[int, int]:
    """A number whose first bit that is set tells its length, and that length; (0, 0) if there is none."""
    n = 9 - data[0].bit_length() if data else 9
    if n > len(data) or n > 8:
        return 0, 0
    number = int.from_bytes(data[:n], "big")
    return (number if keep_mark else number & (1 << 7 * n) - 1), n


def _n_sizes(lacing: int, data: bytes) -> int:
    """How many bytes tell the sizes of the frames that share a block, but for the last's."""
    n_more = data[0] if data else 0
    position = 1
    for _ in range(0 if lacing == _EQUAL else n_more):
        if lacing == _XIPH:
            while data[position : position + 1] == b"\xff":
                position += 1
            position += 1
        else:
            position += _number(data[position:])[1]
    return position
