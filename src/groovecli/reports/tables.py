"""Figures as text: the tables and lines of a report's page, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation import figures
from groovecli.evaluation.calibration import Threshold
from groovecli.evaluation.enough import FEWEST_FOR_CONFIDENCE, FEWEST_NAMED, FEWEST_OF_A_GENRE
from groovecli.evaluation.figures import Evaluation, Level
from groovecli.evaluation.measure import Measured
from groovecli.evaluation.misjudged import Misjudged
from groovecli.evaluation.neighbours import Space
from groovecli.evaluation.results import Evaluated
from groovecli.messages.words import NONE, count, number, percent, with_interval, with_leak
from groovecli.models.file import Description
from groovecli.reports.page import Table
from groovecli.reports.plots.scores import Curve
from groovecli.training.result import TrainResult


def to_json(evaluated: Evaluated) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""
    measured, space = evaluated.measured, evaluated.space
    if evaluated.evaluation is not None:
        songs = [song.to_json() for song in evaluated.misjudged]
        return figures.to_json(evaluated.evaluation) | {"space": asdict(space), "misjudged": songs}
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
    neighbours = "share of a song's ten nearest by other artists that are of its genre"
    if space.precision_by_chance is not None:
        neighbours += f" ({percent(space.precision_by_chance)} by chance)"
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
    text = (
        f"{count(len(result.epochs), 'epoch')} in {result.seconds:.0f} s; epoch {result.best_epoch} is kept"
    )
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
    return Table("Figures of songs", ("", "figure"), tuple(rows), note=figures_note(space, evaluation))


def figures_note(space: Space, evaluation: Evaluation | None) -> str:
    """What the dashes among the figures of songs mean; nothing where there are none."""
    reasons = []
    if evaluation is not None and not _are_enough(evaluation):
        reasons.append(f"the calibration error needs {FEWEST_FOR_CONFIDENCE} test songs")
    if space.precision_at_10 is None:
        reasons.append("the ten nearest need more than ten songs by others, some of them of the genre")
    if space.nmi is None:
        reasons.append("clusters need more songs than genres")
    return _dash(reasons)


def _dash(reasons: Sequence[str]) -> str:
    return f"{NONE}: {'; '.join(reasons)}." if reasons else ""


def _are_enough(level: Evaluation | Level) -> bool:
    """Whether there are songs enough to tell how far the model's confidence can be believed."""
    return level.per_song.n >= FEWEST_FOR_CONFIDENCE


def song_figures(evaluation: Evaluation) -> dict[str, str]:
    """The figures of songs' genres that are one number each, by what they are."""
    texts = {"average precision, the mean over the genres": number(evaluation.average_precision)}
    what = "expected calibration error, the mean gap between confidence and accuracy in ten bins of songs"
    for level, kind in _levels(evaluation):
        texts[f"{what}{kind}"] = percent(calibration_error(level))
    return texts


def calibration_error(level: Evaluation | Level) -> float | None:
    """The expected calibration error; None of too few songs."""
    return level.calibration.error if _are_enough(level) else None


def of_confidence(evaluation: Evaluation | None) -> Table:
    """What each least confidence would cost, and which reaches an accuracy."""
    rows: list[tuple[str, ...]] = []
    for level, kind in _levels(evaluation):
        calibration = level.calibration
        rows += [_threshold(each, f"{each.min_confidence:g}{kind}") for each in calibration.levels]
        for target in calibration.targets:
            right, reached = percent(target.accuracy, 0), target.reached
            least = "none" if reached is None else f"{reached.min_confidence:g}"
            if not _are_enough(level) or (reached and reached.n < FEWEST_NAMED):
                least, reached = NONE, None
            rows.append(_threshold(reached, f"{least}{kind}: the least for {right} right"))
    columns = ("--min-confidence", "songs named", "share of all", "right of these")
    title = "What a least confidence would do to these songs"
    return Table(title, columns, tuple(rows), note=_confidence_note(evaluation))


def _confidence_note(evaluation: Evaluation | None) -> str:
    reasons = []
    thresholds: list[Threshold | None] = []
    for level, _ in _levels(evaluation):
        thresholds += [*level.calibration.levels, *(each.reached for each in level.calibration.targets)]
    if any(each.n < FEWEST_NAMED for each in thresholds if each):
        reasons.append(f"fewer than {FEWEST_NAMED} songs are named, too few to say how many are right")
    if evaluation is not None and not _are_enough(evaluation):
        reasons.append(f"the least confidence for an accuracy needs {FEWEST_FOR_CONFIDENCE} test songs")
    return _dash(reasons)


def _threshold(threshold: Threshold | None, name: str) -> tuple[str, ...]:
    if threshold is None:
        return name, NONE, NONE, NONE
    right = threshold.accuracy if threshold.n >= FEWEST_NAMED else None
    return name, str(threshold.n), percent(threshold.share), percent(right)


def _levels(evaluation: Evaluation | None) -> Iterator[tuple[Evaluation | Level, str]]:
    """Genres and, where there are sub-genres, their parents; with what to call the latter."""
    if evaluation is not None:
        yield evaluation, ""
        if evaluation.parents is not None:
            yield evaluation.parents, ", parents of sub-genres"


def of_genres(evaluation: Evaluation | None, curves: Mapping[str, Curve]) -> Table:
    """Precision, recall, F1 and average precision of each genre."""
    columns = ("genre", "precision", "recall", "F1", "average precision", "songs")
    if evaluation is None:
        return Table("", columns, ())
    rows = [
        (genre, *shares, number(curves[genre].area) if genre in curves else NONE, n_songs)
        for genre, *shares, n_songs in genre_rows(evaluation)
    ]
    return Table("Genre by genre, of songs", columns, tuple(rows), note=genre_note(evaluation))


def genre_rows(level: Evaluation | Level) -> Iterator[tuple[str, str, str, str, str]]:
    """Each genre with precision, recall, F1 and its number of songs."""
    for genre, score in level.per_genre.items():
        is_enough = score.support >= FEWEST_OF_A_GENRE
        shares = (score.precision, score.recall, score.f1)
        precision, recall, f1 = (percent(share if is_enough else None) for share in shares)
        yield genre, precision, recall, f1, str(score.support)


def genre_note(level: Evaluation | Level) -> str:
    """What the dashes in the genres' rows mean; nothing where there are none."""
    few = any(score.support < FEWEST_OF_A_GENRE for score in level.per_genre.values())
    return _dash([f"fewer than {FEWEST_OF_A_GENRE} test songs are of the genre"] if few else [])


def of_misjudged(songs: Sequence[Misjudged]) -> Table:
    """The songs that were given another genre than their own, each to be heard."""
    return Table(
        f"Misjudged: {count(len(songs), 'song')}, the surest mistakes first",
        ("file", "true genre", "guess", "confidence"),
        tuple((song.name, song.genre, song.guess, percent(song.confidence)) for song in songs),
        in_words=True,
        note="Some of these may be in the wrong folder, or have the wrong tag.",
        sounds=tuple(_address(song) for song in songs),
    )


def _address(song: Misjudged) -> str | None:
    """A file's address; any of its bytes are written so that a browser finds it."""
    return song.path.absolute().as_uri() if song.path and song.is_there else None


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
