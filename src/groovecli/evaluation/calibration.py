"""A model's confidence in figures: how far it can be believed, and what a least confidence costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.models.confidence import Bin, Coverage, coverage, expected_calibration_error, reliability

LEVELS = (0.0, 0.3, 0.5, 0.7, 0.9)
"""Least confidences that are always shown."""

_TARGETS = (0.8, 0.9)
_MOST_POINTS = 20


@dataclass(frozen=True)
class Threshold:
    """What a least confidence does to `n` songs that it names: their share of all, and how many are right.

    `share` and `accuracy` are in [0, 1]; `accuracy` is None where no song is named.
    """

    min_confidence: float
    n: int
    share: float
    accuracy: float | None


@dataclass(frozen=True)
class Target:
    """An accuracy, and the lowest least confidence in hundredths that reaches it; None if none does."""

    accuracy: float
    reached: Threshold | None


@dataclass(frozen=True)
class Calibration:
    """How far a model's confidence in its songs' genres can be believed.

    `error` is the expected calibration error over `bins` of equal mass, in [0, 1]. `curve` goes from
    the most confident songs to all of them, at most twenty points.
    """

    error: float
    bins: tuple[Bin, ...]
    levels: tuple[Threshold, ...]
    targets: tuple[Target, ...]
    curve: tuple[Threshold, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and the report."""
        return {
            "expected_calibration_error": self.error,
            "bins": [asdict(each) for each in self.bins],
            "min_confidence": [asdict(level) for level in self.levels],
            "accuracy_reached": [asdict(target) for target in self.targets],
            "coverage": [asdict(point) for point in self.curve],
        }


def calibration(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> Calibration:
    """The figures of n > 0 songs.

    Parameters
    ----------
    confidence : np.ndarray [shape=(n,)]
        Probability of each song's best genre.
    right : np.ndarray [shape=(n,)]
        Whether it is the song's.
    """
    found = coverage(confidence, right)
    return Calibration(
        expected_calibration_error(confidence, right),
        reliability(confidence, right),
        tuple(_threshold(found, level) for level in LEVELS),
        tuple(Target(accuracy, _least(found, accuracy)) for accuracy in _TARGETS),
        _curve(found),
    )


def _threshold(found: Coverage, min_confidence: float) -> Threshold:
    n = int((found.confidence >= min_confidence).sum())
    if not n:
        return Threshold(min_confidence, 0, 0.0, None)
    return Threshold(min_confidence, n, float(found.covered[n - 1]), float(found.accuracy[n - 1]))


def _least(found: Coverage, accuracy: float) -> Threshold | None:
    for hundredths in range(101):
        threshold = _threshold(found, hundredths / 100)
        if threshold.accuracy is not None and threshold.accuracy >= accuracy:
            return threshold
    return None


def _curve(found: Coverage) -> tuple[Threshold, ...]:
    """Points from few songs to all; of equally confident songs no least confidence names a part."""
    ends = np.flatnonzero(np.append(np.diff(found.confidence) < 0, True))
    chosen = np.unique(np.linspace(0, len(ends) - 1, _MOST_POINTS + 1).round().astype(int)[1:])
    return tuple(_threshold(found, float(found.confidence[n])) for n in ends[chosen])
