"""What a model has heard nothing like is said to be strange."""

from __future__ import annotations

import numpy as np
import pytest

from groovecli.models.familiarity import MIN_SONGS, familiar_with


def songs(n: int = 1000, seed: int = 0) -> np.ndarray:
    """A stretched cloud in 6 dimensions."""
    return np.random.default_rng(seed).normal(size=(n, 6)) * [5, 3, 1, 1, 0.5, 0.1] + 2


def test_new_songs_of_the_same_kind_are_familiar() -> None:
    known = familiar_with(songs())
    assert known is not None
    assert known.knows(songs(seed=1)).mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("n", [MIN_SONGS, 300, 1000])
@pytest.mark.parametrize("dim", [50, 700])
def test_new_songs_are_as_familiar_where_there_are_more_numbers_than_songs(n: int, dim: int) -> None:
    rng = np.random.default_rng(n)
    scale = np.geomspace(3, 0.3, dim)
    known = familiar_with(rng.normal(size=(n, dim)) * scale)
    assert known is not None
    assert known.knows(rng.normal(size=(500, dim)) * scale).mean() == pytest.approx(0.95, abs=0.05)
    assert not known.knows(3 * rng.normal(size=(500, dim)) * scale).any()


def test_what_lies_outside_is_not_even_where_the_songs_are_wide() -> None:
    known = familiar_with(songs())
    assert known is not None
    far = 2 + np.array([[0, 0, 0, 0, 9, 9.0], [0, 0, 12, 0, 0, 0]])
    wide = 2 + np.array([[6, 3, 0, 0, 0, 0.0]])
    assert not known.knows(far).any()
    assert known.knows(wide).all()


def test_distance_grows_outwards() -> None:
    known = familiar_with(songs())
    assert known is not None
    steps = known.distance(known.mean + np.outer(np.arange(5), np.ones(6)))
    assert (np.diff(steps) > 0).all() and steps[0] == 0


def test_a_handful_of_songs_make_nothing_strange() -> None:
    assert familiar_with(songs(MIN_SONGS - 1)) is None


def test_equal_songs_are_no_trouble() -> None:
    known = familiar_with(np.ones((MIN_SONGS, 4)))
    assert known is not None
    assert known.knows(np.ones((1, 4))).all()
    assert not known.knows(np.full((1, 4), 9.0)).any()
