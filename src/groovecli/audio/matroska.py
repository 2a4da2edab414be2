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
_HEAD = 12  # the longest identifier and size
_XIPH, _EBML, _EQUAL = 1, 3, 2  # how several frames share a block


def frames(file: IO[bytes], start: int, size: int) -> list[tuple[int, int]]:
    """First byte, and byte after the last, of what each block holds of the first audio track."""
    spans: list[tuple[int, int]] = []
    number, audio = 0, None
    for name, left, right in _elements(file, start, size):
        if name == _TRACK_NUMBER:
            number = int.from_bytes(read_at(file, left, min(right - left, 8)), "big")
        elif name == _TRACK_TYPE and audio is None:
            # A track's number comes before its type in every file that was seen.
            audio = number if read_at(file, left, 1) == bytes([_AUDIO]) else None
        elif name in _BLOCKS:
            track, begin = _content(read_at(file, left, min(right - left, 1024)))
            if track == audio and left + begin < right:
                spans.append((left + begin, right))
    return spans


def _elements(file: IO[bytes], position: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Identifier, first byte and end of each element that holds no others, or none of interest."""
    while position < size:
        head = read_at(file, position, _HEAD)
        name, n_name = _number(head, keep_mark=True)
        length, n_length = _number(head[n_name:])
        if not n_name or not n_length:
            return
        position += n_name + n_length
        if name in _WITHIN:
            continue  # its content is next
        if length == (1 << 7 * n_length) - 1:  # of unknown length, which only those within may be
            return
        yield name, position, min(position + length, size)
        position += length


def _number(data: bytes, *, keep_mark: bool = False) -> tuple[int, int]:
    """A number whose first bit that is set tells its length, and that length; (0, 0) if there is none."""
    if not data or not data[0]:
        return 0, 0
    n = 9 - data[0].bit_length()
    if len(data) < n:
        return 0, 0
    number = int.from_bytes(data[:n], "big")
    return (number if keep_mark else number & (1 << 7 * n) - 1), n


def _content(block: bytes) -> tuple[int, int]:
    """A block's track, and where its frames begin: after its header and their sizes."""
    track, position = _number(block)
    position += 2  # the time code
    if position + 1 >= len(block):
        return track, len(block)
    lacing = block[position] >> 1 & 3
    position += 1
    if lacing:
        n_sizes = block[position]  # of every frame but the last
        position += 1
        position += {_XIPH: _xiph, _EBML: _ebml, _EQUAL: _equal}[lacing](block[position:], n_sizes)
    return track, position


def _xiph(data: bytes, n_sizes: int) -> int:
    position = 0
    for _ in range(n_sizes):
        while data[position : position + 1] == b"\xff":
            position += 1
        position += 1
    return position


def _ebml(data: bytes, n_sizes: int) -> int:
    position = 0
    for _ in range(n_sizes):
        position += _number(data[position:])[1]
    return position


def _equal(_: bytes, __: int) -> int:
    return 0
