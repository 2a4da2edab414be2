"""Chunk files come back as they were; anything else is refused and runs nothing."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyPickler

from groovecli.audio.clips import Clip
from groovecli.datasets.chunks import read_chunk, write_chunk
from groovecli.errors import DatasetError, StorageError

N = 5


def clips_and_features(dtype: type = np.uint8) -> tuple[list[Clip], list[np.ndarray]]:
    rng = np.random.default_rng(0)
    found = [Clip(f"{i:032x}", i % 3, float(i)) for i in range(N)]
    return found, [(rng.random((2, 4, 7)) * 255).astype(dtype) for _ in range(N)]


@pytest.fixture
def chunk(tmp_path: Path) -> Path:
    """A sound chunk file."""
    path = tmp_path / "folder" / "chunk-00000.pkl"
    write_chunk(path, *clips_and_features())
    return path


def refused(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        read_chunk(path)
    assert str(path) in caught.value.what
    assert "\n" not in caught.value.what
    return caught.value.what


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_chunk_comes_back_memory_mapped(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "chunk-00000.pkl"
    clips, features = clips_and_features(dtype)
    write_chunk(path, clips, features)
    found = read_chunk(path)
    assert isinstance(found.features, np.memmap)
    assert not found.features.flags.writeable
    assert found.features.dtype == dtype
    assert np.array_equal(found.features, np.stack(features))
    assert [track.decode() for track in found.tracks] == [clip.track_id for clip in clips]
    assert found.indices.tolist() == [clip.index for clip in clips]


@pytest.mark.parametrize("shape", [(1,), (100,), (300, 24), (3, 4, 5)], ids=str)
def test_features_of_any_shape_come_back(tmp_path: Path, shape: tuple[int, ...]) -> None:
    clips, _ = clips_and_features()
    features = [np.random.default_rng(n).random(shape, np.float32) for n in range(N)]
    write_chunk(tmp_path / "c.pkl", clips, features)
    assert np.array_equal(read_chunk(tmp_path / "c.pkl").features, np.stack(features))


def test_the_same_clips_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_chunk(tmp_path / name, *clips_and_features())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_array_of_other_layout_comes_back(tmp_path: Path) -> None:
    content = {
        "features": np.asfortranarray(np.arange(24, dtype=np.uint8).reshape(2, 3, 4)),
        "tracks": np.array(["a" * 32, "b" * 32], "S32"),
        "indices": np.zeros(2, np.int32),
    }
    joblib.dump(content, tmp_path / "f.pkl")
    assert np.array_equal(read_chunk(tmp_path / "f.pkl").features, content["features"])


def test_what_is_missing_cut_short_or_something_else_is_refused(tmp_path: Path, chunk: Path) -> None:
    whole = chunk.read_bytes()
    assert "missing" in refused(tmp_path / "none.pkl")
    (tmp_path / "folder.pkl").mkdir()
    assert "cannot read" in refused(tmp_path / "folder.pkl")
    for name, content in {
        "empty": b"",
        "text": b"no chunk, just text\n" * 20,
        "zeros": bytes(500),
        "half": whole[: len(whole) // 2],
        "short by one": whole[:-1],
        "pickle of a list": pickle.dumps([1, 2, 3]),
        "pickle of other keys": pickle.dumps({"a": 1}),
        "pickle of no arrays": pickle.dumps({"features": 1, "tracks": 2, "indices": 3}),
    }.items():
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.binary(min_size=1, max_size=8))
def test_no_spoilt_byte_does_more_than_spoil_a_value(place: int, spoilt: bytes) -> None:
    buffer = io.BytesIO()
    features = np.zeros((2, 1, 2, 2), np.uint8)
    tracks = np.array(["a" * 32] * 2, "S32")
    joblib.dump({"features": features, "tracks": tracks, "indices": np.zeros(2, np.int32)}, buffer)
    data = bytearray(buffer.getvalue())
    place %= len(data)
    data[place : place + len(spoilt)] = spoilt
    path = _scratch[0] / "spoilt.pkl"
    path.write_bytes(data)
    try:
        found = read_chunk(path)
    except DatasetError:
        return
    assert found.features.nbytes <= len(data)


_scratch: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _scratch[:] = [tmp_path_factory.mktemp("chunks")]


class Payload:
    """What, unpickled, would create a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.mark}'",)


def content(**other: Any) -> dict[str, Any]:
    return {
        "features": np.zeros((N, 1, 2, 2), np.uint8),
        "tracks": np.array(["a" * 32] * N, "S32"),
        "indices": np.zeros(N, np.int32),
    } | other


def at_top(mark: Path) -> Any:
    return Payload(mark)


def beside_the_arrays(mark: Path) -> Any:
    return content(more=Payload(mark))


def in_an_object_array(mark: Path) -> Any:
    return content(features=np.array([Payload(mark)] * N, dtype=object))


def in_a_structured_array(mark: Path) -> Any:
    array = np.zeros(N, dtype=[("a", "u1"), ("b", "O")])
    array["b"] = Payload(mark)
    return content(features=array)


def in_the_metadata_of_a_type(mark: Path) -> Any:
    dtype = np.dtype("u1", metadata={"a": Payload(mark)})
    return content(features=np.zeros((N, 1), dtype))


@pytest.mark.parametrize(
    "make",
    [at_top, beside_the_arrays, in_an_object_array, in_a_structured_array, in_the_metadata_of_a_type],
)
def test_a_payload_is_refused_and_does_not_run(tmp_path: Path, make: Callable[[Path], Any]) -> None:
    mark, path = tmp_path / "it-ran", tmp_path / "hostile.pkl"
    joblib.dump(make(mark), path)
    refused(path)
    assert not mark.exists()
    if make is not in_the_metadata_of_a_type:  # NumPy drops metadata on its way to a file
        joblib.load(path)
        assert mark.exists(), "the payload is none: this test would prove nothing"


def with_wrapper(path: Path, **state: Any) -> Path:
    """A chunk file whose first array's description is `state`, written as joblib would."""
    fields = {"subclass": np.ndarray, "shape": (N, 1, 2, 2), "order": "C", "dtype": np.dtype("u1")}
    fields |= {"allow_mmap": True, "numpy_array_alignment_bytes": 16} | state
    wrapper = NumpyArrayWrapper(np.ndarray, (1,), "C", np.dtype("u1"))
    wrapper.__dict__ = fields
    with path.open("wb") as file:
        NumpyPickler(file).dump({"features": wrapper})
        file.write(bytes(4096))
    return path


HUGE = 2**40


@pytest.mark.parametrize(
    "state",
    [
        {"shape": (HUGE,)},
        {"shape": (HUGE, HUGE, HUGE)},
        {"shape": (-1, 10)},
        {"shape": (-HUGE, -HUGE)},
        {"shape": [N, 1]},
        {"shape": ("5",)},
        {"shape": (True,)},
        {"shape": None},
        {"shape": HUGE},
        {"order": "X"},
        {"order": None},
        {"dtype": "u1"},
        {"dtype": None},
        {"dtype": np.dtype("O")},
        {"dtype": np.dtype(f"V{2**31 - 1}")},
        {"dtype": np.dtype([("a", "u1"), ("b", "O")])},
        {"dtype": np.dtype(("u1", (2**15, 2**15)))},
        {"dtype": np.dtype("M8[s]")},
        {"dtype": np.dtype("S0"), "shape": (HUGE,)},
        {"dtype": np.dtype(">f4")},
        {"numpy_array_alignment_bytes": None},
        {"numpy_array_alignment_bytes": 10**9},
        {"read": np.dtype, "read_array": np.dtype},
        {"__class__": np.dtype},
    ],
    ids=str,
)
def test_an_array_described_untruly_is_refused(tmp_path: Path, state: dict[str, Any]) -> None:
    why = refused(with_wrapper(tmp_path / "untrue.pkl", **state))
    assert ": an array" in why or "read" in state or "__class__" in state


def test_an_array_described_truly_is_read(tmp_path: Path) -> None:
    assert "holds something else" in refused(with_wrapper(tmp_path / "true.pkl"))  # two keys are missing


def hand_made(*instructions: bytes) -> bytes:
    return b"\x80\x04" + b"".join(instructions) + b"."


def name_of(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


@pytest.mark.parametrize(
    "code",
    [
        hand_made(name_of("numpy", "ndarray"), b"(K\x05\x85tR"),  # ndarray((5,))
        hand_made(name_of("numpy", "ndarray"), b"(\x8a\x06\0\0\0\0\0\x01tR"),  # ndarray(2**40)
        hand_made(name_of("numpy", "ndarray"), b")\x81}b"),
        hand_made(name_of("numpy", "dtype"), b"(X\x01\0\0\0OtR"),
        hand_made(
            name_of("numpy", "dtype"),
            b"(X\x02\0\0\0f4tR(K\x03X\x01\0\0\0>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb",
        ),
        hand_made(name_of("joblib.numpy_pickle", "NumpyArrayWrapper"), b")\x81}b"),
        hand_made(name_of("joblib.numpy_pickle", "NumpyArrayWrapper"), b")\x81N}X\x04\0\0\0readN\x86b"),
        hand_made(name_of("joblib.numpy_pickle", "NDArrayWrapper"), b")\x81}b"),
        hand_made(name_of("joblib.numpy_pickle", "pickle.loads"), b"(tR"),
        hand_made(name_of("numpy", "core.multiarray._reconstruct"), b"(tR"),
        hand_made(name_of("builtins", "eval"), b"(X\x03\0\0\x001+1tR"),
        hand_made(name_of("os", "system"), b"(X\x04\0\0\0truetR"),
        hand_made(b"X\xff\xff\xff\x7fabc"),  # a text of 2 GiB
        hand_made(b"\x8d\0\0\0\0\0\1\0\0abc"),  # a text of a TiB
        hand_made(b"\x95\0\0\0\0\0\1\0\0abc"),  # a frame of a TiB
        hand_made(b"(" * 5000, b"l" * 5000),
        hand_made(b"Pid\n"),  # a persistent id
        hand_made(b"\x82\x01"),  # an extension
    ],
)
def test_a_hand_made_pickle_is_refused(tmp_path: Path, code: bytes) -> None:
    (tmp_path / "hand.pkl").write_bytes(code)
    refused(tmp_path / "hand.pkl")
    assert np.dtype("f4").byteorder == "="
    assert np.dtype("f4") == np.float32


def test_a_compressed_chunk_is_refused(tmp_path: Path) -> None:
    joblib.dump(content(), tmp_path / "z.pkl", compress=3)
    refused(tmp_path / "z.pkl")


@pytest.mark.parametrize(
    "other",
    [
        {"features": np.zeros((N + 1, 1, 2, 2), np.uint8)},
        {"features": np.zeros((), np.uint8)},
        {"tracks": np.zeros(N, np.int32)},
        {"tracks": np.zeros((N, 2), "S32")},
        {"indices": np.zeros(N, np.float32)},
        {"indices": np.zeros(N, np.int64)},
        {"indices": [0] * N},
    ],
    ids=str,
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    joblib.dump(content(**other), tmp_path / "a.pkl")
    refused(tmp_path / "a.pkl")


def test_untrue_sizes_take_no_memory(tmp_path: Path) -> None:
    """In a process that may have 300 MB more than it starts with, the huge ones are refused too."""
    paths = [with_wrapper(tmp_path / "a.pkl", shape=(2**33,)), tmp_path / "b.pkl"]
    paths[1].write_bytes(hand_made(name_of("numpy", "ndarray"), b"(\x8a\x05\0\0\0\0\x02tR"))
    program = (
        "import resource, sys, pathlib\n"
        "from groovecli.datasets.chunks import read_chunk\n"
        "from groovecli.errors import DatasetError\n"
        "now = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (now + 300_000_000,) * 2)\n"
        "for path in sys.argv[1:]:\n"
        "    try: read_chunk(pathlib.Path(path))\n"
        "    except DatasetError as error: assert 'Memory' not in error.what, error.what\n"
        "    else: sys.exit('it was let in')\n"
        "status = open('/proc/self/status').read()\n"  # getrusage counts what the parent had, too
        "print(status.partition('VmHWM:')[2].split()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 2_000_000  # KB


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write_chunk(tmp_path / "chunk.pkl", *clips_and_features())
    assert list(tmp_path.iterdir()) == []
