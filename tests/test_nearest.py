"""The nearest neighbours of vectors: as if each was compared with each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from groovecli.library.answers import VectorRows
from groovecli.library.matrices import Matrix, scaled
from groovecli.playlists.nearest import Metric, nearest
from groovecli.playlists.rows import UnitRows

METRICS: tuple[Metric, ...] = ("cosine", "euclidean")


def brute(rows: NDArray[np.floating], vector: NDArray[np.floating], k: int, metric: Metric) -> list[int]:
    """Numbers of the nearest rows, from all distances."""
    own, other = rows.astype(np.float64), vector.astype(np.float64)
    if metric == "euclidean":
        distances = np.sqrt(((own - other) ** 2).sum(axis=1))
    else:
        lengths = np.sqrt((own * own).sum(axis=1)) * np.linalg.norm(other)
        distances = 1 - (own * other).sum(axis=1) / np.maximum(lengths, np.finfo(np.float64).tiny)
    return [int(number) for number in np.argsort(distances, kind="stable")[:k]]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n=st.integers(1, 60),
    k=st.integers(1, 70),
    metric=st.sampled_from(METRICS),
    n_distinct=st.integers(1, 60),
    size=st.sampled_from([1e-3, 1.0, 1e3]),
    at_once=st.integers(1, 70),
)
def test_neighbours_are_those_of_all_distances(
    seed: int, n: int, k: int, metric: Metric, n_distinct: int, size: float, at_once: int
) -> None:
    rng = np.random.default_rng(seed)
    distinct = np.round(rng.normal(size=(n_distinct, 5)), 1) * size
    rows = distinct[rng.integers(0, n_distinct, n)].astype(np.float16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("groovecli.playlists.rows._AT_ONCE", at_once)
        found = nearest(rows, rows[:3], k=k, metric=metric)
    assert found.places.tolist() == [brute(rows, vector, k, metric) for vector in rows[:3]]
    assert (np.diff(found.distances, axis=1) >= 0).all()


@pytest.mark.parametrize("metric", METRICS)
def test_rows_on_the_disk_are_compared_as_those_in_memory(tmp_path: Path, metric: Metric) -> None:
    kept = scaled(np.random.default_rng(0).normal(size=(9000, 12)).astype(np.float32) * 40)
    matrix = Matrix(tmp_path / "m.f16", 12)
    matrix.write(0, kept.halves)
    rows = VectorRows(matrix, np.arange(9000)[::-1].copy(), kept.exponents[::-1].copy())
    vectors = kept.vectors[::-1]
    expected = nearest(vectors, vectors[5:7], k=20, metric=metric)
    found = nearest(rows, vectors[5:7], k=20, metric=metric)
    assert found.places[:, 0].tolist() == [5, 6]
    assert found.places.tolist() == expected.places.tolist()
    if metric == "cosine":  # neither scale matters
        assert nearest(UnitRows(rows), vectors[5:7], k=20).places.tolist() == expected.places.tolist()
        assert (
            nearest(matrix.halves()[::-1], vectors[5:7], k=20).places.tolist() == expected.places.tolist()
        )


def test_a_vector_of_zeros_is_as_far_as_can_be_told() -> None:
    found = nearest(np.array([[0, 0], [1, 0], [-1, 0]], np.float32), np.array([[1.0, 0.0]]), k=3)
    assert found.places.tolist() == [[1, 0, 2]] and np.allclose(found.distances, [[0, 1, 2]])
