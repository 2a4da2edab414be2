"""What an accuracy means: right of how many, against always saying the largest genre, against another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from groovecli.evaluation.enough import FEWEST_FOR_CONFIDENCE
from groovecli.evaluation.figures import Evaluation, Level
from groovecli.evaluation.metrics import (
    Interval,
    chance_of_at_least,
    difference,
    exact_interval,
    paired_difference,
)
from groovecli.messages import evaluation as messages

Judgement = Literal["worse", "no-better", "better-by-unknown", "better"]
_LUCK = 0.025  # how likely a model that guesses may be called better than guessing


@dataclass(frozen=True)
class Verdict:
    """How many test songs a model names right, and whether that is better than guessing.

    Parameters
    ----------
    accuracy : Interval
        Share of the songs that are right, with its 95 % interval, in [0, 1].
    guess : float
        Share of the same songs that is right when always saying `guess_genre`, their largest genre.
    gained, lost : int, optional
        Songs that the model names right and guessing doesn't, and the reverse. None if unknown.
    n_tried : int
        Of how many models this is the best, which luck alone makes better than one of them.
    """

    n_right: int
    n_songs: int
    accuracy: Interval
    guess: float
    guess_genre: str
    gained: int | None = None
    lost: int | None = None
    n_tried: int = 1

    @property
    def n_guess(self) -> int:
        """Songs that are right when always saying the largest genre."""
        return round(self.guess * self.n_songs)

    @property
    def judgement(self) -> Judgement:
        """Whether the model is better than guessing, and whether there are songs enough to say how much."""
        luck = _LUCK / self.n_tried
        if self._chance_of_better() <= luck:
            return "better" if self.n_songs >= FEWEST_FOR_CONFIDENCE else "better-by-unknown"
        return "worse" if self._chance_of_worse() <= luck else "no-better"

    @property
    def is_better(self) -> bool:
        """Whether the model is better than guessing."""
        return self.judgement in ("better", "better-by-unknown")

    @property
    def right(self) -> str:
        """How many songs are right, in words, with the interval."""
        return messages.right(self.n_right, self.n_songs, self.accuracy)

    @property
    def sentence(self) -> str:
        """The judgement in words, with what guessing gives."""
        return messages.judged(self.judgement, self.n_right, self.n_guess, self.n_songs)

    @property
    def text(self) -> str:
        """What the figure means, in words."""
        return f"{self.right}. {self.sentence}"

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and to read the verdict back."""
        return {**asdict(self), "judgement": self.judgement, "text": self.text}

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
            values.get("gained"),
            values.get("lost"),
            values.get("n_tried", 1),
        )

    # A model that guesses without hearing is right, on average, no more often than who says the largest
    # genre. Two questions are asked of that, as each sees what the other overlooks: whether so many right
    # are luck, and (which tells more where one genre has most of the songs) whether the songs gained
    # outnumber the songs lost by luck.

    def _chance_of_better(self) -> float:
        """How likely a model no better than guessing does so well."""
        chance = chance_of_at_least(self.n_right, self.n_songs, self.n_guess / self.n_songs)
        if self.gained is None or self.lost is None:
            return chance
        return min(chance, chance_of_at_least(self.gained, self.gained + self.lost, 0.5))

    def _chance_of_worse(self) -> float:
        """How likely a model as good as guessing does so badly."""
        n_wrong, guess = self.n_songs - self.n_right, self.n_guess / self.n_songs
        chance = chance_of_at_least(n_wrong, self.n_songs, 1 - guess)
        if self.gained is None or self.lost is None:
            return chance
        return min(chance, chance_of_at_least(self.lost, self.gained + self.lost, 0.5))


def verdict(level: Evaluation | Level, *, n_tried: int = 1) -> Verdict:
    """What the accuracy per song of an evaluation means; `n_tried` as in `Verdict`."""
    songs, right = level.confusion.sum(axis=1), level.confusion.diagonal()
    largest, n_right, n_songs = int(songs.argmax()), int(right.sum()), int(songs.sum())
    return Verdict(
        n_right=n_right,
        n_songs=n_songs,
        accuracy=exact_interval(n_right, n_songs),
        guess=float(songs[largest] / n_songs),
        guess_genre=level.genres[largest],
        gained=n_right - int(right[largest]),
        lost=int(songs[largest] - right[largest]),
        n_tried=n_tried,
    )


def lead(first: Evaluation, second: Evaluation) -> Interval:
    """How far the accuracy per song of one model is above another's, and its 95 % interval.

    On the same songs they are compared song by song; else the interval is that of `difference`.
    """
    if first.songs and second.songs and first.songs.key == second.songs.key:
        return paired_difference(first.songs.array(), second.songs.array())
    return difference(first.per_song.accuracy, second.per_song.accuracy)


def is_apart(gap: Interval) -> bool:
    """Whether a difference is more than luck: its interval does not hold 0."""
    return gap.low > 0 or gap.high < 0
