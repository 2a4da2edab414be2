"""Chunk files: pickled arrays of clips' features, made fast and safe.

Written by joblib without compression, so that they memory-map. A pickle can run anything when it
is read, so only joblib's array wrapper and NumPy's dtypes are let in, and each array is checked
before a byte of it is read.
"""

from __future__ import annotations

import hashlib
import math
import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

import joblib
import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler
from numpy.typing import NDArray

from groovecli.audio.clips import Clip
from groovecli.datasets.tables import Written
from groovecli.files import atomic_writer
from groovecli.messages.datasets import (
    chunk_missing,
    chunk_of_other_things,
    chunk_of_other_types,
    chunk_of_unequal_lengths,
    not_a_chunk,
    unreadable_chunk,
)

MAX_BYTES = 64 * 1024 * 1024
_KEYS = {"features", "tracks", "indices"}
_CODES = ("u1", "f4", "i4", "S32")
_NATIVE = "<" if sys.byteorder == "little" else ">"


@dataclass(frozen=True)
class Chunk:
    """Features of some clips, memory-mapped.

    features : np.ndarray [shape=(n, windows, bands, frames), dtype=uint8 or float32]
    tracks : np.ndarray [shape=(n,), dtype=S32], the clips' track ids
    indices : np.ndarray [shape=(n,), dtype=int32], which clip of its track each one is
    """

    features: NDArray[Any]
    tracks: NDArray[np.bytes_]
    indices: NDArray[np.int32]


def write_chunk(path: Path, clips: Sequence[Clip], features: Sequence[NDArray[Any]]) -> Written:
    """Write the features of `clips` to `path`, whole or not at all; what was written."""
    content = {
        "features": np.stack(features),
        "tracks": np.array([clip.track_id for clip in clips], dtype="S32"),
        "indices": np.array([clip.index for clip in clips], dtype=np.int32),
    }
    with atomic_writer(path) as file:
        hashed = _Hashed(file)
        joblib.dump(content, hashed)
    return Written(hashed.sha256.hexdigest(), hashed.n_bytes)


class _Hashed:
    """A file to write, with the hash of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sha256, self.n_bytes = file, hashlib.sha256(), 0

    def write(self, data: bytes | memoryview) -> int:
        self.sha256.update(data)
        self.n_bytes += memoryview(data).nbytes
        return self.file.write(data)

    def tell(self) -> int:
        return self.file.tell()


def read_chunk(path: Path) -> Chunk:
    """Memory-map a chunk file.

    Raises
    ------
    DatasetError
        The file is missing, damaged, or none of groove's; nothing in it was run.
    """
    try:
        with path.open("rb") as file:
            content = _ArrayUnpickler(str(path), file, path.stat().st_size).load()
    except FileNotFoundError as error:
        raise chunk_missing(path) from error
    except OSError as error:
        raise unreadable_chunk(path, str(error.strerror or error)) from error
    except Exception as error:  # a damaged pickle can fail in any way
        raise not_a_chunk(path, str(error) or type(error).__name__) from error
    return _checked(path, content)


def _checked(path: Path, content: Any) -> Chunk:
    if not isinstance(content, dict) or set(content) != _KEYS:
        raise chunk_of_other_things(path)
    arrays = list(content.values())
    if not all(isinstance(array, np.ndarray) for array in arrays):
        raise chunk_of_other_things(path)
    tracks, indices = content["tracks"], content["indices"]
    if tracks.dtype != "S32" or indices.dtype != np.int32 or tracks.ndim != 1 or indices.ndim != 1:
        raise chunk_of_other_types(path)
    if any(array.ndim == 0 or len(array) != len(tracks) for array in arrays):
        raise chunk_of_unequal_lengths(path)
    # Copied, since each memory map keeps a file open.
    return Chunk(content["features"], np.array(tracks), np.array(indices))


class _Refused(pickle.UnpicklingError):
    """Something in the pickle that a chunk file never holds."""


class _DType:
    """Stands for numpy.dtype, whose own state a hostile file could spoil for the whole process."""

    def __init__(self, code: str, *_: object) -> None:
        self.code = code
        self.byte_order = "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.byte_order = state[1]

    def checked(self) -> np.dtype[Any]:
        if self.code not in _CODES or self.byte_order not in ("|", _NATIVE):
            raise _Refused("an array of another type than a chunk's")
        return np.dtype(self.code)


class _CheckedWrapper(NumpyArrayWrapper):  # type: ignore[misc]
    """joblib's stand-in for an array, which checks before it reads."""

    def read(self, unpickler: _ArrayUnpickler, ensure_native_byte_order: bool) -> Any:
        if type(self.dtype) is not _DType:
            raise _Refused("an array without a type")
        dtype = self.dtype.checked()
        if self.order not in ("C", "F") or self.numpy_array_alignment_bytes != 16:
            raise _Refused("an array in an unknown layout")
        if type(self.shape) is not tuple or not all(type(n) is int and n >= 0 for n in self.shape):
            raise _Refused("an array without a shape")
        left = unpickler.n_bytes - unpickler.file_handle.tell()
        if math.prod(self.shape) * dtype.itemsize > left:
            raise _Refused("an array larger than the file")
        allow_mmap = math.prod(self.shape) > 0
        sound = NumpyArrayWrapper(np.ndarray, self.shape, self.order, dtype, allow_mmap)
        return sound.read(unpickler, ensure_native_byte_order)


class _NoArray:
    """Stands for numpy.ndarray, which a chunk names but never calls."""

    def __init__(self, *_: object, **__: object) -> None:
        raise _Refused("an array built by hand")


class _ArrayUnpickler(NumpyUnpickler):  # type: ignore[misc]
    """An unpickler to which three names exist and no others."""

    _ALLOWED: ClassVar[dict[tuple[str, str], type]] = {
        ("joblib.numpy_pickle", "NumpyArrayWrapper"): _CheckedWrapper,
        ("numpy", "ndarray"): _NoArray,
        ("numpy", "dtype"): _DType,
    }

    def __init__(self, filename: str, file: Any, n_bytes: int) -> None:
        super().__init__(filename, file, ensure_native_byte_order=False, mmap_mode="r")
        self.n_bytes = n_bytes

    def find_class(self, module: str, name: str) -> type:
        try:
            return self._ALLOWED[module, name]
        except KeyError:
            raise _Refused(f"it asks for {module}.{name}, which could run anything") from None
