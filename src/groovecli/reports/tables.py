"""Figures as text: the tables and lines of a report's page, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation import figures
from groovecli.evaluation.calibration import Threshold
from groovecli.evaluation.enough import FEWEST_FOR_CONFIDENCE, FEWEST_FOR_SCORES, FEWEST_NAMED
from groovecli.evaluation.figures import Evaluation, Level
from groovecli.evaluation.measure import Measured
from groovecli.evaluation.metrics import Scores
from groovecli.evaluation.neighbours import Space
from groovecli.evaluation.results import Evaluated
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.messages.evaluation import is_few, reach, share, share_with_reach
from groovecli.messages.words import NONE, count, duration, number, percent
from groovecli.models.file import Description
from groovecli.reports.plots.scores import Curve
from groovecli.reports.text import TextTable
from groovecli.training.result import TrainResult


def to_json(evaluated: Evaluated) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""
    measured, space, evaluation = evaluated.measured, evaluated.space, evaluated.evaluation
    if evaluation is not None:
        songs = [song.to_json() for song in evaluated.misjudged]
        values = with_verdict(figures.to_json(evaluation), verdict(evaluation))
        if evaluation.parents:
            values["parents"]["verdict"] = verdict(evaluation.parents).to_json()
        return {**values, "space": asdict(space), "misjudged": songs, **evaluated.reach.to_json()}
    return {
        "schema": 1,
        "verdict": None,
        "model": evaluated.model.description.name,
        "dataset": measured.dataset.name,
        "split_by": measured.split_by,
        "leaky": is_leaky(measured.split_by),
        "seed": evaluated.seed,
        "space": asdict(space),
        "notes": list(measured.notes),
        **evaluated.reach.to_json(),
    }


def with_verdict(values: Mapping[str, Any], found: Verdict | None) -> dict[str, Any]:
    """Plain values whose first key after "schema" is what they mean; None where nothing was measured."""
    return {"schema": values["schema"], "verdict": found.to_json() if found else None, **values}


def protocol(measured: Measured, evaluation: Evaluation | None) -> str:
    """How the figures were measured, in one line; a leaky split is named as leaky."""
    n_songs = len(np.unique(measured.songs))
    text = f"{count(n_songs, 'test song')} of dataset {measured.dataset.name}, split by {measured.split_by}"
    if evaluation is not None:
        guess = verdict(evaluation).guess_genre
        text += f", seed {evaluation.seed}; 95 % intervals; guessing: always {guess}"
    return f"LEAKY SPLIT: {text}" if is_leaky(measured.split_by) else text


def space_figures(space: Space) -> dict[str, str]:
    """The figures of a model's space, by what they are; those that there are."""
    has_enough = not is_few(space.n_songs)
    neighbours = "of the ten nearest songs by other artists, share of the same genre"
    if has_enough and space.precision_by_chance is not None:
        neighbours += f" ({percent(space.precision_by_chance, 0)} by chance)"
    clusters = "clusters against genres (NMI: 0 is chance, 1 is the most)"
    texts = {
        neighbours: percent(space.precision_at_10 if has_enough else None, 0),
        clusters: number(space.nmi if has_enough else None),
    }
    if space.reconstruction_error is not None:
        texts["reconstruction error, share of the input's variance"] = percent(space.reconstruction_error)
    return texts


def about(description: Description) -> str:
    """What the network is and where it is from."""
    spec = description.spec
    return f"{spec.name}: {spec.summary}. From {spec.paper}."


def course(result: TrainResult) -> str:
    """How a training went, in one line."""
    epochs, spent = count(len(result.epochs), "epoch"), duration(result.seconds)
    text = f"{epochs} in {spent}; epoch {result.best_epoch} is kept"
    return f"{text}. It was stopped before its end." if result.interrupted else f"{text}."


def of_scores(evaluation: Evaluation | None) -> TextTable:
    """Accuracy and macro-F1 per song, clip and window, of genres and of their parents."""
    rows = []
    for level, kind in _levels(evaluation):
        counted = {"song": level.per_song, "clip": level.per_clip, "window": level.per_window}
        rows += [
            (f"per {what}{kind}", *_accuracy_and_f1(scores, level.per_song.n), f"{scores.n:,}")
            for what, scores in counted.items()
            if scores is not None
        ]
    return TextTable("Accuracy, with 95 % intervals", ("", "accuracy", "macro-F1", "n"), tuple(rows))


def _accuracy_and_f1(scores: Scores, n_songs: int) -> tuple[str, str]:
    f1 = f"{percent(scores.macro_f1.value, 0)} ({reach(scores.macro_f1, scores.n)})"
    return share_with_reach(scores.accuracy, scores.n, n_songs), NONE if is_few(n_songs) else f1


def of_space(space: Space, evaluation: Evaluation | None) -> TextTable:
    """Average precision, and how good the space of embeddings is."""
    rows = [*(song_figures(evaluation) if evaluation else {}).items(), *space_figures(space).items()]
    return TextTable("Summary", ("", "result"), tuple(rows), note=figures_note(space))


def figures_note(space: Space) -> str:
    """What the dashes among the figures of songs mean; nothing where there are none."""
    if is_few(space.n_songs):
        return _dash([f"too few songs; {FEWEST_FOR_SCORES} are needed"])
    reasons = []
    if space.precision_at_10 is None:
        reasons.append("the ten nearest need more than ten songs by others, some of them of the genre")
    if space.nmi is None:
        reasons.append("clusters need more songs than genres")
    return _dash(reasons)


def _dash(reasons: Sequence[str]) -> str:
    return f"{NONE}: {'; '.join(reasons)}." if reasons else ""


def are_enough(level: Evaluation | Level) -> bool:
    """Whether there are songs enough to tell how far the model's confidence can be believed."""
    return level.per_song.n >= FEWEST_FOR_CONFIDENCE


def few_songs(evaluation: Evaluation | None) -> str:
    """What is not measured of so few songs; nothing where there are enough."""
    if evaluation is None or are_enough(evaluation):
        return ""
    if not is_few(evaluation.n_songs):
        return f"few songs: confidence is measured from {FEWEST_FOR_CONFIDENCE} test songs on"
    return (
        f"few songs: F1, average precision, neighbours and clusters are measured from {FEWEST_FOR_SCORES}"
        f" test songs on, confidence from {FEWEST_FOR_CONFIDENCE} on"
    )


def song_figures(evaluation: Evaluation) -> dict[str, str]:
    """The figures of songs' genres that are one number each, by what they are."""
    area = None if is_few(evaluation.n_songs) else evaluation.average_precision
    texts = {"average precision, mean of the genres (1 is the most)": number(area)}
    for level, kind in _levels(evaluation):
        if are_enough(level):
            what = "calibration error, mean gap between confidence and accuracy"
            texts[f"{what}{kind}"] = percent(calibration_error(level))
    return texts


def calibration_error(level: Evaluation | Level) -> float | None:
    """The expected calibration error; None of too few songs."""
    return level.calibration.error if are_enough(level) else None


def of_confidence(evaluation: Evaluation | None) -> TextTable:
    """What each least confidence would cost, and which reaches an accuracy; no rows of too few songs."""
    rows: list[tuple[str, ...]] = []
    for level, kind in _levels(evaluation):
        if not are_enough(level):
            continue
        calibration = level.calibration
        rows += [_threshold(each, f"{each.min_confidence:g}{kind}") for each in calibration.levels]
        for target in calibration.targets:
            reached = target.reached if target.reached and target.reached.n >= FEWEST_NAMED else None
            least = f"{reached.min_confidence:g}" if reached else NONE if target.reached else "not reached"
            rows.append(_threshold(reached, f"{percent(target.accuracy, 0)} right{kind}: {least}"))
    columns = ("--min-confidence", "songs named", "share of all", "right of these")
    note = f"{NONE}: fewer than {FEWEST_NAMED} songs are named." if _has_dash(evaluation) else ""
    return TextTable("If you ask for more confidence", columns, tuple(rows), note=note)


def _has_dash(evaluation: Evaluation | None) -> bool:
    """Whether fewer songs are named somewhere than a share of them needs."""
    named: list[Threshold | None] = []
    for level in (level for level, _ in _levels(evaluation) if are_enough(level)):
        named += [*level.calibration.levels, *(each.reached for each in level.calibration.targets)]
    return any(each.n < FEWEST_NAMED for each in named if each)


def _threshold(threshold: Threshold | None, name: str) -> tuple[str, ...]:
    if threshold is None:
        return name, NONE, NONE, NONE
    right = threshold.accuracy if threshold.n >= FEWEST_NAMED else None
    return name, f"{threshold.n:,}", percent(threshold.share, 0), percent(right, 0)


def _levels(evaluation: Evaluation | None) -> Iterator[tuple[Evaluation | Level, str]]:
    """Genres and, where there are sub-genres, their parents; with what to call the latter."""
    if evaluation is not None:
        yield evaluation, ""
        if evaluation.parents is not None:
            yield evaluation.parents, ", main genres"


def of_genres(evaluation: Evaluation | Level | None, curves: Mapping[str, Curve]) -> TextTable:
    """Precision, recall, F1 and average precision of each genre."""
    columns = ("genre", "recall", "precision", "F1", "average precision", "songs")
    if evaluation is None:
        return TextTable("", columns, ())
    rows = [
        (genre, *shares, number(curves[genre].area) if genre in curves else NONE, n_songs)
        for genre, *shares, n_songs in genre_rows(evaluation)
    ]
    return TextTable("Results per genre", columns, tuple(rows), note=genre_note(evaluation))


def genre_rows(level: Evaluation | Level) -> Iterator[tuple[str, str, str, str, str]]:
    """Each genre with recall, precision, F1 and its number of songs; counts where songs are few."""
    n_named = level.confusion.sum(axis=0).tolist()
    for (genre, score), n_guesses in zip(level.per_genre.items(), n_named, strict=True):
        n_songs = score.support
        recall = share(score.recall if n_songs else None, n_songs)
        precision = share(score.precision if n_guesses else None, n_guesses)
        yield genre, recall, precision, percent(None if is_few(n_songs) else score.f1, 0), f"{n_songs:,}"


def genre_note(level: Evaluation | Level) -> str:
    """What recall and precision are, and what the dashes in the genres' rows mean."""
    text = "Recall: of a genre's songs, those named so. Precision: of songs named so, those of the genre."
    if any(is_few(score.support) for score in level.per_genre.values()):
        reason = f"fewer than {FEWEST_FOR_SCORES} test songs of the genre, or none was named so"
        return f"{text} {_dash([reason])}"
    return text


def of_data(description: Description) -> TextTable:
    """What a model learnt from."""
    given = {"dataset": description.dataset, "split by": description.split_by, **description.data}
    return _settings("Training songs", given)


def of_best(description: Description) -> TextTable:
    """How well it did in training."""
    return _settings("Training result", description.metrics)


def of_training(description: Description) -> TextTable:
    """Hyperparameters and the other settings of a training."""
    return _settings("Settings", description.training)


def _settings(title: str, values: Mapping[str, Any]) -> TextTable:
    rows = tuple((name.replace("_", " "), _setting(value)) for name, value in values.items())
    return TextTable(title, ("", "value"), rows, in_words=True)


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
