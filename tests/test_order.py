"""Playlists in order: a short path from the exemplar, artists apart; caps, but for an artist's own list."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.errors import UsageError
from groovecli.playlists.order import ORDERS, capped, length, ordered, own_artist, shuffled, smooth

ARTISTS = st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=1, max_size=30)


def drawn(n: int, d: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def n_in_a_row(artists: list[str], order: tuple[int, ...]) -> int:
    return sum(bool(artists[i]) and artists[i] == artists[j] for i, j in pairwise(order))


@settings(deadline=None)
@given(ARTISTS, st.sampled_from(ORDERS), st.integers(0, 9))
def test_each_song_is_there_once(artists: list[str], order: str, seed: int) -> None:
    titles = [f"{i % 3}" for i in range(len(artists))]
    vectors = drawn(len(artists), seed=seed)
    found = ordered(order, artists, titles, vectors.__getitem__, seed=seed)
    assert sorted(found) == list(range(len(artists)))
    assert found == ordered(order, artists, titles, vectors.__getitem__, seed=seed)
    if order in ("smooth", "exemplar"):
        assert found[0] == 0


def test_vectors_are_read_for_a_smooth_order_alone() -> None:
    def never(_: np.ndarray) -> np.ndarray:
        raise AssertionError

    assert ordered("exemplar", ["", "", ""], ["b", "C", "a"], never, seed=0) == (0, 1, 2)
    assert ordered("title", ["", "", ""], ["b", "C", "a"], never, seed=0) == (2, 0, 1)
    assert len(ordered("shuffle", [""] * 9, [""] * 9, never, seed=0)) == 9
    with pytest.raises(UsageError, match="no order 'loud'"):
        ordered("loud", [""], [""], never, seed=0)


def test_a_smooth_path_is_nearly_the_shortest() -> None:
    for seed in range(10):
        vectors = drawn(7, 2, seed)
        shortest = min(length(vectors, (0, *rest)) for rest in permutations(range(1, 7)))
        assert length(vectors, smooth(vectors.__getitem__, [""] * 7)) <= 1.15 * shortest


def test_songs_on_a_line_are_walked_along_it() -> None:
    places = np.random.default_rng(0).permutation(40)
    places = np.concatenate([[0], places[places != 0]])
    vectors = places[:, None].astype(np.float32)
    assert places[list(smooth(vectors.__getitem__, [""] * 40))].tolist() == list(range(40))


def test_a_smooth_path_is_shorter_than_a_random_one_even_in_a_long_list() -> None:
    vectors = drawn(1300, 8)
    found = smooth(vectors.__getitem__, [""] * 1300)
    assert sorted(found) == list(range(1300)) and found[0] == 0
    assert length(vectors, found) < 0.75 * length(vectors, range(1300))


@pytest.mark.parametrize("order", ["smooth", "shuffle"])
def test_artists_are_apart_where_they_can_be(order: str) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        artists = rng.permutation(["a"] * 8 + ["b"] * 4 + ["c"] * 3 + [""] * 4).tolist()
        found = ordered(order, artists, artists, drawn(len(artists), seed=seed).__getitem__, seed=seed)
        assert n_in_a_row(artists, found) == 0, seed


@given(ARTISTS, st.integers(0, 5))
def test_a_shuffle_puts_no_more_in_a_row_than_it_must(artists: list[str], seed: int) -> None:
    most = max((artists.count(artist) for artist in set(artists) if artist), default=0)
    assert n_in_a_row(artists, shuffled(artists, seed)) <= max(0, most - (len(artists) - most) - 1)


def test_equal_songs_have_an_order() -> None:
    assert sorted(smooth(np.ones((9, 3), np.float32).__getitem__, ["a"] * 9)) == list(range(9))


@given(ARTISTS, st.integers(1, 4))
def test_a_cap_keeps_the_nearest_songs_and_an_artists_own_list(artists: list[str], most: int) -> None:
    kept, others = capped(artists, most)
    assert sorted([*kept, *others]) == list(range(len(artists)))
    assert list(kept) == sorted(kept)
    own = own_artist(artists)
    for artist in set(artists) - {""}:
        n = artists.count(artist)
        places = [place for place in kept if artists[place] == artist]
        assert len(places) == (n if artist == own else min(n, most))
        assert places == [i for i, name in enumerate(artists) if name == artist][: len(places)]
    assert all(artists[place] for place in others)


def test_a_list_is_an_artists_own_from_more_than_half_of_its_songs() -> None:
    assert own_artist(["a", "a", "b"]) == "a"
    assert own_artist(["a", "b"]) == own_artist(["", "", "a"]) == own_artist([]) == ""
