"""Pictures for papers, as PNG and SVG: which suit a model, and how each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.evaluation.calibration import Calibration, Threshold
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.results import Evaluated
from groovecli.messages import words
from groovecli.messages.evaluation import is_few, share
from groovecli.messages.words import leaky, percent
from groovecli.paths import StrPath, as_path
from groovecli.reports import examples
from groovecli.reports.own_files import check_replaceable, is_own_picture
from groovecli.reports.plots.canvas import Paths
from groovecli.reports.plots.confidence import Label, plot_coverage, plot_reliability
from groovecli.reports.plots.scores import (
    Curve,
    plot_confusion,
    plot_precision_recall,
    plot_scatter,
    plot_training_curve,
)
from groovecli.reports.plots.sounds import plot_heat_maps, plot_layers, plot_reconstructions, plot_spread
from groovecli.reports.subject import Subject, curves
from groovecli.reports.tables import are_enough, calibration_error
from groovecli.reports.vectors import METHODS, project
from groovecli.training.result import TrainResult

_MOST_SONGS = 3000  # in the plane: Lengyel et al.'s number
_FEWEST_SONGS = 6  # for t-SNE
_ENDINGS = (".png", ".svg")
NAMES = (
    *("confusion", "precision-recall", "reliability", "coverage", "curve", "leakage", "accuracy"),
    *("embeddings-pca", "embeddings-tsne", "logits-pca", "logits-tsne"),
    *("reconstructions", "tanh", "chroma-timbre", "layers"),
)
"""What figures may be called: before the work, no file of another hand may be in the place of one."""


@dataclass(frozen=True)
class Figure:
    """A picture by its name, and what draws it into files, each as its ending says."""

    name: str
    draw: Callable[[Paths], None]

    def __post_init__(self) -> None:
        assert self.name in NAMES, self.name


def check_figures(folder: Path, *, force: bool, can_force: bool) -> None:
    """Refuse a folder of figures where a picture has a figure's name and groove did not draw it.

    Raises
    ------
    UsageError
        There is such a file.
    """
    for name in NAMES:
        for ending in _ENDINGS:
            check_replaceable(folder / f"{name}{ending}", is_own_picture, force=force, can_force=can_force)


def write_figures(folder: StrPath, figures: Iterable[Figure]) -> tuple[Path, ...]:
    """Write all figures as PNG and as SVG; return the files."""
    folder, files = as_path(folder, "write_figures", "folder"), list[Path]()
    for figure in figures:
        paths = tuple(folder / f"{figure.name}{ending}" for ending in _ENDINGS)
        figure.draw(paths)
        files += paths
    return tuple(files)


def write_plot(path: StrPath, figures: Iterable[Figure]) -> tuple[Path, ...]:
    """Write the first figure, as the file's ending says; return the file."""
    path = as_path(path, "write_plot", "path")
    next(iter(figures)).draw((path,))
    return (path,)


def of_training(result: TrainResult) -> Iterator[Figure]:
    """The curve of a training."""
    yield _curve(result.description.name, result.epochs, result.best_epoch)


def of_evaluation(evaluated: Evaluated) -> Iterator[Figure]:
    """All pictures that suit a model that was measured, the one that says most first."""
    subject, evaluation = Subject.of(evaluated), evaluated.evaluation
    if evaluation is not None:
        yield Figure("confusion", lambda paths: _confusion(paths, subject, evaluation))
        found = curves(subject.songs, evaluation.genres)
        yield Figure("precision-recall", lambda paths: _precision_recall(paths, subject, evaluation, found))
        if are_enough(evaluation):
            yield Figure("reliability", lambda paths: _reliability(paths, subject, evaluation))
            yield Figure("coverage", lambda paths: _coverage(paths, subject, evaluation.calibration))
    yield from _maps(subject, "embeddings", subject.songs.embeddings)
    if subject.songs.logits is not None:
        yield from _maps(subject, "logits", subject.songs.logits)
    yield from _of_examples(subject)
    if evaluated.history:
        best = evaluated.model.description.figures.best_epoch or evaluated.history[-1].number
        yield _curve(subject.name, evaluated.history, best)


def _curve(name: str, epochs: Any, best: int) -> Figure:
    title = f"training of {name}"
    return Figure("curve", lambda paths: plot_training_curve(paths, epochs, best, title=title))


def _confusion(paths: Paths, subject: Subject, evaluation: Evaluation) -> None:
    right = share(evaluation.per_song.accuracy.value, evaluation.n_songs)
    title = f"{subject.name}: {right} {'' if is_few(evaluation.n_songs) else 'of '}songs right"
    title += leaky(evaluation.leaky)
    plot_confusion(paths, evaluation.confusion, evaluation.genres, title=title)


def _precision_recall(
    paths: Paths, subject: Subject, evaluation: Evaluation, found: Mapping[str, Curve]
) -> None:
    area = None if is_few(evaluation.n_songs) else evaluation.average_precision
    title = f"{subject.name}: average precision {words.number(area)}"
    plot_precision_recall(paths, found, subject.scheme, title=title)


def _reliability(paths: Paths, subject: Subject, evaluation: Evaluation) -> None:
    bins = evaluation.calibration.bins
    title = f"{subject.name}: calibration error {percent(calibration_error(evaluation))}"
    plot_reliability(paths, [b.confidence for b in bins], [b.accuracy for b in bins], title=title)


def _coverage(paths: Paths, subject: Subject, calibration: Calibration) -> None:
    levels = [Label(f"{at.min_confidence:g}", *_point(at)) for at in calibration.levels if at.n]
    points = sorted({*map(_point, calibration.curve), *((label.x, label.y) for label in levels)})
    plot_coverage(paths, points, levels, title=f"{subject.name}: songs named and right")


def _point(threshold: Threshold) -> tuple[float, float]:
    """The share of songs that are named, and the share of these that are right."""
    assert threshold.accuracy is not None
    return threshold.share, threshold.accuracy


def _maps(subject: Subject, what: str, vectors: NDArray[np.float64]) -> Iterator[Figure]:
    """Songs in the plane, by their embeddings or logits."""
    n_songs, width = vectors.shape
    for method in METHODS if width > 1 else ():
        if method != "tsne" or n_songs >= _FEWEST_SONGS:
            yield Figure(f"{what}-{method}", _Map(subject, what, vectors, method))


@dataclass(frozen=True)
class _Map:
    """Draws songs in the plane by one method."""

    subject: Subject
    what: str
    vectors: NDArray[np.float64]
    method: str

    def __call__(self, paths: Paths) -> None:
        subject = self.subject
        chosen = np.random.default_rng(subject.seed).permutation(len(self.vectors))[:_MOST_SONGS]
        genres = subject.songs.genres[chosen].tolist()
        points = project(self.vectors[chosen].astype(np.float32), self.method, seed=subject.seed)
        kind = {"pca": "PCA", "tsne": "t-SNE"}[self.method]
        title = f"{len(points)} songs by {subject.name}: {self.what}, {kind}"
        plot_scatter(paths, points, genres, title=title, scheme=subject.scheme)


def _of_examples(subject: Subject) -> Iterator[Figure]:
    if (made := examples.reconstructions(subject)) is not None:
        title = f"reconstructions by {subject.name}"
        yield Figure(
            "reconstructions", lambda paths: plot_reconstructions(paths, made.pairs, made.span, title=title)
        )
    for spread in examples.spreads(subject):
        yield Figure(
            "tanh",
            lambda paths, at=spread: plot_spread(paths, at.before, at.after, at.span, title=at.song),  # type: ignore[misc]
        )
    for maps in examples.heat_maps(subject):
        yield Figure(
            "chroma-timbre",
            lambda paths, at=maps: plot_heat_maps(paths, at.chroma, at.timbre, at.seconds, title=at.song),  # type: ignore[misc]
        )
    if (seen := examples.layers(subject)) is not None:
        yield Figure(
            "layers",
            lambda paths: plot_layers(
                paths, seen.image, seen.stages, seen.probabilities, seen.span, title=seen.song
            ),
        )
