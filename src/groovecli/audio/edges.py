"""Tags in front of a file's sound and behind it, which taggers put on files of any format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal

Kind = Literal["id3v2", "id3v1", "ape", "lyrics3"]

_APE_HEAD = 32  # length of an APEv2 tag's header, and of its footer
_LYRICS3_V1 = 5100 + 20  # most bytes of Lyrics3's first version, which says no length


@dataclass(frozen=True)
class Block:
    """One tag: its kind, its first byte and the byte after its last."""

    kind: Kind
    start: int
    end: int


def read_at(file: IO[bytes], position: int, n: int) -> bytes:
    """Read up to `n` bytes from a position."""
    file.seek(max(position, 0))
    return file.read(n)


def leading(file: IO[bytes]) -> list[Block]:
    """The tags before the sound, in their order; some files have two from two programs."""
    blocks: list[Block] = []
    position = 0
    while block := _front(read_at(file, position, _APE_HEAD), position):
        blocks.append(block)
        position = block.end
    return blocks


def trailing(file: IO[bytes], start: int, size: int) -> list[Block]:
    """The tags behind the sound that begins at `start`, from the end of the file."""
    blocks: list[Block] = []
    end = size
    while block := _back(file, start, end):
        blocks.append(block)
        end = block.start
    return blocks


def _front(head: bytes, position: int) -> Block | None:
    if head[:3] == b"ID3" and len(head) >= 10:
        n_head = 20 if head[5] & 0x10 else 10  # with a footer, or without
        return Block("id3v2", position, position + n_head + _seven_bits(head[6:10]))
    if head[:8] == b"APETAGEX" and len(head) == _APE_HEAD:
        return Block("ape", position, position + _APE_HEAD + int.from_bytes(head[12:16], "little"))
    return None


def _back(file: IO[bytes], start: int, end: int) -> Block | None:
    tail = read_at(file, end - 128, min(128, end))
    for kind, find in _BACK:
        length = find(file, tail, end)
        if 0 < length <= end - start:
            return Block(kind, end - length, end)
    return None


def _id3v1(file: IO[bytes], tail: bytes, end: int) -> int:
    if len(tail) < 128 or tail[:3] != b"TAG":
        return 0
    longer = 128 + 227  # with one of longer titles before it
    return longer if end >= longer and read_at(file, end - longer, 4) == b"TAG+" else 128


def _ape(_: IO[bytes], tail: bytes, __: int) -> int:
    footer = tail[-_APE_HEAD:]
    if footer[:8] != b"APETAGEX" or len(footer) < _APE_HEAD:
        return 0
    return int.from_bytes(footer[12:16], "little") + (_APE_HEAD if footer[23] & 0x80 else 0)


def _id3v2(_: IO[bytes], tail: bytes, __: int) -> int:
    footer = tail[-10:]
    return 20 + _seven_bits(footer[6:10]) if footer[:3] == b"3DI" and len(footer) == 10 else 0


def _lyrics3(file: IO[bytes], tail: bytes, end: int) -> int:
    if tail.endswith(b"LYRICS200") and tail[-15:-9].isdigit():
        length = int(tail[-15:-9]) + 15
        return length if read_at(file, end - length, 11) == b"LYRICSBEGIN" else 0
    if tail.endswith(b"LYRICSEND"):
        found = read_at(file, end - _LYRICS3_V1, min(_LYRICS3_V1, end)).rfind(b"LYRICSBEGIN")
        return min(_LYRICS3_V1, end) - found if found >= 0 else 0
    return 0


_BACK: tuple[tuple[Kind, Callable[[IO[bytes], bytes, int], int]], ...] = (
    ("id3v1", _id3v1),
    ("ape", _ape),
    ("id3v2", _id3v2),
    ("lyrics3", _lyrics3),
)


def _seven_bits(data: bytes) -> int:
    """A number with seven bits in each byte."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number
