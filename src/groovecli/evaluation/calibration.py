"""A model's confidence in figures: how far it can be believed, and what a least confidence costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = (0.0, 0.3, 0.5, 0.7, 0.9)
"""Least confidences that are always shown."""

_TARGETS = (0.8, 0.9)
_MOST_POINTS = 20


N_BINS = 10


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

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Target:
        """The target of `asdict`'s values."""
        reached = values["reached"]
        return cls(values["accuracy"], Threshold(**reached) if reached else None)


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

    @property
    def rows(self) -> tuple[tuple[float, int, float], ...]:
        """The curve as rows: a least confidence, how many songs have it, and the share that is right."""
        return tuple(
            (point.min_confidence, point.n, point.accuracy)
            for point in self.curve
            if point.accuracy is not None
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and the report."""
        return {
            "expected_calibration_error": self.error,
            "bins": [asdict(each) for each in self.bins],
            "min_confidence": [asdict(level) for level in self.levels],
            "accuracy_reached": [asdict(target) for target in self.targets],
            "coverage": [asdict(point) for point in self.curve],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Calibration:
        """The figures that `to_json` gave."""
        return cls(
            values["expected_calibration_error"],
            tuple(Bin(**each) for each in values["bins"]),
            tuple(Threshold(**level) for level in values["min_confidence"]),
            tuple(Target.from_json(target) for target in values["accuracy_reached"]),
            tuple(Threshold(**point) for point in values["coverage"]),
        )


def calibration(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> Calibration:
    """The figures of n > 0 songs.

    Parameters
    ----------
    confidence : np.ndarray [shape=(n,)]
        Probability of each song's best genre.
    right : np.ndarray [shape=(n,)]
        Whether it is the song's.
    """
    ranking = coverage(confidence, right)
    return Calibration(
        expected_calibration_error(confidence, right),
        reliability(confidence, right),
        tuple(_threshold(ranking, level) for level in LEVELS),
        tuple(Target(accuracy, _least(ranking, accuracy)) for accuracy in _TARGETS),
        _curve(ranking),
    )


def _threshold(ranking: Coverage, min_confidence: float) -> Threshold:
    n = int((ranking.confidence >= min_confidence).sum())
    if not n:
        return Threshold(min_confidence, 0, 0.0, None)
    return Threshold(min_confidence, n, float(ranking.covered[n - 1]), float(ranking.accuracy[n - 1]))


def _least(ranking: Coverage, accuracy: float) -> Threshold | None:
    for hundredths in range(101):
        threshold = _threshold(ranking, hundredths / 100)
        if threshold.accuracy is not None and threshold.accuracy >= accuracy:
            return threshold
    return None


def _curve(ranking: Coverage) -> tuple[Threshold, ...]:
    """Points from few songs to all; of equally confident songs no least confidence names a part."""
    ends = np.flatnonzero(np.append(np.diff(ranking.confidence) < 0, True))
    chosen = np.unique(np.linspace(0, len(ends) - 1, _MOST_POINTS + 1).round().astype(int)[1:])
    return tuple(_threshold(ranking, float(ranking.confidence[n])) for n in ends[chosen])


@dataclass(frozen=True)
class Bin:
    """Songs of about the same confidence: their mean confidence, and the share that is right."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True)
class Coverage:
    """What share of the songs is at least so confident, and what share of these is right.

    Arrays have one entry a song, the most confident first.
    """

    confidence: NDArray[np.float64]
    covered: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def reliability(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], n_bins: int = N_BINS
) -> tuple[Bin, ...]:
    """Songs in bins of equal mass, the least confident first; no bin is empty."""
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, n_bins) if len(part)]
    return tuple(Bin(float(confidence[p].mean()), float(right[p].mean()), len(p)) for p in parts)


def expected_calibration_error(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], n_bins: int = N_BINS
) -> float:
    """Mean gap between confidence and accuracy over bins of equal mass, in [0, 1]; NaN of nothing."""
    if not len(confidence):
        return float("nan")
    bins = reliability(confidence, right, n_bins)
    return sum(b.n * abs(b.confidence - b.accuracy) for b in bins) / len(confidence)


def coverage(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> Coverage:
    """Accuracy of the most confident share of the songs, for every share."""
    order = np.argsort(-confidence, kind="stable")
    n = np.arange(1, len(order) + 1)
    return Coverage(
        confidence[order].astype(np.float64), n / max(len(order), 1), np.cumsum(right[order]) / n
    )
