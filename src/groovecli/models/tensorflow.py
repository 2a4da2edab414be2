"""TensorFlow's checkpoints, read without TensorFlow.

A checkpoint ("tensor bundle") is two files. `.index` is a sorted table as LevelDB has them: blocks of
keys and values, an index block that says where they lie, and a footer that says where the index
lies. Its keys are the tensors' names, its values protocol buffers with type, shape and place.
`.data-00000-of-00001` holds the tensors' bytes.

Formats: tensorflow/core/protobuf/tensor_bundle.proto; github.com/google/leveldb, doc/table_format.md.
The checksums in the files are not looked at: who reads a file from elsewhere compares its SHA-256.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FOOTER = 48  # bytes: two block handles, filled up to 40, and the magic number
_MAGIC = 0xDB4775248B80FB57
_RESTART = 4  # bytes of a restart point's place
_UNCOMPRESSED = 0
_VARINT, _FIXED64, _TEXT, _FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers
_FLOAT = 1  # TensorFlow's number of float32
_LONGEST_VARINT = 10


@dataclass(frozen=True)
class TensorEntry:
    """Where in the data file a tensor lies (in bytes), and what it is."""

    dtype: int
    shape: tuple[int, ...]
    offset: int
    size: int


def read_bundle(index: bytes, data: bytes) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors of a checkpoint of one data file, by name.

    Parameters
    ----------
    index, data : bytes
        What is in its `.index` and in its `.data-00000-of-00001`.

    Raises
    ------
    ValueError
        They are no such files, or they don't belong together.
    """
    try:
        entries = {name.decode(): _entry(value) for name, value in _items(index) if name}
    except (IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise ValueError("its index is damaged") from error
    return {name: _tensor(name, entry, data) for name, entry in entries.items() if entry.dtype == _FLOAT}


def _tensor(name: str, entry: TensorEntry, data: bytes) -> NDArray[np.float32]:
    if entry.size != 4 * math.prod(entry.shape):
        raise ValueError(f"the size of {name} is not that of its shape {entry.shape}")
    if entry.offset + entry.size > len(data):
        raise ValueError(f"its data ends before {name} does")
    flat = np.frombuffer(data, "<f4", math.prod(entry.shape), entry.offset)
    return flat.reshape(entry.shape).astype(np.float32)


def _entry(message: bytes) -> TensorEntry:
    """A BundleEntryProto; what is left out of one is 0."""
    dtype = offset = size = 0
    shape: tuple[int, ...] = ()
    for field, value in _fields(message):
        if field == 1:
            dtype = _number(value)
        elif field == 2:
            shape = tuple(_shape(_text(value)))
        elif field == 3 and value:
            raise ValueError("its data is in more than one file")
        elif field == 4:
            offset = _number(value)
        elif field == 5:
            size = _number(value)
        elif field == 7:
            raise ValueError("its tensors are in slices")
    return TensorEntry(dtype, shape, offset, size)


def _shape(message: bytes) -> Iterator[int]:
    """The sizes in a TensorShapeProto."""
    for field, value in _fields(message):
        if field == 2:
            yield next((_number(size) for number, size in _fields(_text(value)) if number == 1), 0)


# Protocol buffers


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The number and value of each field of a message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        field, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield field, value
            continue
        if wire == _TEXT:
            length, at = _varint(message, at)
        else:
            length = {_FIXED32: 4, _FIXED64: 8}[wire]
        yield field, _slice(message, at, length)
        at += length


def _number(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError("its index has a text where a number should be")
    return value


def _text(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("its index has a number where a message should be")
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number with seven bits in each byte, the lowest first, and where the next thing begins."""
    value = 0
    for place in range(_LONGEST_VARINT):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("its index has a number without an end")


# The table


def _items(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a table."""
    if len(table) < _FOOTER or struct.unpack("<Q", table[-8:])[0] != _MAGIC:
        raise ValueError("it is no index of a TensorFlow checkpoint")
    footer = table[-_FOOTER:]
    _, at = _handle(footer, 0)  # of the meta index, which is empty
    (start, length), _ = _handle(footer, at)
    for _, handle in _block(table, start, length):
        (start, length), _ = _handle(handle, 0)
        yield from _block(table, start, length)


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Where a block starts and how long it is; and where the next thing begins."""
    start, at = _varint(data, at)
    length, at = _varint(data, at)
    return (start, length), at


def _block(table: bytes, start: int, length: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block; of a key only what differs from the one before is there."""
    block = _slice(table, start, length)
    if table[start + length] != _UNCOMPRESSED:
        raise ValueError("its index is compressed")
    (n_restarts,) = struct.unpack("<I", block[-_RESTART:])
    end = length - _RESTART * (n_restarts + 1)
    at, key = 0, b""
    while at < end:
        n_shared, at = _varint(block, at)
        n_own, at = _varint(block, at)
        n_value, at = _varint(block, at)
        key = _slice(key, 0, n_shared) + _slice(block, at, n_own)
        yield key, _slice(block, at + n_own, n_value)
        at += n_own + n_value


def _slice(data: bytes, start: int, length: int) -> bytes:
    """A stretch that must be there."""
    if start + length > len(data):
        raise ValueError("its index ends too early")
    return data[start : start + length]
