"""Figures of confidence: calibration error, and what a least confidence costs."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import image

from groovecli.evaluation.calibration import LEVELS, Calibration, calibration
from groovecli.reports.plots.confidence import Label, plot_coverage, plot_reliability

songs = st.lists(
    st.tuples(st.floats(0, 1) | st.sampled_from([0.1, 0.5, 1.0]), st.booleans()), min_size=1, max_size=70
)


def figures(found: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray, Calibration]:
    confidence, right = (np.array(column) for column in zip(*found, strict=True))
    return confidence, right, calibration(confidence, right)


@given(songs)
def test_a_threshold_counts_the_songs_that_it_names(found: list[tuple[float, bool]]) -> None:
    confidence, right, measured = figures(found)
    reached = [target.reached for target in measured.targets if target.reached]
    for threshold in (*measured.levels, *measured.curve, *reached):
        names = confidence >= threshold.min_confidence
        assert threshold.n == names.sum()
        assert threshold.share == pytest.approx(names.mean())
        if names.any():
            assert threshold.accuracy == pytest.approx(right[names].mean())
        else:
            assert threshold.accuracy is None
    assert tuple(level.min_confidence for level in measured.levels) == LEVELS


@given(songs)
def test_a_target_is_reached_by_the_lowest_that_does(found: list[tuple[float, bool]]) -> None:
    confidence, right, measured = figures(found)
    for target in measured.targets:
        lower = 1.01 if target.reached is None else target.reached.min_confidence
        for least in np.arange(0, 101) / 100:
            names = confidence >= least
            if least < lower and names.any():
                assert right[names].mean() < target.accuracy
        if target.reached is not None:
            assert target.reached.accuracy is not None
            assert target.reached.accuracy >= target.accuracy


@given(songs)
def test_the_curve_is_short_and_ends_with_all_songs(found: list[tuple[float, bool]]) -> None:
    _, right, measured = figures(found)
    assert 1 <= len(measured.curve) <= 20
    assert all(a.n < b.n for a, b in pairwise(measured.curve))
    assert measured.curve[-1].n == len(found)
    assert measured.curve[-1].accuracy == pytest.approx(right.mean())


@given(songs)
def test_json_is_plain(found: list[tuple[float, bool]]) -> None:
    _, _, measured = figures(found)
    fields = measured.to_json()
    assert json.loads(json.dumps(fields, allow_nan=False)) == fields
    assert 0 <= fields["expected_calibration_error"] <= 1
    assert sum(each["n"] for each in fields["bins"]) == len(found)


def test_a_known_case() -> None:
    _, _, measured = figures(
        [(0.95, True)] * 8 + [(0.62, True)] * 4 + [(0.62, False)] * 3 + [(0.2, False)] * 5
    )
    assert measured.error == pytest.approx((8 * 0.05 + 4 * 0.38 + 3 * 0.62 + 5 * 0.2) / 20, abs=0.1)
    assert [(level.n, level.accuracy) for level in measured.levels] == [
        (20, 0.6), (15, 0.8), (15, 0.8), (8, 1.0), (8, 1.0),
    ]  # fmt: skip
    eighty, ninety = measured.targets
    assert eighty.reached is not None and eighty.reached.min_confidence == 0.21
    assert ninety.reached is not None and ninety.reached.min_confidence == 0.63


def test_a_target_out_of_reach() -> None:
    _, _, measured = figures([(0.9, False), (0.8, True)])
    assert [target.reached for target in measured.targets] == [None, None]
    assert measured.to_json()["accuracy_reached"][0] == {"accuracy": 0.8, "reached": None}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("confidence", [[0.4], [1.0], [0.5] * 12, [0.1, 0.999, 0.9999, 1.0]])
def test_few_songs_and_equally_sure_ones_can_be_drawn(tmp_path: Path, confidence: list[float]) -> None:
    right = [number % 2 == 0 for number in range(len(confidence))]
    plot_reliability(tmp_path / "1.png", confidence, [float(r) for r in right], title="$odd{")
    label = Label("$x", 0.5, 0.5)
    points = [(each, each) for each in confidence]
    plot_coverage(tmp_path / "2.png", points, [label, label], title="$odd{")
    for name in ("1.png", "2.png"):
        pixels = image.imread(tmp_path / name)
        assert pixels.shape[0] > 400 and pixels[..., :3].std() > 0.02
