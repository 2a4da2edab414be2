"""A way from one song to another: forwards, each song once, in short steps."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.playlists.journey import Stop, journey


def line(n: int, seed: int, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Songs near a line, the first at 0 and the last at 1: steps and progress."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([[0.0], rng.uniform(0, 1, n - 2), [1.0]])
    points = np.column_stack([x, rng.normal(0, noise, n) * (x > 0) * (x < 1)])
    steps = np.linalg.norm(points[:, None] - points[None], axis=2)
    return steps, x


def stops(n: int, n_artists: int = 10_000) -> list[Stop]:
    return [Stop(i, f"artist {i % n_artists}") for i in range(n)]


@settings(max_examples=60, deadline=None)
@given(
    n_songs=st.integers(2, 60),
    n=st.integers(2, 20),
    n_artists=st.integers(1, 30),
    per_artist=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_it_goes_on_and_no_song_or_artist_comes_too_often(
    n_songs: int, n: int, n_artists: int, per_artist: int, seed: int
) -> None:
    steps, progress = line(n_songs, seed)
    songs = stops(n_songs, n_artists)
    way = journey(steps, progress, songs, n, per_artist=per_artist)
    assert way[0] == 0 and way[-1] == n_songs - 1 and 2 <= len(way) <= n
    assert all(progress[a] < progress[b] for a, b in pairwise(way))
    for artist in {songs[i].artist for i in way}:
        inner = [i for i in way[1:-1] if songs[i].artist == artist]
        assert not inner or sum(songs[i].artist == artist for i in way) <= per_artist


@settings(max_examples=30, deadline=None)
@given(n_songs=st.integers(4, 8), seed=st.integers(0, 1000))
def test_the_squares_of_the_steps_are_least(n_songs: int, seed: int) -> None:
    steps, progress = line(n_songs, seed)
    way = journey(steps, progress, stops(n_songs), 4)
    if len(way) < 4:
        return

    def cost(*some: int) -> float:
        return sum(steps[a, b] ** 2 for a, b in pairwise(some))

    last, due = n_songs - 1, 1 / 3
    fit = [
        (i, j)
        for i, j in permutations(range(1, last), 2)
        if progress[i] < progress[j]
        and abs(progress[i] - due) <= due + 1e-12
        and abs(progress[j] - 2 * due) <= due + 1e-12
    ]
    if fit:
        assert cost(*way) <= min(cost(0, i, j, last) for i, j in fit) + 1e-12


def test_even_songs_give_even_steps() -> None:
    steps, progress = line(300, 1, noise=0.02)
    way = journey(steps, progress, stops(300), 12)
    lengths = [steps[a, b] for a, b in pairwise(way)]
    assert len(way) == 12 and max(lengths) < 1.5 * np.mean(lengths)


def test_without_a_song_between_the_ends_are_the_way() -> None:
    assert journey(*line(2, 0), stops(2), 12) == (0, 1)
