"""Confidence that can be believed: temperature, calibration error, coverage."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from groovecli.evaluation.calibration import coverage, expected_calibration_error, reliability
from groovecli.models.temperature import fit_temperature


def songs(seed: int, n: int = 4000, n_genres: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and truths that are drawn from what they say."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, n_genres))
    truth = np.array([rng.choice(n_genres, p=p) for p in softmax(logits, axis=1)])
    return logits, truth


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_finds_the_temperature_that_logits_were_heated_with(temperature: float) -> None:
    logits, truth = songs(1)
    assert fit_temperature(logits * temperature, truth) == pytest.approx(temperature, rel=0.1)


def test_fitting_mends_overconfidence_and_changes_no_guess() -> None:
    logits, truth = songs(2)
    hot = logits * 5
    cooled = hot / fit_temperature(hot, truth)
    right = hot.argmax(axis=1) == truth
    before = expected_calibration_error(softmax(hot, axis=1).max(axis=1), right)
    after = expected_calibration_error(softmax(cooled, axis=1).max(axis=1), right)
    assert before > 0.2
    assert after < 0.03
    assert (cooled.argmax(axis=1) == hot.argmax(axis=1)).all()


def test_nothing_to_fit_to_changes_nothing() -> None:
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, int)) == 1.0


def test_a_model_that_is_always_right_stays_within_bounds() -> None:
    truth = np.arange(6) % 3
    assert fit_temperature(np.eye(3)[truth] * 100, truth) >= 0.05


def test_error_of_a_known_case() -> None:
    confidence = np.array([0.9] * 10)
    right = np.array([True] * 6 + [False] * 4)
    assert expected_calibration_error(confidence, right, 1) == pytest.approx(0.3)
    assert np.isnan(expected_calibration_error(np.zeros(0), np.zeros(0, bool)))


scores = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@given(scores, st.integers(1, 12))
def test_bins_hold_every_song_once_in_order_and_about_as_many_each(
    found: list[tuple[float, bool]], n_bins: int
) -> None:
    confidence, right = (np.array(column) for column in zip(*found, strict=True))
    bins = reliability(confidence, right, n_bins)
    sizes = [b.n for b in bins]
    assert sum(sizes) == len(found)
    assert max(sizes) - min(sizes) <= 1
    assert all(a.confidence <= b.confidence + 1e-12 for a, b in pairwise(bins))
    assert 0 <= expected_calibration_error(confidence, right, n_bins) <= 1


@given(scores)
def test_coverage_ends_with_all_songs_and_their_accuracy(found: list[tuple[float, bool]]) -> None:
    confidence, right = (np.array(column) for column in zip(*found, strict=True))
    curve = coverage(confidence, right)
    assert curve.covered[-1] == 1
    assert curve.accuracy[-1] == pytest.approx(right.mean())
    assert (np.diff(curve.confidence) <= 0).all()
    k = len(found) // 2
    best = np.argsort(-confidence, kind="stable")[: k + 1]
    assert curve.accuracy[k] == pytest.approx(right[best].mean())
