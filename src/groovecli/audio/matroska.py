"""The content of a Matroska or WebM file: the frames of its first audio track, and its tags.

What is between the frames (clusters, time codes, sizes) is rewritten by every program that copies the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import IO, NamedTuple

from groovecli.audio.ape import decoded
from groovecli.audio.edges import read_at

MAGIC = b"\x1a\x45\xdf\xa3"

_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675  # these two may be of unknown length
_TRACKS, _TRACK, _TRACK_NUMBER, _TRACK_TYPE = 0x1654AE6B, 0xAE, 0xD7, 0x83
_GROUP, _BLOCKS = 0xA0, (0xA3, 0xA1)
_INFO, _TITLE = 0x1549A966, 0x7BA9
_TAGS, _TAG, _TARGETS, _LEVEL, _SIMPLE, _NAME, _STRING = (
    0x1254C367, 0x7373, 0x63C0, 0x68CA, 0x67C8, 0x45A3, 0x4487
)  # fmt: skip
_OF_A_PART = (0x63C4, 0x63C9, 0x63C6)  # tags of a chapter, an edition, an attachment
_ALBUM = 50  # the level of tags about the album
_AUDIO = 2

_HEAD = 24  # bytes: the longest identifier and size, and a block's own head
_TIME_AND_FLAGS = 3
_XIPH, _EQUAL = 1, 2  # how several frames share a block; 3 is by EBML's numbers
_MOST_SIZES = 4096
_LONGEST = 1 << 20  # of a text (in bytes)


class _Element(NamedTuple):
    """Its identifier, its content's first byte, the byte after the last, and its first few bytes."""

    name: int
    start: int
    end: int
    content: bytes


def frames(file: IO[bytes], start: int, size: int) -> list[tuple[int, int]]:
    """First byte, and byte after the last, of what each block holds of the first audio track."""
    spans: list[tuple[int, int]] = []
    number, audio = 0, 0
    within = {_SEGMENT, _CLUSTER, _GROUP, _TRACKS, _TRACK}
    for name, left, right, content in _elements(file, start, size, within):
        if name in _BLOCKS:
            track, n_head = _number(content)
            n_head += _TIME_AND_FLAGS
            lacing = content[n_head - 1] >> 1 & 3 if len(content) >= n_head else 0
            if lacing:
                n_head += _n_sizes(lacing, read_at(file, left + n_head, _MOST_SIZES))
            if track == audio and left + n_head < right:
                spans.append((left + n_head, right))
        elif name == _TRACK_NUMBER:  # it comes before the type
            number = _unsigned(content, right - left)
        elif name == _TRACK_TYPE and not audio and content[0] == _AUDIO:
            audio = number
    return spans


def tags(file: IO[bytes], start: int, size: int) -> list[tuple[str, str]]:
    """Keys and texts of all tags but those of chapters; the album's own begin with `ALBUM/`.

    FFmpeg keeps the last of several values, and takes the album's title for the song's.
    """
    pairs: list[tuple[str, str]] = []
    title, prefix, key, is_part = "", "", "", False
    within = {_SEGMENT, _INFO, _TAGS, _TAG, _TARGETS, _SIMPLE}
    for name, left, right, content in _elements(file, start, size, within):
        if name == _TAG:
            prefix, is_part = "", False
        elif name == _LEVEL:
            prefix = "ALBUM/" if _unsigned(content, right - left) >= _ALBUM else ""
        elif name in _OF_A_PART:
            is_part = is_part or _unsigned(content, right - left) > 0
        elif name in (_TITLE, _NAME, _STRING):
            text = decoded(read_at(file, left, min(right - left, _LONGEST)).rstrip(b"\0"))
            if name == _STRING and not is_part:
                pairs.append((prefix + key, text))
            key = text if name == _NAME else key
            title = text if name == _TITLE else title
    return [*pairs, ("TITLE", title)]


def _unsigned(content: bytes, length: int) -> int:
    return int.from_bytes(content[: min(length, 8)], "big")


def _elements(file: IO[bytes], position: int, size: int, within: Collection[int]) -> Iterator[_Element]:
    """Each element, and those in the ones that are in `within`."""
    while position < size:
        head = read_at(file, position, _HEAD)
        name, n_name = _number(head, keep_mark=True)
        length, n_length = _number(head[n_name:])
        n_head = n_name + n_length
        if not n_name or not n_length:
            return
        position += n_head
        yield _Element(name, position, min(position + length, size), head[n_head:] or b"\0")
        is_open = name in (_SEGMENT, _CLUSTER) and length == (1 << 7 * n_length) - 1
        if name not in within and not is_open:
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
