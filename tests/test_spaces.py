"""Embedding spaces: neighbours by other artists, clusters, reconstructions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.evaluation.neighbours import neighbour_precision, reconstruction_error, song_vectors
from groovecli.models.results import Answers
from groovecli.networks.registry import model_spec


def genres_of(n: int, *names: str) -> np.ndarray:
    return np.array([names[i % len(names)] for i in range(n)])


def test_a_space_of_tight_genres_is_perfect() -> None:
    genres = genres_of(24, "jazz", "rock")
    vectors = np.where(genres == "jazz", 0.0, 9.0)[:, None] + np.linspace(0, 0.1, 24)[:, None]
    precision, by_chance = neighbour_precision(vectors, genres, np.arange(24).astype(str))
    assert precision == 1
    assert by_chance == pytest.approx(11 / 23)


def test_songs_by_the_same_artist_are_no_neighbours() -> None:
    """Songs lie by their artists, each of whom plays two genres: the nearest are the artist's own."""
    genres = genres_of(48, "jazz", "rock")
    artists = np.array(["one"] * 24 + ["other"] * 24)
    vectors = np.where(artists == "one", 0.0, 9.0)[:, None] + np.where(genres == "jazz", 0.0, 1.0)[:, None]
    precision, by_chance = neighbour_precision(vectors, genres, artists)
    assert precision == pytest.approx((10 * 24 + 0 * 24) / 480)  # from afar, one genre is nearer to all
    assert by_chance == 0.5


def test_songs_that_none_could_resemble_count_for_nothing() -> None:
    genres = np.array(["jazz"] * 12 + ["rock"] * 12)
    vectors = np.where(genres == "jazz", 0.0, 9.0)[:, None]
    assert neighbour_precision(vectors, genres, genres) == (None, None)  # an artist a genre
    artists = np.arange(24).astype(str)
    artists[:12] = "one"  # plays all the jazz: only the rock can be found
    precision, by_chance = neighbour_precision(vectors, genres, artists)
    assert precision == 1 and by_chance == pytest.approx(11 / 23)


@pytest.mark.parametrize(("n", "is_figure"), [(2, False), (11, False), (12, True)])
def test_ten_of_ten_songs_are_no_choice(n: int, is_figure: bool) -> None:
    precision, by_chance = neighbour_precision(
        np.arange(n, dtype=float)[:, None], genres_of(n, "jazz"), np.arange(n).astype(str)
    )
    assert (precision, by_chance) == ((1, 1) if is_figure else (None, None))


def test_songs_without_any_other_artist_give_no_figure() -> None:
    genres = genres_of(4, "jazz")
    assert neighbour_precision(np.zeros((4, 2)), genres, np.array(["one"] * 4)) == (None, None)


@given(seed=st.integers(0, 99), n=st.integers(30, 80))
@settings(max_examples=20, deadline=None)
def test_noise_is_worth_chance(seed: int, n: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, 5))
    precision, by_chance = neighbour_precision(
        vectors, genres_of(n, "a", "b", "c"), np.arange(n).astype(str)
    )
    assert precision is not None and by_chance is not None and 0 <= precision <= 1
    assert abs(precision - by_chance) < 0.15


def test_a_song_is_the_mean_of_its_windows_and_of_unit_length_for_cosine() -> None:
    embeddings = np.array([[3, 0], [3, 8], [0, 2]], np.float32)
    song = np.array([0, 0, 1])
    assert song_vectors(embeddings, song, model_spec("conv-autoencoder")).tolist() == [[3, 4], [0, 2]]
    assert np.allclose(song_vectors(embeddings, song, model_spec("time-cnn")), [[0.6, 0.8], [0, 1]])
    assert np.isfinite(
        song_vectors(np.zeros((2, 3), np.float32), np.array([0, 1]), model_spec("time-cnn"))
    ).all()


def test_reconstruction_is_a_share_of_the_inputs_variance() -> None:
    x = np.random.default_rng(0).normal(3, 2, (50, 400)).astype(np.float32)
    moments = np.stack([x.mean(axis=1), (x**2).mean(axis=1)], axis=1)

    def error_of(guess: np.ndarray) -> float | None:
        errors = ((x - guess) ** 2).mean(axis=1)
        return reconstruction_error(Answers(None, np.zeros((50, 2), np.float32), errors, moments))

    assert error_of(x) == 0
    assert error_of(np.full_like(x, x.mean())) == pytest.approx(1, abs=1e-3)
    assert error_of(x + 1) == pytest.approx(1 / x.var(), rel=1e-3)
    assert reconstruction_error(Answers(None, np.zeros((50, 2), np.float32))) is None
