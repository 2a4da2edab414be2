"""Pictures of how well a network learnt: curves, confusion, and songs as points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groovecli.messages.words import number, percent
from groovecli.reports.colours import GENRES_LIGHT, LIGHT, Scheme
from groovecli.reports.plots.canvas import Paths, canvas, look, plain, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES_A_COLUMN = 30
_USUAL_NAME = 12  # letters, for which there is room beside a matrix


def plot_training_curve(path: Paths, epochs: Sequence[Any], best: int, *, title: str) -> None:
    """Loss and accuracy of each epoch, one above the other, and which epoch was kept."""
    from matplotlib.ticker import MaxNLocator

    numbers = [epoch.number for epoch in epochs]
    panels = [("loss", "loss", "validation_loss")]
    if epochs[0].train_accuracy is not None:
        panels.append(("accuracy", "train_accuracy", "validation_accuracy"))
    with canvas(path, 8, 3.2 * len(panels)) as figure:
        column = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, training, held_out) in zip(column, panels, strict=True):
            for attribute, style, label in ((training, ".-", "training"), (held_out, ".--", "held out")):
                values = [getattr(epoch, attribute) for epoch in epochs]
                if values[0] is not None:
                    axes.plot(numbers, values, style, color=LIGHT["accent"], label=label)
            axes.axvline(best, color=LIGHT["line"], linewidth=4, zorder=0, label=f"epoch {best}, kept")
            axes.set_ylabel(name)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            if name == "accuracy":
                axes.set_ylim(0, 1)
                _in_percent(axes.yaxis)
        column[0].set_title(plain(title))
        column[-1].set_xlabel("epoch")
        lines, labels = column[0].get_legend_handles_labels()
        figure.legend(lines, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)


@dataclass(frozen=True)
class Mark:
    """A share with its interval, of one row of `intervals`; marks of one kind look alike."""

    row: str
    kind: str
    value: float
    low: float
    high: float


def plot_intervals(path: Paths, marks: Sequence[Mark], *, title: str, guess: float | None = None) -> None:
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
            axes.errorbar(
                values, places, xerr=errors, fmt="o", color=GENRES_LIGHT[number], label=plain(kind)
            )
        if guess is not None:
            axes.axvline(guess, color="0.4", linestyle="--", linewidth=1, label="always the largest genre")
        axes.set_yticks(range(len(rows)), [short(row) for row in rows])
        axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xlabel="songs right", title=plain(title))
        _in_percent(axes.xaxis)
        axes.grid(axis="x", color="0.9")
        figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)


def plot_confusion(path: Paths, counts: NDArray[np.int64], genres: Sequence[str], *, title: str) -> None:
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


def plot_precision_recall(
    path: Paths, curves: Mapping[str, Curve], scheme: Scheme | None = None, *, title: str
) -> None:
    """Precision over recall, one curve a genre; the legend has the areas, the largest first."""
    scheme = scheme or Scheme.of(list(curves))
    with canvas(path, 8, 5.5) as figure:
        axes = figure.subplots()
        for name in sorted(curves, key=lambda name: -(curves[name].area or 0.0)):
            curve = curves[name]
            (line,) = axes.step(
                curve.recall, curve.precision, where="pre", color=look(scheme, name)["color"]
            )
            line.set_label(f"{number(curve.area)}  {short(name)}")
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02), title=plain(title))
        _in_percent(axes.xaxis)
        _in_percent(axes.yaxis)
        axes.grid(alpha=0.3)
        _legend_beside(axes, len(curves))


def plot_scatter(
    path: Paths,
    points: NDArray[np.float32],
    labels: Sequence[str],
    *,
    title: str,
    scheme: Scheme | None = None,
) -> None:
    """Points in the plane [shape=(n, 2)], coloured by label; no label is grey.

    Labels without a colour of their own are one in the legend.
    """
    names = sorted(set(labels) - {""})
    scheme = scheme or Scheme.of(names, Counter(labels))
    with canvas(path, 8, 6) as figure:
        axes = figure.subplots()
        own = [name for name in names if scheme.number(name) is not None]
        others = [name for name in names if scheme.number(name) is None]
        shown = [(f" {short(name)}", [name], look(scheme, name)) for name in own]
        if others:
            label = f" {short(others[0])}" if len(others) == 1 else f" {len(others)} other genres"
            shown.append((label, others, look(scheme, others[0])))
        for label, some, given in [*shown, ("unknown", [""], {"color": LIGHT["line"]})]:
            chosen = np.array([each in some for each in labels])
            if chosen.any():
                x, y = points[chosen].T
                axes.scatter(x, y, s=16, linewidths=0, label=label, **given)
        axes.set(title=plain(title), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        if names:
            _legend_beside(axes, len(shown))


def _legend_beside(axes: Axes, n_names: int) -> None:
    """A legend to the right of the axes, in as many columns as it needs."""
    n_columns = 1 + (n_names - 1) // _NAMES_A_COLUMN
    axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), ncols=n_columns)
