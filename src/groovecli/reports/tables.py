"""Figures as text: the tables and lines of a report's page, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation import figures
from groovecli.evaluation.calibration import Threshold
from groovecli.evaluation.figures import Evaluation, Level
from groovecli.evaluation.measure import Measured
from groovecli.evaluation.neighbours import Space
from groovecli.evaluation.results import Evaluated
from groovecli.messages.words import NONE, number, percent, with_interval, with_leak
from groovecli.models.file import Description
from groovecli.reports.page import Table
from groovecli.reports.plots.scores import Curve
from groovecli.training.result import TrainResult


def to_json(evaluated: Evaluated) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""
    measured, space = evaluated.measured, evaluated.space
    if evaluated.evaluation is not None:
        return figures.to_json(evaluated.evaluation) | {"space": asdict(space)}
    return {
        "schema": 1,
        "model": evaluated.model.description.name,
        "dataset": measured.dataset.name,
        "split_by": measured.split_by,
        "leaky": is_leaky(measured.split_by),
        "seed": evaluated.seed,
        "space": asdict(space),
        "notes": list(measured.notes),
    }


def protocol(measured: Measured, evaluation: Evaluation | None) -> str:
    """How the figures were measured, in one line; a leaky split is called so."""
    n_songs = len(np.unique(measured.songs))
    text = f"{n_songs} test songs of dataset {measured.dataset.name}, split by {measured.split_by}"
    if evaluation is not None:
        text += "; 95 % intervals by bootstrap over songs"
    return with_leak(is_leaky(measured.split_by), text)


def space_figures(space: Space) -> dict[str, str]:
    """The figures of a model's space, by what they are; those that there are."""
    chance = percent(space.precision_by_chance)
    neighbours = (
        f"share of a song's ten nearest by other artists that are of its genre ({chance} by chance)"
    )
    texts = {
        neighbours: percent(space.precision_at_10),
        "agreement of clusters with genres (NMI; 1 is the most)": number(space.nmi),
    }
    if space.reconstruction_error is not None:
        error = percent(space.reconstruction_error)
        texts["error of reconstructions, as a share of the inputs' variance"] = error
    return texts


def about(description: Description) -> str:
    """What the network is and where it is from."""
    spec = description.spec
    return f"{spec.name}: {spec.summary}. From {spec.paper}."


def course(result: TrainResult) -> str:
    """How a training went, in one line."""
    text = f"{len(result.epochs)} epochs in {result.seconds:.0f} s; the best was epoch {result.best_epoch}"
    return f"{text}. It was stopped before its end." if result.interrupted else f"{text}."


def of_scores(evaluation: Evaluation | None) -> Table:
    """Accuracy and macro-F1 per song, clip and window, of genres and of their parents."""
    rows = []
    for level, kind in _levels(evaluation):
        counted = {"song": level.per_song, "clip": level.per_clip, "window": level.per_window}
        rows += [
            (
                f"per {what}{kind}",
                with_interval(scores.accuracy),
                with_interval(scores.macro_f1),
                str(scores.n),
            )
            for what, scores in counted.items()
            if scores is not None
        ]
    return Table("Genres named right, with 95 % intervals", ("", "accuracy", "macro-F1", "n"), tuple(rows))


def of_space(space: Space, evaluation: Evaluation | None) -> Table:
    """Average precision, and how good the space of embeddings is."""
    rows = [*(song_figures(evaluation) if evaluation else {}).items(), *space_figures(space).items()]
    return Table("Figures of songs", ("", "figure"), tuple(rows))


def song_figures(evaluation: Evaluation) -> dict[str, str]:
    """The figures of songs' genres that are one number each, by what they are."""
    texts = {"average precision, the mean over the genres": number(evaluation.average_precision)}
    what = "expected calibration error, the mean gap between confidence and accuracy in ten bins of songs"
    for level, kind in _levels(evaluation):
        texts[f"{what}{kind}"] = percent(level.calibration.error)
    return texts


def of_confidence(evaluation: Evaluation | None) -> Table:
    """What each least confidence would cost, and which reaches an accuracy."""
    rows: list[tuple[str, ...]] = []
    for level, kind in _levels(evaluation):
        calibration = level.calibration
        rows += [_threshold(each, f"{each.min_confidence:g}{kind}") for each in calibration.levels]
        for target in calibration.targets:
            right, reached = percent(target.accuracy, 0), target.reached
            least = "none" if reached is None else f"{reached.min_confidence:g}"
            rows.append(_threshold(reached, f"{least}{kind}: the least for {right} right"))
    columns = ("--min-confidence", "songs named", "share of all", "right of these")
    return Table("What a least confidence would do to these songs", columns, tuple(rows))


def _threshold(threshold: Threshold | None, name: str) -> tuple[str, ...]:
    if threshold is None:
        return name, NONE, NONE, NONE
    return name, str(threshold.n), percent(threshold.share), percent(threshold.accuracy)


def _levels(evaluation: Evaluation | None) -> Iterator[tuple[Evaluation | Level, str]]:
    """Genres and, where there are sub-genres, their parents; with what to call the latter."""
    if evaluation is not None:
        yield evaluation, ""
        if evaluation.parents is not None:
            yield evaluation.parents, ", parents of sub-genres"


def of_genres(evaluation: Evaluation | None, curves: Mapping[str, Curve]) -> Table:
    """Precision, recall, F1 and average precision of each genre."""
    columns = ("genre", "precision", "recall", "F1", "average precision", "songs")
    rows = [
        (
            genre,
            percent(score.precision),
            percent(score.recall),
            percent(score.f1),
            number(curves[genre].area) if genre in curves else NONE,
            str(score.support),
        )
        for genre, score in (evaluation.per_genre.items() if evaluation else ())
    ]
    return Table("Genre by genre, of songs", columns, tuple(rows))


def of_data(description: Description) -> Table:
    """What a model learnt from."""
    given = {"dataset": description.dataset, "split by": description.split_by, **description.data}
    return _settings("What it learnt from", given)


def of_best(description: Description) -> Table:
    """How well it did in training."""
    return _settings("How it went", description.metrics)


def of_training(description: Description) -> Table:
    """Hyperparameters and the other settings of a training."""
    return _settings("Hyperparameters and settings", description.training)


def _settings(title: str, values: Mapping[str, Any]) -> Table:
    rows = tuple((name.replace("_", " "), _setting(value)) for name, value in values.items())
    return Table(title, ("", "value"), rows, in_words=True)


def _setting(value: Any) -> str:
    """A setting of any kind in words."""
    match value:
        case None | "" | []:
            return NONE
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case dict():
            return ", ".join(f"{name} {_setting(inner)}" for name, inner in value.items())
        case list() | tuple():
            return ", ".join(map(_setting, value))
    return str(value)
