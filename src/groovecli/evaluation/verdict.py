"""What an accuracy means: right of how many, against always saying the largest genre."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from groovecli.evaluation.enough import FEWEST_FOR_CONFIDENCE
from groovecli.evaluation.figures import Evaluation, Level
from groovecli.evaluation.metrics import Interval

Judgement = Literal["worse", "no-better", "better-by-unknown", "better"]


@dataclass(frozen=True)
class Verdict:
    """How many test songs a model names right, and whether that is better than guessing.

    Parameters
    ----------
    accuracy : Interval
        Share of the songs that are right, with its 95 % interval, in [0, 1].
    guess : float
        Share of the same songs that is right for who always says `guess_genre`, their largest genre.
    """

    n_right: int
    n_songs: int
    accuracy: Interval
    guess: float
    guess_genre: str

    @property
    def judgement(self) -> Judgement:
        """Whether the model is better than guessing, and whether there are songs enough to say how much."""
        if self.accuracy.high < self.guess:
            return "worse"
        if self.accuracy.low <= self.guess:
            return "no-better"
        return "better" if self.n_songs >= FEWEST_FOR_CONFIDENCE else "better-by-unknown"

    @property
    def is_better(self) -> bool:
        """Whether the model is better than guessing."""
        return self.judgement in ("better", "better-by-unknown")

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and to read the verdict back."""
        return {**asdict(self), "judgement": self.judgement}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_json` gave.

        Raises
        ------
        KeyError, TypeError
            The values are something else.
        """
        return cls(
            values["n_right"],
            values["n_songs"],
            Interval(**values["accuracy"]),
            values["guess"],
            values["guess_genre"],
        )


def verdict(level: Evaluation | Level) -> Verdict:
    """What the accuracy per song of an evaluation means."""
    support = level.confusion.sum(axis=1)
    largest = int(support.argmax())
    return Verdict(
        n_right=int(level.confusion.trace()),
        n_songs=int(support.sum()),
        accuracy=level.per_song.accuracy,
        guess=float(support[largest] / support.sum()),
        guess_genre=level.genres[largest],
    )
