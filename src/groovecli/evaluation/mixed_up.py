"""Which genres a model finds, and which it takes for which."""

from __future__ import annotations

from dataclasses import dataclass

from groovecli.evaluation.figures import Evaluation, Level


@dataclass(frozen=True)
class Found:
    """How many of a genre's test songs a model names right."""

    genre: str
    n_right: int
    n_songs: int

    @property
    def share(self) -> float:
        """The same as a share, in [0, 1]."""
        return self.n_right / self.n_songs


@dataclass(frozen=True)
class MixedUp:
    """How many songs of one genre a model takes for another."""

    genre: str
    guess: str
    n_songs: int


def found(level: Evaluation | Level) -> tuple[Found, ...]:
    """The genres that have test songs, the best found first; of equally well found ones the larger."""
    n_right, n_songs = level.confusion.diagonal().tolist(), level.confusion.sum(axis=1).tolist()
    genres = [Found(*row) for row in zip(level.genres, n_right, n_songs, strict=True) if row[2]]
    return tuple(sorted(genres, key=lambda each: (-each.share, -each.n_songs)))


def mixed_up(level: Evaluation | Level) -> tuple[MixedUp, ...]:
    """The pairs of genres that a model takes for each other, the most songs first."""
    genres = level.genres
    pairs = [
        MixedUp(genres[row], genres[column], int(level.confusion[row, column]))
        for row, column in zip(*level.confusion.nonzero(), strict=True)
        if row != column
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.n_songs))
