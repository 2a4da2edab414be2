"""Lists keep within bounds, are as many as asked for, and groups on mutual proximity are plain groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.errors import UsageError
from groovecli.playlists.clusters import Cluster, Clustering, cluster, within
from groovecli.playlists.linked import farnesses, linked
from groovecli.playlists.proximity import mutual_farness
from groovecli.playlists.rows import UnitRows
from groovecli.playlists.sizes import Bounds, Groups, bounds_for, sized, usual_min_size, usual_number
from tests.test_clusters import blobs, check_partition

SLOW = settings(max_examples=60, deadline=None)


def drawn(n: int, d: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def sizes_of(clustering: Clustering) -> list[int]:
    return [len(one.members) for one in clustering.clusters]


# Bounds


def test_what_is_not_said_follows_from_the_number_of_songs() -> None:
    assert [usual_min_size(n) for n in (1, 99, 120, 200, 400_000)] == [5, 5, 6, 10, 10]
    assert [usual_number(n) for n in (1, 5, 30, 238, 971, 400_000)] == [1, 2, 4, 9, 17, 198]
    numbers = [usual_number(n) for n in range(1, 3000)]
    assert numbers == sorted(numbers)
    assert bounds_for(971) == Bounds(10)
    assert bounds_for(971, max_size=12).min_size == 6
    assert bounds_for(971, n_lists=100).min_size == 4
    assert bounds_for(20, n_lists=20).min_size == 2
    assert bounds_for(971, 7, 20, 5) == Bounds(7, 20, 5)


@pytest.mark.parametrize(("least", "most", "text"), [(10, 9, "can't have 9"), (10, 18, "10 to 18")])
def test_bounds_that_no_lists_keep_within_are_refused(least: int, most: int, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        bounds_for(100, least, most)
    with pytest.raises(UsageError, match=text):
        cluster(drawn(30), min_size=least, max_size=most)


@SLOW
@given(
    n=st.integers(1, 120),
    seed=st.integers(0, 99),
    method=st.sampled_from(["mutual", "kmeans", "affinity", "agglomerative"]),
    min_size=st.integers(1, 9),
    more=st.integers(0, 30),
    coarse=st.booleans(),
)
def test_every_list_is_within_its_bounds(
    n: int, seed: int, method: str, min_size: int, more: int, coarse: bool
) -> None:
    vectors = drawn(n, seed=seed)
    if coarse:
        vectors = np.round(vectors)
    max_size = 2 * min_size - 1 + more
    found = cluster(vectors, method=method, min_size=min_size, max_size=max_size)
    check_partition(found, vectors)
    assert all(min(min_size, n) <= size <= max_size for size in sizes_of(found))
    assert found == cluster(vectors, method=method, min_size=min_size, max_size=max_size)


@SLOW
@given(n=st.integers(2, 120), n_lists=st.integers(1, 12), seed=st.integers(0, 9))
def test_there_are_as_many_lists_as_are_asked_for(n: int, n_lists: int, seed: int) -> None:
    for method in ("mutual", "kmeans", "agglomerative"):
        found = cluster(drawn(n, seed=seed), method=method, n_clusters=n_lists)
        assert len(found.clusters) == n_lists or any(
            "can't all have" in note or "can't make" in note for note in found.notes
        )
        if n >= 8 * n_lists:
            assert len(found.clusters) == n_lists


def test_a_number_of_lists_is_kept_beside_a_largest_size() -> None:
    found = cluster(drawn(400), n_clusters=12, max_size=40)
    assert max(sizes_of(found)) <= 40 and len(found.clusters) >= 12
    few = cluster(drawn(400), n_clusters=3, max_size=40)
    assert len(few.clusters) >= 10
    assert any("3 playlists of 40 songs at most" in note for note in few.notes)


def test_equal_songs_are_divided_too() -> None:
    found = cluster(np.ones((50, 3), np.float32), max_size=20)
    assert sum(sizes_of(found)) == 50 and max(sizes_of(found)) <= 20


def test_a_large_group_is_cut_where_the_sound_changes() -> None:
    vectors = np.concatenate([blobs(1, 30, seed=1), blobs(1, 14, seed=2)])
    notes: list[str] = []
    groups = sized(vectors, Groups(np.zeros(44, np.intp)), Bounds(5, 35), notes)
    assert len(set(groups.labels[:30])) == len(set(groups.labels[30:])) == 1
    assert notes == ["playlists over 35 songs were divided: 1 more playlists"]


def test_only_lists_that_grew_too_large_are_divided() -> None:
    vectors = blobs(2, 30)
    small = Cluster(tuple(range(30, 60)), 37)
    old = Clustering((Cluster((5, *range(5), *range(6, 30)), 5), small), (), "mutual", ("a note",))
    assert within(old, vectors, Bounds(5)) is old
    found = within(old, vectors, Bounds(5, 30))
    assert found == old
    found = within(Clustering((Cluster(tuple(range(60)), 0),), (), "mutual", ()), vectors, Bounds(5, 40))
    assert {frozenset(one.members) for one in found.clusters} == {
        frozenset(range(30)),
        frozenset(range(30, 60)),
    }


# Groups on mutual proximity


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_farness_some_rows_at_a_time_is_mutual_proximity(metric: str) -> None:
    vectors = drawn(300, 6)
    found = farnesses(vectors, metric)  # type: ignore[arg-type]
    assert np.allclose(found, mutual_farness(vectors, metric), rtol=1e-3, atol=1e-4)  # type: ignore[arg-type]


@SLOW
@given(n=st.integers(1, 60), n_groups=st.integers(1, 9), least=st.integers(1, 9), seed=st.integers(0, 99))
def test_points_count_as_many_songs_as_they_stand_for(n: int, n_groups: int, least: int, seed: int) -> None:
    weights = np.random.default_rng(seed).integers(1, 5, n)
    labels = linked(drawn(n, seed=seed), weights, n_groups, min_size=least, metric="euclidean")
    songs = np.bincount(labels, weights)
    assert songs.sum() == weights.sum()
    assert songs.min() >= min(least, weights.sum())


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e15])
def test_the_scale_of_vectors_changes_no_group(scale: float) -> None:
    vectors = blobs(4, 20)
    found = cluster(UnitRows((vectors * scale).astype(np.float32)), n_clusters=4)
    assert {frozenset(one.members) for one in found.clusters} == {
        frozenset(range(start, start + 20)) for start in range(0, 80, 20)
    }


def test_a_hub_does_not_draw_everything_to_its_list() -> None:
    """Songs spread around a middle, in three directions: the middle is near to each."""
    rng = np.random.default_rng(0)
    arms = np.repeat(np.eye(3), 20, axis=0) * rng.uniform(0.6, 1.4, (60, 1))
    vectors = np.concatenate([arms, np.full((3, 3), 0.05)]) + rng.normal(0, 0.05, (63, 3))
    found = cluster(vectors.astype(np.float32), n_clusters=3)
    assert max(sizes_of(found)) <= 26
