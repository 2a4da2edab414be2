"""What a file was, said by what it is: a few kilobytes restore every byte of a song that was retagged.

A tag in front, behind, or in both places leaves most bytes as they are, or moves them all by the same
distance. What is kept is the part of the old file between its first and its last difference. Where that
is large (Ogg numbers each page), it is kept as the difference to the new one, which is mostly zeros.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"GRVD1"
_HEAD = struct.Struct("<5sBQQQ")  # magic, how, bytes in front, bytes behind, size of the old file
_BLOCK = 1 << 20
_SMALL = 16 * 1024  # a difference up to this is kept as it is
_PLAIN, _FROM_FRONT, _FROM_BEHIND = range(3)

_Bytes = NDArray[np.uint8]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes.

    Raises
    ------
    OSError
        It can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def delta(old: Path, new: Path) -> bytes:
    """What restores `old` from `new`.

    Raises
    ------
    OSError
        One of them can't be read.
    """
    was, now = _opened(old), _opened(new)
    n_front = _n_alike(was, now)
    most = min(len(was), len(now)) - n_front
    n_behind = min(most, _n_alike(was[::-1], now[::-1]))
    how, packed = _PLAIN, zlib.compress(was[n_front : len(was) - n_behind].tobytes(), 6)
    if len(packed) > _SMALL:
        ways = (_PLAIN, packed), (_FROM_FRONT, _xored(was, now)), (_FROM_BEHIND, _xored_behind(was, now))
        how, packed = min(ways, key=lambda way: len(way[1]))
    return _HEAD.pack(_MAGIC, how, n_front, n_behind, len(was)) + packed


def restore(kept: bytes, new: Path, out: _Writer) -> None:
    """Write into `out` the file that `delta` kept against `new`.

    Raises
    ------
    OSError
        `new` can't be read, or `out` not be written.
    ValueError
        The bytes are no delta, or of another file.
    """
    if len(kept) < _HEAD.size or not kept.startswith(_MAGIC):
        raise ValueError("this is no difference of two files")
    _, how, n_front, n_behind, size = _HEAD.unpack_from(kept)
    now = _opened(new)
    try:
        packed = zlib.decompress(kept[_HEAD.size :])
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if how == _PLAIN:
        parts: Iterator[bytes] = iter(
            (now[:n_front].tobytes(), packed, now[len(now) - n_behind :].tobytes())
        )
    else:
        parts = _unxored(np.frombuffer(packed, np.uint8), now, size, is_behind=how == _FROM_BEHIND)
    n_written = 0
    for part in parts:
        n_written += out.write(part)
    if n_written != size:
        raise ValueError("this is the difference of another file")


def restored_sha256(kept: bytes, new: Path) -> str:
    """SHA-256 of what a delta restores."""
    digest = _Digest()
    restore(kept, new, digest)
    return digest.found.hexdigest()


class _Digest:
    """Takes bytes as a file does, and keeps their hash alone."""

    def __init__(self) -> None:
        self.found = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.found.update(data)
        return len(data)


class _Writer(Protocol):
    def write(self, data: bytes, /) -> int: ...


def _opened(path: Path) -> _Bytes:
    """A file's bytes, read from the disk when they are looked at."""
    if not path.stat().st_size:
        return np.zeros(0, np.uint8)
    return np.memmap(path, np.uint8, "r")


def _n_alike(ones: _Bytes, others: _Bytes) -> int:
    """How many bytes two arrays begin with alike."""
    n = min(len(ones), len(others))
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        differ = ones[start:stop] != others[start:stop]
        if differ.any():
            return start + int(differ.argmax())
    return n


def _xored(was: _Bytes, now: _Bytes) -> bytes:
    """The old file against the new one, both from their first byte on, packed."""
    n, packer = min(len(was), len(now)), zlib.compressobj(1)
    packed = [packer.compress(part) for part in _differences(was[:n], now[:n])]
    return b"".join((*packed, packer.compress(was[n:].tobytes()), packer.flush()))


def _differences(ones: _Bytes, others: _Bytes) -> Iterator[bytes]:
    """Two arrays of one length against each other, a block at a time."""
    for start in range(0, len(ones), _BLOCK):
        yield (ones[start : start + _BLOCK] ^ others[start : start + _BLOCK]).tobytes()


def _xored_behind(was: _Bytes, now: _Bytes) -> bytes:
    """The same, both up to their last byte."""
    n = min(len(was), len(now))
    packer = zlib.compressobj(1)
    packed = [packer.compress(was[: len(was) - n].tobytes())]
    packed += map(packer.compress, _differences(was[len(was) - n :], now[len(now) - n :]))
    return b"".join((*packed, packer.flush()))


def _unxored(packed: _Bytes, now: _Bytes, size: int, *, is_behind: bool) -> Iterator[bytes]:
    n = min(size, len(now))
    first = size - n if is_behind else 0
    other = now[len(now) - n :] if is_behind else now[:n]
    if len(packed) != size:
        raise ValueError("this is the difference of another file")
    yield packed[:first].tobytes()
    yield from _differences(packed[first : first + n], other)
    yield packed[first + n :].tobytes()
