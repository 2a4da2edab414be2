"""Vectors of songs as float16 matrices, one file for each model, beside the catalogue.

A row is scaled by a power of two, so that its largest number lies in [0.5, 1): half precision then has
11 bits for it, whatever its size.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.files import storage_errors
from groovecli.library.schema import rows_in

_HALF = np.dtype("<f2")
_BITS, _BIAS = 13, 112  # by which float32 has a longer fraction, and another bias of its exponent
_SIGN_AND_NUMBER = np.int32(-1879056384)  # 0x8FFFE000: the sign, and where the number's own bits are
_PLAIN = 15  # exponents up to which float32 holds 2 to the power of them and the bias
_LARGEST = np.finfo(np.float32).max
_PIECE = 8192  # rows that are in memory at once: 12 MB of groove-net's
_SPARSE = 4  # rows of a file for each that is wanted, above which they are read one by one


@dataclass(frozen=True)
class Scaled:
    """Vectors at half precision: `halves` times two to the power of `exponents`.

    halves : np.ndarray [shape=(n, dim), dtype=float16]
    exponents : np.ndarray [shape=(n,), dtype=int64]
    """

    halves: NDArray[np.float16]
    exponents: NDArray[np.int64]

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors [shape=(n, dim), dtype=float32]."""
        exponents = self.exponents[:, None].astype(np.int32)
        if np.abs(exponents).max(initial=0) > _PLAIN:
            with np.errstate(over="ignore"):
                vectors = np.ldexp(self.halves.astype(np.float32), exponents)
            return np.clip(vectors, -_LARGEST, _LARGEST)  # rounding may have gone up to infinity
        # The same by the numbers' bits, in a quarter of the time.
        bits = self.halves.view("<i2").astype(np.int32)
        bits <<= _BITS
        bits &= _SIGN_AND_NUMBER
        vectors = bits.view(np.float32)
        vectors *= np.ldexp(np.float32(1), exponents + _BIAS)
        return vectors

    @property
    def checksums(self) -> list[int]:
        """CRC-32 of each row's bytes."""
        return [zlib.crc32(row) for row in np.ascontiguousarray(self.halves)]


def scaled(vectors: NDArray[np.floating]) -> Scaled:
    """Vectors [shape=(n, dim)] at half precision."""
    largest = np.abs(vectors).max(axis=1, initial=0)
    exponents = np.frexp(largest)[1].astype(np.int64)
    halves = np.ldexp(vectors, -exponents[:, None].astype(np.int32)).astype(_HALF)
    return Scaled(halves, exponents)


@dataclass(frozen=True)
class Matrix:
    """The file of a model's vectors, `dim` numbers a row.

    The catalogue says which row is whose: what lies behind its last row is what a crash left.
    """

    path: Path
    dim: int

    @property
    def n_rows(self) -> int:
        """How many rows the file has; 0 where there is no file."""
        return rows_in(self.path, self.dim)

    def halves(self) -> NDArray[np.float16]:
        """All rows, memory-mapped [shape=(n_rows, dim), dtype=float16]."""
        n_rows = self.n_rows
        if not n_rows:
            return np.zeros((0, self.dim), _HALF)
        return np.memmap(self.path, _HALF, "r", shape=(n_rows, self.dim))

    def read(self, places: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float16]:
        """The rows at some places [shape=(n, dim), dtype=float16]; each must be below `n_rows`.

        Rows that lie together are read in one piece, at most `_PIECE` of them, and no page of the file
        stays in memory.
        """
        wanted = np.asarray(places, np.intp)
        if not len(wanted):
            return np.zeros((0, self.dim), _HALF)
        first, n_there = int(wanted.min()), int(np.ptp(wanted)) + 1
        if n_there == len(wanted) <= _PIECE and bool((np.diff(wanted) == 1).all()):
            return self._piece(first, n_there)
        if n_there > _SPARSE * len(wanted):
            return np.array(self.halves()[wanted])
        found = np.empty((len(wanted), self.dim), _HALF)
        for start in range(first, first + n_there, _PIECE):
            end = min(start + _PIECE, first + n_there)
            piece = self._piece(start, end - start)
            own = (wanted >= start) & (wanted < end)
            found[own] = piece[wanted[own] - start]
        return found

    def _piece(self, first: int, n_rows: int) -> NDArray[np.float16]:
        offset, n_numbers = first * self.dim * _HALF.itemsize, n_rows * self.dim
        return np.fromfile(self.path, _HALF, n_numbers, offset=offset).reshape(-1, self.dim)

    def checksums(self, places: Sequence[int] | NDArray[np.int64]) -> list[int]:
        """CRC-32 of the rows at some places; each must be below `n_rows`."""
        return [zlib.crc32(row) for row in self.read(places)]

    def write(self, place: int, halves: NDArray[np.float16]) -> None:
        """Write rows from `place` on, and wait until the disk has them.

        Raises
        ------
        StorageError
            The disk is full, or the folder can't be written.
        """
        with storage_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("r+b" if self.path.exists() else "w+b") as file:
                file.seek(place * self.dim * _HALF.itemsize)
                file.write(np.ascontiguousarray(halves, _HALF).tobytes())
                file.flush()
                os.fsync(file.fileno())
