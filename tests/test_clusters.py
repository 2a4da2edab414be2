"""Clusters partition the songs, are never none, and find what is plainly there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.errors import ModelError, UsageError
from groovecli.playlists.clusters import METHODS, Clustering, cluster
from groovecli.playlists.sizes import _merged

SLOW = settings(max_examples=100, deadline=None)


def blobs(n_blobs: int, size: int, *, d: int = 8, spread: float = 0.05, seed: int = 0) -> np.ndarray:
    """Groups of rows around far points: rows `i * size` to `(i + 1) * size` are blob i."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(n_blobs, d)), size, axis=0)
    return (centres + spread * rng.normal(size=centres.shape)).astype(np.float32)


def as_sets(clustering: Clustering) -> set[frozenset[int]]:
    return {frozenset(one.members) for one in clustering.clusters}


def check_partition(clustering: Clustering, vectors: np.ndarray) -> None:
    rows = [row for one in clustering.clusters for row in one.members]
    assert sorted([*rows, *clustering.left_out]) == list(range(len(vectors)))
    assert clustering.clusters
    sizes = [len(one.members) for one in clustering.clusters]
    assert sizes == sorted(sizes, reverse=True)
    for one in clustering.clusters:
        assert one.members[0] == one.exemplar
        far = np.linalg.norm(vectors[list(one.members)] - vectors[one.exemplar], axis=1)
        assert (np.diff(far) >= 0).all()


@pytest.mark.parametrize("max_exact", [5000, 50])
@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_plain_groups(method: str, max_exact: int) -> None:
    vectors = blobs(4, 40)
    n_clusters = 4 if method in ("kmeans", "agglomerative") else None
    found = cluster(vectors, method=method, n_clusters=n_clusters, max_exact=max_exact, n_prototypes=60)
    check_partition(found, vectors)
    for one in found.clusters:
        assert len({row // 40 for row in one.members}) == 1
    if n_clusters:
        assert as_sets(found) == {frozenset(range(40 * i, 40 * i + 40)) for i in range(4)}
    used_prototypes = any("prototypes" in note for note in found.notes)
    assert used_prototypes == (max_exact == 50 and method != "kmeans")


@SLOW
@given(
    n=st.integers(1, 60),
    d=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
    method=st.sampled_from(METHODS),
    min_size=st.integers(1, 8),
    max_exact=st.sampled_from([10, 5000]),
    coarse=st.booleans(),
)
def test_every_row_is_in_one_cluster_of_enough_songs(
    n: int, d: int, seed: int, method: str, min_size: int, max_exact: int, coarse: bool
) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    if coarse:  # many equal rows
        vectors = np.round(vectors)
    found = cluster(vectors, method=method, min_size=min_size, max_exact=max_exact, n_prototypes=8)
    check_partition(found, vectors)
    assert all(len(one.members) >= min(min_size, n) for one in found.clusters)
    assert not found.left_out or found.method == "hdbscan"
    assert found == cluster(vectors, method=method, min_size=min_size, max_exact=max_exact, n_prototypes=8)


def test_affinity_puts_equal_songs_together_and_merges_them_first() -> None:
    vectors = np.repeat(blobs(3, 6), 4, axis=0)
    labels = cluster(vectors, method="affinity").labels.reshape(-1, 4)
    assert (labels == labels[:, :1]).all()


def test_many_copies_of_a_song_do_not_sway_affinity() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    copied = cluster(
        np.concatenate([vectors, np.repeat(vectors[:1], 200, axis=0)]), method="affinity", min_size=5
    )
    assert len(cluster(vectors, method="affinity", min_size=5).clusters) > 2
    alone = {frozenset(row for row in members if row < 60) for members in as_sets(copied)}
    assert alone == as_sets(cluster(vectors, method="affinity", min_size=5))


def test_affinity_gives_small_clusters_to_the_nearest_exemplar() -> None:
    near, far = np.zeros((20, 2), np.float32), np.full((20, 2), 10, np.float32)
    noise = np.random.default_rng(0).normal(0, 0.3, (40, 2)).astype(np.float32)
    stray = np.array([[200, 200]], np.float32)  # nearer to the second group
    vectors = np.concatenate([np.concatenate([near, far]) + noise, stray])
    alone = cluster(vectors, method="affinity", min_size=1)
    assert (40,) in [one.members for one in alone.clusters]
    found = cluster(vectors, method="affinity", min_size=3)
    home = next(one for one in found.clusters if 40 in one.members)
    assert all(row >= 20 for row in home.members)
    assert {one.exemplar for one in found.clusters} == {one.exemplar for one in alone.clusters} - {40}
    assert any("joined" in note for note in found.notes)


def test_exemplar_of_kmeans_is_the_member_nearest_to_the_mean() -> None:
    vectors = np.random.default_rng(3).normal(size=(80, 4)).astype(np.float32)
    for one in cluster(vectors, method="kmeans", min_size=8).clusters:
        members = np.array(one.members)
        far = np.linalg.norm(vectors[members] - vectors[members].mean(axis=0), axis=1)
        assert members[far.argmin()] == one.exemplar


def test_default_count_is_the_root_of_half_the_songs() -> None:
    vectors = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    assert len(cluster(vectors, method="kmeans", min_size=1).clusters) == 10
    assert len(cluster(vectors, method="agglomerative", min_size=1, n_clusters=7).clusters) == 7


@pytest.mark.parametrize("max_exact", [5000, 50])
def test_noise_still_gives_playlists(max_exact: int) -> None:
    vectors = np.random.default_rng(1).uniform(size=(120, 30)).astype(np.float32)
    found = cluster(vectors, method="hdbscan", min_size=20, max_exact=max_exact, n_prototypes=40)
    check_partition(found, vectors)
    assert found.method == "agglomerative"
    assert "hdbscan found no cluster: agglomerative clustering made them instead" in found.notes
    assert not found.left_out
    assert min(len(one.members) for one in found.clusters) >= 20


def test_small_groups_are_merged_with_the_nearest() -> None:
    places = np.repeat([0.0, 100, 2, 101, 50, 102], 3)
    groups = [np.arange(3 * i, 3 * i + 3) for i in range(6)]
    merged = _merged(places.astype(np.float32)[:, None], groups, 6)
    assert len(merged) == 2 and min(map(len, merged)) >= 6
    low, high = sorted(merged, key=lambda rows: places[rows].mean())
    assert set(low) >= {0, 1, 2, 6, 7, 8} and set(high) >= {3, 4, 5, 9, 10, 11, 15, 16, 17}


def test_a_small_library_is_not_one_playlist() -> None:
    """Pairs and threes beside one group of five: they find each other before they are given to it."""
    places = np.array([[0, 0], [10, 0], [10.5, 1], [0, 30], [0, 31], [1, 32]], np.float32)
    vectors = np.concatenate([places[:1].repeat(5, axis=0), places[1:]])
    vectors += np.random.default_rng(0).normal(0, 0.01, vectors.shape).astype(np.float32)
    found = cluster(vectors, method="affinity")
    assert as_sets(found) == as_sets(cluster(vectors)) == {frozenset(range(5)), frozenset(range(5, 10))}
    assert any("joined to each other" in note for note in found.notes)


@pytest.mark.parametrize("method", ["kmeans", "agglomerative"])
def test_more_clusters_than_songs_allow(method: str) -> None:
    found = cluster(blobs(5, 10), method=method, n_clusters=100, min_size=5)
    assert found.method == method and len(found.clusters) >= 5
    assert (
        f"50 songs can't make 100 playlists of 5 songs or more: there are {len(found.clusters)}"
        in found.notes
    )


def test_hdbscan_leaves_strays_out() -> None:
    strays = np.random.default_rng(5).normal(0, 40, (3, 8)).astype(np.float32)
    found = cluster(np.concatenate([blobs(3, 20), strays]), method="hdbscan")
    assert found.left_out == (60, 61, 62)
    assert len(found.clusters) == 3
    assert set(found.labels[60:]) == {-1}


def test_affinity_does_not_settle_before_it_has_found_the_groups() -> None:
    vectors = np.concatenate([blobs(2, 20, d=2, spread=0.03), np.full((1, 2), 20, np.float32)])
    assert (
        len(cluster(vectors, method="affinity", min_size=1).clusters) == 3
    )  # after 16 rounds there is but one


def test_unsettled_affinity_is_a_note_and_still_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groovecli.playlists.clusters._AP_ROUNDS", 1)
    vectors = blobs(4, 20)
    found = cluster(vectors, method="affinity")
    check_partition(found, vectors)
    assert any("did not settle" in note for note in found.notes)


@pytest.mark.parametrize("method", METHODS)
def test_equal_songs_are_one_cluster(method: str) -> None:
    found = cluster(np.ones((30, 4), np.float32), method=method)
    assert [one.members for one in found.clusters] == [tuple(range(30))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_songs_are_one_cluster(method: str, n: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(n, 3)).astype(np.float32)
    found = cluster(vectors, method=method, min_size=5)
    assert as_sets(found) == {frozenset(range(n))}


def test_seed_decides() -> None:
    vectors = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32)
    once = cluster(vectors, method="kmeans", seed=1)
    assert once == cluster(vectors, method="kmeans", seed=1)
    assert once != cluster(vectors, method="kmeans", seed=2)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_vectors_that_are_no_numbers_are_named(value: float) -> None:
    vectors = np.zeros((9, 3), np.float32)
    vectors[[4, 7], 1] = value
    with pytest.raises(ModelError, match=r"2 of 9 vectors .* row 4"):
        cluster(vectors)


def test_what_makes_no_sense_is_refused() -> None:
    vectors = np.zeros((9, 3), np.float32)
    with pytest.raises(UsageError, match="no songs"):
        cluster(vectors[:0])
    with pytest.raises(UsageError, match="'means'"):
        cluster(vectors, method="means")
    with pytest.raises(UsageError, match="more, not 0"):
        cluster(vectors, min_size=0)
    with pytest.raises(UsageError, match="more, not 0"):
        cluster(vectors, method="kmeans", n_clusters=0)
    with pytest.raises(UsageError, match="itself"):
        cluster(vectors, method="affinity", n_clusters=3)
    with pytest.raises(ModelError, match=r"\(9,\)"):
        cluster(vectors[:, 0])
