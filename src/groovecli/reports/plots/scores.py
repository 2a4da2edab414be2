"""Pictures of how well a network learnt: curves, confusion, and songs as points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groovecli.messages.words import number, percent
from groovecli.reports.plots.canvas import canvas, looks, plain, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES_A_COLUMN = 30
_USUAL_NAME = 12  # letters, for which there is room beside a matrix


def plot_training_curve(path: Path, epochs: Sequence[Any], best: int, *, title: str) -> None:
    """Loss and accuracy of each epoch, and which epoch was kept."""
    from matplotlib.ticker import MaxNLocator

    numbers = [epoch.number for epoch in epochs]
    with canvas(path, 7, 4) as figure:
        axes = figure.subplots()
        lines = axes.plot(numbers, [epoch.loss for epoch in epochs], "C0.-", label="training loss")
        if epochs[0].validation_loss is not None:
            lines += axes.plot(
                numbers, [epoch.validation_loss for epoch in epochs], "C0.--", label="validation loss"
            )
        axes.set(xlabel="epoch", ylabel="loss", title=plain(title))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        kept = axes.axvline(best, color="0.8", linewidth=4, zorder=0, label=f"epoch {best}, which is kept")
        if epochs[0].train_accuracy is not None:
            right = axes.twinx()
            lines += right.plot(
                numbers, [epoch.train_accuracy for epoch in epochs], "C1.-", label="training accuracy"
            )
            if epochs[0].validation_accuracy is not None:
                values = [epoch.validation_accuracy for epoch in epochs]
                lines += right.plot(numbers, values, "C1.--", label="validation accuracy")
            right.set(ylabel="accuracy", ylim=(0, 1))
            _in_percent(right.yaxis)
        lines.append(kept)
        labels = [str(line.get_label()) for line in lines]
        figure.legend(lines, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)


@dataclass(frozen=True)
class Mark:
    """A share with its interval, of one row of `intervals`; marks of one kind look alike."""

    row: str
    kind: str
    value: float
    low: float
    high: float


def plot_intervals(path: Path, marks: Sequence[Mark], *, title: str, guess: float | None = None) -> None:
    """Shares as points with their intervals, one row a name, from top to bottom as they come.

    `guess` is the share that is right when always saying the largest genre: a dashed line.
    """
    rows = list(dict.fromkeys(mark.row for mark in marks))
    kinds = list(dict.fromkeys(mark.kind for mark in marks))
    with canvas(path, 7, 1.2 + 0.4 * len(rows)) as figure:
        axes = figure.subplots()
        for number, kind in enumerate(kinds):
            marks_of_kind = [mark for mark in marks if mark.kind == kind]
            shift = 0.15 * (number - (len(kinds) - 1) / 2)
            places = [rows.index(mark.row) + shift for mark in marks_of_kind]
            values = np.array([mark.value for mark in marks_of_kind])
            errors = np.abs(np.array([[mark.low, mark.high] for mark in marks_of_kind]).T - values)
            axes.errorbar(values, places, xerr=errors, fmt="o", color=f"C{number}", label=plain(kind))
        if guess is not None:
            axes.axvline(guess, color="0.4", linestyle="--", linewidth=1, label="always the largest genre")
        axes.set_yticks(range(len(rows)), [short(row) for row in rows])
        axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xlabel="songs right", title=plain(title))
        _in_percent(axes.xaxis)
        axes.grid(axis="x", color="0.9")
        figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)


def plot_confusion(path: Path, counts: NDArray[np.int64], genres: Sequence[str], *, title: str) -> None:
    """Confusion matrix: rows are true genres, columns guesses; shares of each row as colour."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [short(genre) for genre in genres]
    side = 2.5 + 0.45 * len(genres) + 0.07 * max(0, max(map(len, names)) - _USUAL_NAME)
    with canvas(path, side, side) as figure:
        axes = figure.subplots()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(genres)), names, rotation=60, ha="right")
        axes.set_yticks(range(len(genres)), names)
        figure.suptitle(plain(title))  # in the middle of the picture, which is wider than the matrix
        axes.set(xlabel="guessed", ylabel="true")
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)


def _in_percent(axis: Any) -> None:
    """Label an axis of shares in per cent."""
    axis.set_major_formatter(lambda share, _: percent(share, 0))


@dataclass(frozen=True)
class Curve:
    """Precision over rising recall [shape=(n,) each], and the average precision: the area below.

    The area is None where songs are too few for it.

    Between two recalls the curve is level, as high as at the second.
    """

    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    area: float | None


def plot_precision_recall(path: Path, curves: Mapping[str, Curve], *, title: str) -> None:
    """Precision over recall, one curve a genre; the legend has the areas, the largest first."""
    look = looks(sorted(curves))
    with canvas(path, 8, 5.5) as figure:
        axes = figure.subplots()
        for name in sorted(curves, key=lambda name: -(curves[name].area or 0.0)):
            curve = curves[name]
            (line,) = axes.step(curve.recall, curve.precision, where="pre", color=look[name]["color"])
            line.set_label(f"{number(curve.area)}  {short(name)}")
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02), title=plain(title))
        _in_percent(axes.xaxis)
        _in_percent(axes.yaxis)
        axes.grid(alpha=0.3)
        _legend_beside(axes, len(curves))


def plot_scatter(path: Path, points: NDArray[np.float32], labels: Sequence[str], *, title: str) -> None:
    """Points in the plane [shape=(n, 2)], coloured by label; no label is grey."""
    names = sorted(set(labels) - {""})
    look = looks(names) | {"": {"color": "0.7"}}
    with canvas(path, 8, 6) as figure:
        axes = figure.subplots()
        for name in [*names, ""]:
            chosen = np.array([label == name for label in labels])
            if chosen.any():
                x, y = points[chosen].T
                label = f" {short(name)}" if name else "unknown"
                axes.scatter(x, y, s=16, linewidths=0, label=label, **look[name])
        axes.set(title=plain(title), xticks=[], yticks=[])
        if names:
            _legend_beside(axes, len(names))


def _legend_beside(axes: Axes, n_names: int) -> None:
    """A legend to the right of the axes, in as many columns as it needs."""
    n_columns = 1 + (n_names - 1) // _NAMES_A_COLUMN
    axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), ncols=n_columns)
