"""Vectors at half precision, and the files that they are in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from groovecli.library.matrices import Matrix, Scaled, scaled

FINITE = np.arange(65536, dtype="<u2").view("<f2")
FINITE = FINITE[np.isfinite(FINITE)]


@given(st.integers(-40, 40))
def test_every_number_of_half_precision_is_itself(exponent: int) -> None:
    wanted = np.ldexp(FINITE.astype(np.float32), exponent)
    found = Scaled(FINITE[None], np.array([exponent])).vectors
    assert found.tobytes() == wanted[None].tobytes()  # zeros with their signs


@given(
    arrays(
        np.float32, array_shapes(min_dims=2, max_dims=2), elements=st.floats(-(2.0**99), 2.0**99, width=32)
    )
)
def test_vectors_of_any_size_come_back(vectors: np.ndarray) -> None:
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    assert (np.abs(scaled(vectors).vectors - vectors) <= largest * 2.0**-11).all()


def test_the_largest_number_stays_finite() -> None:
    vectors = np.array([[np.finfo(np.float32).max, -1.0]], np.float32)
    assert np.allclose(scaled(vectors).vectors, vectors, rtol=2.0**-11, atol=1e30)
    assert np.isfinite(scaled(-vectors).vectors).all()


@pytest.mark.parametrize(
    "places", [[], [3], [2, 3, 4], [4, 3, 2], [0, 1, 3], [5, 5, 0], list(range(9)), [0, 8], [8] * 3]
)
def test_rows_are_read_wherever_they_lie(
    places: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groovecli.library.matrices._PIECE", 4)
    rows = np.arange(27, dtype="<f2").reshape(9, 3)
    matrix = Matrix(tmp_path / "vectors", 3)
    matrix.write(0, rows)
    assert np.array_equal(matrix.read(places), rows[np.array(places, np.intp)])
