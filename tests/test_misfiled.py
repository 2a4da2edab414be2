"""Songs in the wrong genre come first, songs of unjudgeable genres are said, and artists are kept apart."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.evaluation.misfiled import _ranked, doubts, judgeable
from groovecli.training.head import out_of_fold


def made(n_each: int, n_genres: int = 3, dim: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(n_genres), n_each)
    return np.eye(n_genres, dim)[labels] * 4 + rng.normal(size=(len(labels), dim)), labels


def alone(n: int) -> list[str]:
    return [f"artist {i}" for i in range(n)]


def test_wrong_labels_come_first_and_are_counted() -> None:
    vectors, labels = made(40)
    wrong = labels.copy()
    places = [3, 50, 99]
    wrong[places] = (labels[places] + 1) % 3
    found = doubts(vectors, wrong, alone(len(labels)), 3)
    assert sorted(doubt.place for doubt in found.ranking[:3]) == places
    assert [doubt.guess for doubt in found.ranking[:3]] == [labels[d.place] for d in found.ranking[:3]]
    assert all(doubt.is_likely and doubt.confidence > doubt.own for doubt in found.ranking[:3])
    assert 3 <= found.n_likely <= 6 and not found.unjudged


def test_right_labels_are_hardly_doubted() -> None:
    vectors, labels = made(60)
    assert doubts(vectors, labels, alone(len(labels)), 3).n_likely <= 4


def test_a_song_is_not_judged_by_its_own_artist() -> None:
    """Ten songs of one artist lie where another genre's are: only others tell."""
    vectors, labels = made(30)
    vectors[:10] = vectors[30:40]
    groups = ["one"] * 10 + alone(len(labels) - 10)
    found = doubts(vectors, labels, groups, 3)
    assert {doubt.place for doubt in found.ranking[:10]} == set(range(10))


def test_genres_by_one_artist_are_not_judged() -> None:
    vectors, labels = made(20)
    groups = alone(40) + ["one"] * 20
    assert judgeable(labels, groups, 3).tolist() == [True, True, False]
    found = doubts(vectors, labels, groups, 3)
    assert found.unjudged == tuple(range(40, 60)) and len(found.ranking) == 40


def test_a_genre_with_less_than_half_of_the_probability_is_not_sure() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    shares = np.array([[0.3, 0.4, 0.3]] * 2 + [[0.3, 0.3, 0.4]] * 4)  # every genre's threshold is below 0.4
    shares[1] = 0.2, 0.6, 0.2
    sure = {doubt.place: doubt.is_sure for doubt in _ranked(shares, labels)}
    assert sure == {0: False, 1: True, 2: False, 3: False, 4: False, 5: False}


def test_same_seed_same_ranking() -> None:
    vectors, labels = made(15)
    one, other = (doubts(vectors, labels, alone(len(labels)), 3, seed=4) for _ in range(2))
    assert one == other


def test_a_song_whose_own_genre_is_impossible_is_counted_though_no_other_is_sure() -> None:
    """It lies between three other genres, as far from its own one as can be."""
    vectors, labels = made(60, n_genres=4)
    vectors[7] = vectors[60:].mean(axis=0) - [8, 0, 0, 0, 0, 0, 0, 0]
    found = doubts(vectors, labels, alone(len(labels)), 4)
    first = found.ranking[0]
    assert first.place == 7 and first.own < 0.01 and 0.2 < first.confidence < 0.7
    assert first.is_likely and not first.is_sure
    vectors, labels = made(60, n_genres=4)
    moved = labels.copy()
    moved[100] = 3
    first = doubts(vectors, moved, alone(len(labels)), 4).ranking[0]
    assert first.place == 100 and first.is_likely and first.is_sure


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 6), st.floats(0.2, 1.5), st.integers(0, 100))
def test_no_song_is_counted_whose_own_genre_is_likelier(n_genres: int, apart: float, seed: int) -> None:
    """Genres of different sizes that overlap: a genre of few songs has a low threshold."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(n_genres), rng.integers(6, 60, n_genres))
    vectors = np.eye(n_genres, 8)[labels] * apart + rng.normal(size=(len(labels), 8))
    for doubt in doubts(vectors, labels, alone(len(labels)), n_genres).ranking:
        if doubt.is_likely or doubt.is_sure:
            assert doubt.confidence > doubt.own


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_probabilities_are_calibrated_whatever_the_scale(scale: float) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 300)
    vectors = np.eye(3, 40)[labels] * 1.5 + rng.normal(size=(300, 40))
    shares = out_of_fold(vectors * scale, labels, alone(300), 3, n_times=2)
    right = shares.argmax(axis=1) == labels
    assert abs(shares.max(axis=1).mean() - right.mean()) < 0.05


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(2, 12), st.integers(1, 5), st.integers(0, 100))
def test_any_small_library(n_genres: int, n_each: int, n_artists: int, seed: int) -> None:
    vectors, labels = made(n_each, n_genres, seed=seed)
    rng = np.random.default_rng(seed)
    groups = [f"{label}-{rng.integers(n_artists)}" for label in labels]
    if judgeable(labels, groups, n_genres).sum() < 2:
        return
    found = doubts(vectors, labels, groups, n_genres)
    places = sorted([doubt.place for doubt in found.ranking] + list(found.unjudged))
    assert places == list(range(len(labels)))
    assert all(0 <= doubt.own <= 1 and 0 <= doubt.confidence <= 1 for doubt in found.ranking)
    assert all(doubt.guess != doubt.label for doubt in found.ranking)


def test_a_genre_of_few_songs_warns_of_nothing() -> None:
    labels = np.repeat([0, 1], [20, 4])
    vectors = np.random.default_rng(0).normal(size=(24, 6)) + labels[:, None] * 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = out_of_fold(vectors, labels, [f"{n}" for n in range(24)], 2, seed=0, n_times=1)
    assert found.shape == (24, 2)
