"""Mutual proximity: as if each song was compared with each."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from groovecli.library.answers import VectorRows
from groovecli.library.matrices import Matrix, scaled
from groovecli.playlists import proximity
from groovecli.playlists.nearest import Metric, nearest
from groovecli.playlists.proximity import Library, distances_between, farness_of, mutual_farness

METRICS: tuple[Metric, ...] = ("cosine", "euclidean")


def drawn(seed: int, n: int, dim: int = 6) -> NDArray[np.float32]:
    """Vectors around a few centres, as songs of genres are."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(4, dim)) * 2
    return (centres[rng.integers(0, 4, n)] + rng.normal(size=(n, dim))).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 500),
    n=st.integers(3, 80),
    metric=st.sampled_from(METRICS),
    first=st.integers(1, 90),
)
def test_songs_come_from_near_to_far_by_the_whole_matrix(
    seed: int, n: int, metric: Metric, first: int
) -> None:
    rows = drawn(seed, n)
    whole = mutual_farness(rows, metric)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proximity, "_FIRST", first)
        found = list(Library(rows, metric).ranked(rows[0], is_inside=True))
    assert sorted(near.place for near in found) == list(range(n))
    farness = [near.farness for near in found if near.place]
    assert farness == sorted(farness)
    order = [near.place for near in found if near.place]
    assert np.allclose(farness, whole[0, order], rtol=1e-3, atol=1e-6)  # single precision


@pytest.mark.parametrize("metric", METRICS)
def test_no_more_is_read_than_needed(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, asked = drawn(0, 3000), list[int]()
    nearest = proximity.nearest
    monkeypatch.setattr(
        proximity,
        "nearest",
        lambda *args, k, metric: (asked.append(k), nearest(*args, k=k, metric=metric))[1],
    )
    found = list(islice(Library(rows, metric).ranked(rows[7], is_inside=True), 10))
    assert len(found) == 10 and max(asked) < 3000


def test_hubs_are_in_fewer_lists_and_fewer_songs_are_in_none() -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(600, 60)) + 0.35).astype(np.float32)
    plain, corrected = distances_between(rows, rows, "cosine"), mutual_farness(rows, "cosine")

    def in_lists(distances: NDArray[np.float64]) -> NDArray[np.intp]:
        own = distances + np.diag(np.full(len(rows), np.inf))
        return np.bincount(np.argsort(own, axis=1)[:, :10].ravel(), minlength=len(rows))

    before, after = in_lists(plain), in_lists(corrected)
    assert after.max() < 0.7 * before.max()
    assert (after == 0).sum() < 0.5 * (before == 0).sum()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 500), n=st.integers(3, 60), metric=st.sampled_from(METRICS))
def test_likeness_falls_as_farness_grows(seed: int, n: int, metric: Metric) -> None:
    usual = Library(drawn(seed, n), metric).usual
    likeness = usual.likeness(np.array([0.0, 1e-300, 1e-12, 1e-3, 0.1, 1.0, 10.0, np.inf]))
    assert (np.diff(likeness) <= 0).all() and likeness[-1] == 0 and (likeness <= 1).all()


def test_farness_is_the_same_from_both_ends() -> None:
    whole = mutual_farness(drawn(3, 50), "cosine")
    assert np.allclose(whole, whole.T) and (whole >= 0).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("rows", [np.ones((5, 3)), np.zeros((5, 3)), np.eye(3), np.ones((1, 3))])
def test_vectors_that_are_all_one_or_nothing_have_an_order(
    metric: Metric, rows: NDArray[np.float64]
) -> None:
    library = Library(rows.astype(np.float32), metric)
    found = list(library.ranked(rows[0], is_inside=True))
    assert len(found) == len(rows) and all(np.isfinite(near.farness) for near in found)
    share = library.share_farther(0.5)
    assert (share is None) == (len(rows) == 1) and 0 <= (share or 0) <= 1


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("is_open", [False, True])
def test_damaged_rows_are_in_no_list(
    metric: Metric, is_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = drawn(4, 40)
    rows[7], rows[9] = np.nan, np.inf
    monkeypatch.setattr(proximity, "_INDEXED_FROM", 0)
    library = Library(rows, metric)
    with np.errstate(invalid="ignore"):
        if is_open:
            library.open()
        found = [near.place for near in library.ranked(rows[0], is_inside=True)]
    sound = [place for place in range(40) if place not in (7, 9)]
    assert sorted(set(found) - {7, 9}) == sound and set(found[:30]) <= set(sound)


def test_a_sample_of_a_large_library_says_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = drawn(1, 4000)
    whole = Library(rows, "cosine").usual.spread(rows[:50], are_inside=True)
    monkeypatch.setattr(proximity, "MOST_COUNTED", 1000)
    some = Library(rows, "cosine").usual.spread(rows[:50], are_inside=True)
    assert np.abs(some.mean - whole.mean).max() < 0.1 and np.abs(some.std / whole.std - 1).max() < 0.15


def test_the_share_beyond_is_of_a_normal_distribution() -> None:
    spread = proximity.Spread(np.array([1.0]), np.array([0.5]))
    assert farness_of(np.array([1.0]), spread, spread)[0] == pytest.approx(2 * np.log(2))


# The index


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 500),
    n=st.integers(1, 300),
    dim=st.integers(1, 30),
    k=st.lists(st.integers(1, 320), min_size=1, max_size=3),
    metric=st.sampled_from(METRICS),
    few=st.integers(1, 20),
    size=st.sampled_from([1e-2, 1.0, 1e3]),
)
def test_the_index_finds_what_all_distances_say(
    seed: int, n: int, dim: int, k: list[int], metric: Metric, few: int, size: float
) -> None:
    rows = drawn(seed, n, dim) * np.float32(size)
    vector = rows[0] + np.float32(0.1 * size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("groovecli.playlists.reduced._FEW", few)
        patch.setattr("groovecli.playlists.reduced._MANY", few + 3)
        patch.setattr("groovecli.playlists.reduced._MORE", 1)
        patch.setattr(proximity, "_INDEXED_FROM", 0)
        library = Library(rows, metric)
        library.open()
        search = library.search(vector)
        for wanted in k:
            expected = nearest(rows, vector[None], k=wanted, metric=metric)
            found = search(wanted)
            assert np.allclose(found.distances, expected.distances, rtol=1e-4, atol=1e-6)


def test_the_index_over_rows_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = scaled(drawn(2, 6000, 80))
    matrix = Matrix(tmp_path / "m.f16", 80)
    matrix.write(0, kept.halves)
    library = Library(VectorRows(matrix, np.arange(6000), kept.exponents), "cosine")
    before = list(islice(library.ranked(kept.vectors[9], is_inside=True), 40))
    library.open()
    monkeypatch.setattr(proximity, "nearest", None)
    after = list(islice(library.ranked(kept.vectors[9], is_inside=True), 40))
    assert [near.place for near in after] == [near.place for near in before]
