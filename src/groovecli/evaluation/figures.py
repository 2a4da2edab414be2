"""The figures of a model on test songs, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.evaluation.calibration import Calibration
from groovecli.evaluation.metrics import GenreScore, Interval, Scores


@dataclass(frozen=True)
class Level:
    """How a model fares where genres are told apart more coarsely: by their parents.

    A parent's probability is the sum of its sub-genres'.
    """

    genres: tuple[str, ...]
    per_song: Scores
    per_clip: Scores
    per_window: Scores | None
    per_genre: Mapping[str, GenreScore]
    confusion: NDArray[np.int64]
    calibration: Calibration


@dataclass(frozen=True)
class SongsRight:
    """Which test songs a model named right, so that it can be compared with another on the same songs.

    Parameters
    ----------
    key : str
        Differs between different songs.
    right : str
        A digit a song, by track id: 1 is right, 0 is wrong.
    """

    key: str
    right: str

    def array(self) -> NDArray[np.bool_]:
        """Whether each song is right [shape=(n,)]."""
        return np.array([digit == "1" for digit in self.right], bool)


@dataclass(frozen=True)
class Evaluation:
    """How a model fares on the test songs of a dataset.

    `confusion` counts songs: a row is a true genre, a column a guess. `average_precision` is the
    mean over the genres of the area under the precision-recall curve of songs. `calibration` is of
    songs. `per_window` is None where a clip is one window. `parents` is None where genres have no
    sub-genres. `notes` are what a reader of the figures has to know. `songs` is None in figures of an
    older groove.
    """

    model: str
    dataset: str
    split_by: str
    leaky: bool
    seed: int
    genres: tuple[str, ...]
    per_song: Scores
    per_clip: Scores
    per_window: Scores | None
    average_precision: float
    per_genre: Mapping[str, GenreScore]
    confusion: NDArray[np.int64]
    calibration: Calibration
    n_songs: int
    notes: tuple[str, ...] = ()
    parents: Level | None = None
    songs: SongsRight | None = None


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""
    return {
        "schema": 1,
        "model": evaluation.model,
        "dataset": evaluation.dataset,
        "split_by": evaluation.split_by,
        "leaky": evaluation.leaky,
        "seed": evaluation.seed,
        **_scores_json(evaluation),
        "average_precision": evaluation.average_precision,
        "notes": list(evaluation.notes),
        "parents": _scores_json(evaluation.parents) if evaluation.parents else None,
        "songs": asdict(evaluation.songs) if evaluation.songs else None,
    }


def _scores_json(level: Evaluation | Level) -> dict[str, Any]:
    def figures(scored: Scores) -> dict[str, Any]:
        return {
            "accuracy": scored.accuracy.value,
            "accuracy_interval": [scored.accuracy.low, scored.accuracy.high],
            "macro_f1": scored.macro_f1.value,
            "macro_f1_interval": [scored.macro_f1.low, scored.macro_f1.high],
            "n": scored.n,
        }

    return {
        "per_song": figures(level.per_song),
        "per_clip": figures(level.per_clip),
        "per_window": figures(level.per_window) if level.per_window else None,
        "genres": {
            genre: {"precision": s.precision, "recall": s.recall, "f1": s.f1, "support": s.support}
            for genre, s in level.per_genre.items()
        },
        "labels": list(level.genres),
        "confusion": level.confusion.tolist(),
        "calibration": level.calibration.to_json(),
    }


def from_json(values: Mapping[str, Any]) -> Evaluation:
    """The evaluation that `to_json` gave.

    Raises
    ------
    KeyError, TypeError
        The values are something else.
    """
    level, parents, songs = _level(values), values["parents"], values.get("songs")
    return Evaluation(
        **vars(level),
        model=values["model"],
        dataset=values["dataset"],
        split_by=values["split_by"],
        leaky=values["leaky"],
        seed=values["seed"],
        average_precision=values["average_precision"],
        n_songs=level.per_song.n,
        notes=tuple(values["notes"]),
        parents=_level(parents) if parents else None,
        songs=SongsRight(**songs) if songs else None,
    )


def _level(values: Mapping[str, Any]) -> Level:
    per_window = values["per_window"]
    return Level(
        genres=tuple(values["labels"]),
        per_song=_scores(values["per_song"]),
        per_clip=_scores(values["per_clip"]),
        per_window=_scores(per_window) if per_window else None,
        per_genre={genre: GenreScore(**score) for genre, score in values["genres"].items()},
        confusion=np.array(values["confusion"], np.int64),
        calibration=Calibration.from_json(values["calibration"]),
    )


def _scores(values: Mapping[str, Any]) -> Scores:
    return Scores(
        Interval(values["accuracy"], *values["accuracy_interval"]),
        Interval(values["macro_f1"], *values["macro_f1_interval"]),
        values["n"],
    )
