"""The span of the sound in a file made of chunks: WAV and its kin, AIFF, CAF, DSD and MP4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Literal

from groovecli.audio.edges import read_at

Span = tuple[int, int]  # first byte, and the byte after the last


@dataclass(frozen=True)
class Sound:
    """The span of a file's sound, and whether its end is sure: else it is that of the file."""

    start: int
    end: int
    is_sure: bool = True


@dataclass(frozen=True)
class _Layout:
    """How a format writes its chunks, and which of them hold the sound."""

    magic: bytes
    first: int  # where the first chunk begins
    sound: tuple[bytes, ...]
    order: Literal["little", "big"]
    n_name: int = 4  # bytes of a chunk's name, and of its length
    n_length: int = 4
    counts_head: bool = False  # whether the length includes the two
    align: int = 2
    skip: int = 0  # bytes of the sound's chunk before it


_W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_W64_DATA = bytes.fromhex("64617461f3acd3118cd100c04f8edb8a")
_LAYOUTS = (
    _Layout(b"RIFF", 12, (b"data",), "little"),
    _Layout(b"RF64", 12, (b"data",), "little"),
    _Layout(b"BW64", 12, (b"data",), "little"),
    _Layout(b"RIFX", 12, (b"data",), "big"),
    _Layout(b"FORM", 12, (b"SSND",), "big"),
    _Layout(b"FRM8", 16, (b"DSD ", b"DST "), "big", n_length=8),
    _Layout(b"caff", 8, (b"data",), "big", n_length=8, align=1, skip=4),
    _Layout(b"DSD ", 0, (b"data",), "little", n_length=8, counts_head=True, align=1),
    _Layout(_W64_RIFF, 40, (_W64_DATA,), "little", n_name=16, n_length=8, counts_head=True, align=8),
)
_ISO = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # what MP4 and QuickTime begin with


def sound_span(file: IO[bytes], start: int, size: int) -> Sound | None:
    """The span of the sound in a file of chunks that begins at `start`; None for other files."""
    magic = read_at(file, start, 16)
    if magic[4:8] in _ISO:
        return _iso(file, start, size)
    layout = _layout(magic)
    return None if layout is None else _chunk(file, layout, start, size)


def is_boxed(magic: bytes) -> bool:
    """Whether a file that begins with these 16 bytes is made of chunks."""
    return magic[4:8] in _ISO or _layout(magic) is not None


def _layout(magic: bytes) -> _Layout | None:
    return next((each for each in _LAYOUTS if magic.startswith(each.magic)), None)


def _chunk(file: IO[bytes], layout: _Layout, start: int, size: int) -> Sound | None:
    n_head = layout.n_name + layout.n_length
    position, long_length = start + layout.first, 0
    while position + n_head <= size:
        head = read_at(file, position, n_head + 16)
        name, length = head[: layout.n_name], _length(head, layout)
        if name == b"ds64":  # the lengths that 32 bits can't hold
            long_length = int.from_bytes(head[n_head + 8 : n_head + 16], "little")
        if name in layout.sound:
            length = long_length if long_length and length == 0xFFFFFFFF else length
            return _sound(position + n_head, length, layout.skip, size)
        position += n_head + length + -length % layout.align
    return None


def _length(head: bytes, layout: _Layout) -> int:
    length = int.from_bytes(head[layout.n_name : layout.n_name + layout.n_length], layout.order)
    return max(0, length - layout.n_name - layout.n_length) if layout.counts_head else length


def _sound(start: int, length: int, skip: int, size: int) -> Sound:
    """To the end of the file where the length was never filled in, or was that of the sound unpacked."""
    is_sure = bool(length) and start + length <= size
    return Sound(start + skip, start + length if is_sure else size, is_sure)


def _iso(file: IO[bytes], start: int, size: int) -> Sound | None:
    """From the first to the last `mdat` box of an MP4 file."""
    position, left, right = start, 0, size
    while position + 8 <= size:
        head = read_at(file, position, 16)
        length, n_head = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, n_head = int.from_bytes(head[8:16], "big"), 16
        if head[4:8] == b"mdat":
            left = left or position + n_head
            right = size if length == 0 else min(position + length, size)
        if length < n_head:
            break
        position += length
    return Sound(left, right) if left else None
