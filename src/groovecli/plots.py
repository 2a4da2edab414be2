"""Pictures of figures, as PNG files drawn without a screen."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groovecli.store import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DPI = 130
_N_COLOURS = 20
_LONGEST_NAME = 40


@contextmanager
def _figure(path: Path, width: float, height: float) -> Iterator[Axes]:
    """Axes of a new figure that is written to `path` at the end."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    yield figure.subplots()
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of letters that the font lacks: boxes, then
        figure.savefig(buffer, dpi=_DPI, format="png")
    write_bytes(path, buffer.getvalue())


def plain(text: str) -> str:
    """Text as it is: a dollar sign would start a formula."""
    return text.encode("utf-8", "replace").decode().replace("$", r"\$")


def _short(name: str) -> str:
    """A genre's name in no more room than a picture has for it, on one line."""
    name = " ".join(name.split())
    return plain(name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…")


def training_curve(path: Path, epochs: Sequence[Any], best: int, *, title: str) -> None:
    """Loss and accuracy a epoch, and which epoch was kept."""
    numbers = [epoch.number for epoch in epochs]
    with _figure(path, 7, 4) as axes:
        lines = axes.plot(numbers, [epoch.loss for epoch in epochs], "C0.-", label="training loss")
        if epochs[0].validation_loss is not None:
            lines += axes.plot(
                numbers, [epoch.validation_loss for epoch in epochs], "C0.--", label="validation loss"
            )
        axes.set(xlabel="epoch", ylabel="loss", title=plain(title))
        axes.axvline(best, color="0.8", zorder=0)
        if epochs[0].train_accuracy is not None:
            right = axes.twinx()
            lines += right.plot(
                numbers, [epoch.train_accuracy for epoch in epochs], "C1.-", label="training accuracy"
            )
            if epochs[0].validation_accuracy is not None:
                values = [epoch.validation_accuracy for epoch in epochs]
                lines += right.plot(numbers, values, "C1.--", label="validation accuracy")
            right.set(ylabel="accuracy", ylim=(0, 1))
        axes.legend(lines, [str(line.get_label()) for line in lines], fontsize=8)


def confusion(path: Path, counts: NDArray[np.int64], genres: Sequence[str], *, title: str) -> None:
    """Confusion matrix: rows are true genres, columns guesses; shares of each row as colour."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [_short(genre) for genre in genres]
    side = 2.5 + 0.45 * len(genres)
    with _figure(path, side, side) as axes:
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(genres)), names, rotation=60, ha="right")
        axes.set_yticks(range(len(genres)), names)
        axes.set(xlabel="guessed", ylabel="true", title=plain(title))
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)


def scatter(path: Path, points: NDArray[np.float32], labels: Sequence[str], *, title: str) -> None:
    """Points in the plane [shape=(n, 2)], coloured by label; no label is grey."""
    from matplotlib import colormaps

    names = sorted(set(labels) - {""})
    with _figure(path, 8, 6) as axes:
        for number, name in enumerate([*names, ""]):
            chosen = np.array([label == name for label in labels])
            if chosen.any():
                colour = colormaps["tab20"](number % _N_COLOURS) if name else "0.7"
                x, y = points[chosen].T
                axes.scatter(x, y, s=12, color=colour, label=f" {_short(name)}" if name else "unknown")
        axes.set(title=plain(title), xticks=[], yticks=[])
        if names:
            axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
