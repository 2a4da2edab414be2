"""How right a model is at each confidence, as it was measured on songs that it had not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groovecli.files import read_json
from groovecli.models.file import StoredModel
from groovecli.models.tested import BY_GENRE, CURVE, TEST

_FEWEST = 20  # songs: of fewer, a share of them says nothing
_FEWEST_OF_A_GENRE = 10


@dataclass(frozen=True)
class Point:
    """Of `n` test songs with that confidence or more, the share that was right, in [0, 1]."""

    confidence: float
    n: int
    accuracy: float


@dataclass(frozen=True)
class Needed:
    """How sure a model has to be: of any genre, and of some, None where it is never right so often."""

    point: Point
    by_genre: Mapping[str, float | None] = field(default_factory=dict)

    def of(self, genre: str) -> float | None:
        """The least confidence for a genre; None where none will do."""
        return self.by_genre.get(genre, self.point.confidence)


@dataclass(frozen=True)
class Curve:
    """Points from the most confident songs to all of them; `by_genre` has those of each genre."""

    points: tuple[Point, ...]
    by_genre: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)

    def least(self, precision: float) -> Needed | None:
        """The least confidence from which on songs are right so often; None where none is.

        A genre that is right less often needs more, and at least ten songs to tell.
        """
        point = _least(self.points, precision, _FEWEST)
        if point is None:
            return None
        own = {g: _least(points, precision, _FEWEST_OF_A_GENRE) for g, points in self.by_genre.items()}
        return Needed(
            point, {g: max(p.confidence, point.confidence) if p else None for g, p in own.items()}
        )

    @property
    def best(self) -> float:
        """The largest precision that can be promised, in [0, 1]."""
        return max((point.accuracy for point in self.points if point.n >= _FEWEST), default=0.0)


def _least(points: Sequence[Point], precision: float, fewest: int) -> Point | None:
    fit = [point for point in points if point.accuracy >= precision and point.n >= fewest]
    return min(fit, key=lambda point: point.confidence, default=None)


def curve_of(stored: StoredModel) -> Curve | None:
    """A model's curve; None where it was never measured, or can't be read."""
    values = read_json(stored.path.parent / TEST)
    values = values if isinstance(values, dict) else {}
    points, by_genre = _points(values.get(CURVE)), values.get(BY_GENRE)
    if not points:
        return None
    own = by_genre if isinstance(by_genre, dict) else {}
    return Curve(points, {genre: _points(rows) or () for genre, rows in own.items()})


def _points(rows: Any) -> tuple[Point, ...] | None:
    if not isinstance(rows, list) or not all(map(_is_row, rows)):
        return None
    return tuple(Point(float(row[0]), row[1], float(row[2])) for row in rows)


def _is_row(row: Any) -> bool:
    if not isinstance(row, Sequence) or len(row) != 3 or isinstance(row, str):
        return False
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in row):
        return False
    return isinstance(row[1], int) and row[1] > 0 and 0 <= row[0] <= 1 and 0 <= row[2] <= 1
