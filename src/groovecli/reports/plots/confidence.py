"""Pictures of how far a model's confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from groovecli.messages.words import percent
from groovecli.reports.colours import LIGHT
from groovecli.reports.plots.canvas import Paths, canvas, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIDE = 5.5
_NARROWEST = 0.004
_APART = 0.06


def plot_reliability(
    path: Paths, confidence: Sequence[float], accuracy: Sequence[float], *, title: str
) -> None:
    """A bar a bin of songs: how many were right, over how sure the model was; and the diagonal.

    Parameters
    ----------
    confidence, accuracy : sequence of float in [0, 1]
        Means of each bin, the least confident first. A bar is as wide as the room to its neighbours.
    """
    middles = np.asarray(confidence)
    between = (middles[1:] + middles[:-1]) / 2
    gap = np.diff(middles).mean() / 2 if len(middles) > 1 else 0.05
    edges = np.concatenate([[middles[0] - gap], between, [middles[-1] + gap]]).clip(0, 1)
    widths = np.maximum(np.diff(edges), _NARROWEST)
    with canvas(path, _SIDE, _SIDE) as figure:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], "--", color="0.5", label="as right as it is sure")
        axes.bar(
            edges[:-1],
            accuracy,
            widths,
            align="edge",
            color=LIGHT["accent"],
            alpha=0.35,
            edgecolor=LIGHT["accent"],
        )
        axes.vlines(middles, middles, accuracy, color=LIGHT["bad"], linewidth=1.5, label="gap")
        axes.plot(middles, accuracy, "o", color=LIGHT["accent"], markersize=4, label="songs of a bin")
        axes.legend(fontsize=8, frameon=False, loc="upper left")
        _unit_square(axes, "mean confidence", "songs right", title)


@dataclass(frozen=True)
class Label:
    """A point of a curve, and what is written beside it."""

    text: str
    x: float
    y: float


def plot_coverage(
    path: Paths, points: Sequence[tuple[float, float]], labels: Sequence[Label], *, title: str
) -> None:
    """How many of the songs that are named are right (y), over the share that is named (x).

    Of labels that would lie on each other the leftmost is written.
    """
    with canvas(path, _SIDE, _SIDE) as figure:
        axes = figure.subplots()
        axes.plot(*zip(*points, strict=True), ".-", color=LIGHT["accent"])
        last = -1.0
        for label in sorted(labels, key=lambda label: label.x):
            if label.x - last >= _APART:
                _annotate(axes, label)
                last = label.x
        _unit_square(axes, "songs named", "of these, right", title)


def _annotate(axes: Axes, label: Label) -> None:
    up = 8 if label.y < 0.5 else -16
    axes.plot(label.x, label.y, "o", color=LIGHT["bad"])
    axes.annotate(
        plain(label.text),
        (label.x, label.y),
        (0, up),
        textcoords="offset points",
        ha="center",
        color=LIGHT["bad"],
    )


def _unit_square(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel=x, ylabel=y, title=plain(title))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda share, _: percent(share, 0))
    axes.grid(alpha=0.3)
