"""A report's folder: its figures, its pictures, its page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.results import Evaluated
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.files import write_json
from groovecli.messages.words import LEAK, count
from groovecli.models.file import Description
from groovecli.paths import StrPath, as_path
from groovecli.reports import tables
from groovecli.reports.page import Card, Page, Picture, write_page
from groovecli.reports.pictures import plot_subject
from groovecli.reports.plots.scores import plot_training_curve
from groovecli.reports.subject import Subject, curves, songs_of
from groovecli.training.loop import Epoch
from groovecli.training.result import TrainResult

CURVE = "curve.png"
_FIGURES = "evaluation.json"
_HELD_OUT = (
    " Dashed: songs held out. If the dashed loss rises while the solid one falls, the network is learning"
    " its songs by heart."
)


def write_evaluation(folder: StrPath, evaluated: Evaluated) -> tuple[Path, ...]:
    """Write what was measured of a model, and draw all that suits it.

    Its seed decides which songs are examples, and t-SNE.

    Returns
    -------
    files : tuple of Path
        Figures, pictures, and last the page.
    """
    folder = as_path(folder, "write_evaluation", "folder")
    model, measured, evaluation = evaluated.model, evaluated.measured, evaluated.evaluation
    description = model.description
    songs = songs_of(model, measured)
    curves_of_genres = curves(songs, description.genres) if evaluation else {}
    figures = folder / _FIGURES
    write_json(figures, tables.to_json(evaluated))
    subject = Subject(folder, model, measured, songs, evaluated.seed)
    pictures = [*plot_subject(subject, evaluation, curves_of_genres)]
    if evaluated.history:
        pictures.append(_curve(folder, description, evaluated.history))
    page = Page(
        title=_heading(description, measured.dataset.name, evaluation),
        card=card_of(verdict(evaluation)) if evaluation else None,
        warnings=(*_flattered(measured.split_by), *measured.notes),
        lines=(tables.protocol(measured, evaluation), tables.about(description)),
        notes=(tables.few_songs(evaluation),),
        tables=(
            tables.of_scores(evaluation),
            tables.of_space(evaluated.space, evaluation),
            tables.of_confidence(evaluation),
            tables.of_genres(evaluation, curves_of_genres),
            tables.of_misjudged(evaluated.misjudged, evaluated.space.n_songs),
        ),
        pictures=tuple(pictures),
        appendix=(tables.of_data(description), tables.of_training(description)),
    )
    return figures, *(picture.path for picture in pictures), write_page(folder, page)


def _heading(description: Description, dataset: str, evaluation: Evaluation | None) -> str:
    """The finding."""
    if evaluation is None:
        return f"{description.name}, measured on {dataset}"
    return _finding(description.name, verdict(evaluation))


def _finding(model: str, found: Verdict) -> str:
    return f"{model}: {found.right.partition(' (')[0]}"


def card_of(found: Verdict) -> Card:
    """What an accuracy means, for the top of a page."""
    guess = f"guessing is always saying {found.guess_genre}, the largest genre"
    return Card((found.sentence, f"{found.right}; {guess}."), found.is_better)


def write_training(folder: StrPath, result: TrainResult, test: Verdict | None = None) -> tuple[Path, ...]:
    """Draw how a network was trained, and write a page with its settings; return the files.

    The page begins with the model's own test, where there is one.
    """
    folder, description = as_path(folder, "write_training", "folder"), result.description
    picture = _curve(folder, description, result.epochs)
    where = f"trained on {description.dataset}"
    page = Page(
        title=_finding(description.name, test) if test else f"{description.name}, {where}",
        card=card_of(test) if test else None,
        warnings=_flattered(description.split_by),
        lines=(tables.course(result), tables.about(description)),
        tables=(tables.of_best(description),),
        pictures=(picture,),
        appendix=(tables.of_data(description), tables.of_training(description)),
    )
    return picture.path, write_page(folder, page)


def _flattered(split_by: str) -> tuple[str, ...]:
    return (f"{LEAK}.",) if is_leaky(split_by) else ()


def _curve(folder: Path, description: Description, epochs: Sequence[Epoch]) -> Picture:
    path, last = folder / CURVE, epochs[-1]
    best = description.figures.best_epoch or last.number
    plot_training_curve(path, epochs, best, title=f"training of {description.name}")
    return Picture(
        path,
        "Loss per epoch" if last.train_accuracy is None else "Loss and accuracy per epoch",
        f"Curves over {count(last.number, 'epoch')}; the training loss ends at {last.loss:.4f};"
        f" epoch {best} is kept.",
        f"Solid: training songs.{'' if last.validation_loss is None else _HELD_OUT} Grey line: epoch"
        f" {best}, whose weights are kept.",
    )
