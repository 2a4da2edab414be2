"""TensorFlow's checkpoints: one that the test writes, and files that are none."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.models.tensorflow import read_bundle

_MAGIC = 0xDB4775248B80FB57


# A writer, from the formats' descriptions


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value) if value else b""


def message(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content


def entry(array: np.ndarray, offset: int, *, dtype: int = 1, more: bytes = b"") -> bytes:
    shape = b"".join(message(2, number(1, size)) for size in array.shape)
    checksum = varint(6 << 3 | 5) + b"\1\2\3\4"
    places = number(4, offset) + number(5, array.nbytes)
    return number(1, dtype) + message(2, shape) + places + checksum + more


def block(items: Mapping[bytes, bytes], *, compression: int = 0) -> bytes:
    """Keys share what they begin with; every second key is a restart point, which shares nothing."""
    out, restarts, before = b"", [], b""
    for count, (key, value) in enumerate(items.items()):
        shared = 0
        if count % 2 == 0:
            restarts.append(len(out))
        else:
            while key[: shared + 1] == before[: shared + 1]:
                shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    tail = b"".join(struct.pack("<I", place) for place in restarts) + struct.pack("<I", len(restarts))
    return out + tail + bytes([compression]) + b"csum"


def table(blocks: list[Mapping[bytes, bytes]], *, compression: int = 0) -> bytes:
    out, index = b"", {}
    for items in blocks:
        written = block(items, compression=compression)
        index[max(items) + b"~"] = varint(len(out)) + varint(len(written) - 5)
        out += written
    meta, at = block({}), len(out)
    out += meta
    rest = block(index)
    footer = varint(at) + varint(len(meta) - 5) + varint(len(out)) + varint(len(rest) - 5)
    return out + rest + footer.ljust(40, b"\0") + struct.pack("<Q", _MAGIC)


def bundle(
    arrays: Mapping[str, np.ndarray], *, per_block: int = 3, dtype: int = 1, more: bytes = b""
) -> tuple[bytes, bytes]:
    """The two files of a checkpoint that holds `arrays`."""
    data, items = b"", {b"": number(1, 1)}
    for name in sorted(arrays):
        items[name.encode()] = entry(arrays[name], len(data), dtype=dtype, more=more)
        data += arrays[name].tobytes()
    pairs = list(items.items())
    parts = [dict(pairs[start : start + per_block]) for start in range(0, len(pairs), per_block)]
    return table(parts), data


ARRAYS = {
    "conv2d/kernel": np.arange(24, dtype="<f4").reshape(2, 3, 4),
    "conv2d/bias": np.array([1.5, -2.0], "<f4"),
    "conv2d_1/kernel": np.full((300,), 0.25, "<f4"),
    "step": np.array(7.0, "<f4"),
}


@pytest.mark.parametrize("per_block", [1, 2, 3, 99])
def test_what_was_written_is_read(per_block: int) -> None:
    found = read_bundle(*bundle(ARRAYS, per_block=per_block))
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found[name].dtype == np.float32
        assert found[name].shape == array.shape
        assert np.array_equal(found[name], array)


def test_tensors_of_other_types_are_passed_over() -> None:
    assert read_bundle(*bundle(ARRAYS, dtype=9)) == {}


def test_an_empty_checkpoint_holds_nothing() -> None:
    assert read_bundle(*bundle({})) == {}


@pytest.mark.parametrize(
    ("more", "why"), [(number(3, 1), "more than one file"), (message(7, b"\x08\x01"), "slices")]
)
def test_what_the_reader_does_not_know_is_refused(more: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_bundle(*bundle(ARRAYS, more=more))


def test_a_compressed_table_is_refused() -> None:
    with pytest.raises(ValueError, match="compressed"):
        read_bundle(table([{b"": b""}], compression=1), b"")


def test_data_that_ends_too_early_is_refused() -> None:
    index, data = bundle(ARRAYS)
    with pytest.raises(ValueError, match="ends before"):
        read_bundle(index, data[:-1])


def test_a_size_that_is_not_the_shapes_is_refused() -> None:
    items = {b"x": number(1, 1) + message(2, message(2, number(1, 5))) + number(5, 8)}
    with pytest.raises(ValueError, match="size of x"):
        read_bundle(table([items]), bytes(100))


@pytest.mark.parametrize("index", [b"", b"x" * 47, b"x" * 200, bytes(48)], ids=len)
def test_files_that_are_no_index_are_refused(index: bytes) -> None:
    with pytest.raises(ValueError, match="no index"):
        read_bundle(index, b"")


@given(st.data())
def test_a_damaged_index_is_an_error_or_harmless(data: st.DataObject) -> None:
    index, content = bundle(ARRAYS)
    damaged = bytearray(index)
    for place in data.draw(st.lists(st.integers(0, len(index) - 9), min_size=1, max_size=3)):
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        found = read_bundle(bytes(damaged), content)
    except ValueError:
        return
    assert all(array.nbytes <= len(content) for array in found.values())
