"""Pictures of what networks hear: spectrograms, chroma, reconstructions, layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groovecli.messages.words import percent
from groovecli.reports.colours import LIGHT
from groovecli.reports.plots.canvas import Paths, canvas, plain, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.float32]

PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_SMALLEST = 1e-10  # end of the logarithmic scale, whose other end is 1
CROWDED = 1e-4  # Bertrand & Friedland: 99 % of the pixels lie below it
_LONGEST_TITLE = 90
_SPREADS = 2.5  # standard deviations that colours reach to
_N_CHANNELS = 8
_ALIVE = 0.05  # share of the liveliest channel's spread under which one is left out
_STRIP, _GAP = 10, 2  # heights of a channel and of the space below it, in pixels
_EDGE = 2
_N_COLUMNS = 128
_N_BARS = 10


@dataclass(frozen=True)
class Span:
    """What an image spans: seconds from left to right, and from 0 up to `high` of what `upwards` says."""

    seconds: float
    upwards: str
    high: float


def _image(axes: Axes, values: Values, span: Span, **look: Any) -> Any:
    """Draw an image [shape=(rows, frames)], its first row lowest."""
    extent = (0.0, span.seconds, 0.0, span.high)
    return axes.imshow(
        values, origin="lower", aspect="auto", extent=extent, interpolation="nearest", **look
    )


def plot_spread(path: Paths, before: Values, after: Values, span: Span, *, title: str) -> None:
    """A spectrogram in [0, 1] before the tanh, on a linear and a logarithmic scale, and after it."""
    crowded, left = (percent(float(np.mean(values < CROWDED))) for values in (before, after))
    panels: tuple[tuple[str, Values, dict[str, Any]], ...] = (
        (f"before: {crowded} of pixels below 0.0001", before, {"vmin": 0, "vmax": 1}),
        ("before, on a logarithmic scale", np.maximum(before, _SMALLEST), {"norm": "log"}),
        (f"after the tanh: {left} of pixels below 0.0001", after, {"vmin": 0, "vmax": 1}),
    )
    with canvas(path, 12, 4.2) as figure:
        row = figure.subplots(1, 3, sharey=True)
        for axes, (name, values, look) in zip(row, panels, strict=True):
            drawn = _image(axes, values, span, cmap="magma", **look)
            figure.colorbar(drawn, ax=axes, location="bottom", aspect=40, pad=0.02).minorticks_off()
            axes.set_title(name, fontsize=10)
            axes.set_xlabel("seconds")
        row[0].set_ylabel(span.upwards)
        figure.suptitle(short(title, _LONGEST_TITLE))


@dataclass(frozen=True)
class Reconstruction:
    """A window of a song as an autoencoder got it, and as it gave it back.

    Both are images [shape=(rows, frames)] or waveforms [shape=(samples,)]. `start_s` is where in the song
    the window begins, where that is known.
    """

    name: str
    genre: str
    before: Values
    after: Values
    start_s: float | None = None

    @property
    def error(self) -> float:
        """Mean squared error as a share of the input's variance; 0 where it has none."""
        variance = float(self.before.var(dtype=np.float64))
        wrong = np.square(self.after - self.before, dtype=np.float64).mean()
        return float(wrong) / variance if variance else 0.0

    @property
    def label(self) -> str:
        """Genre, place in the song and error."""
        place = "" if self.start_s is None else f", from {self.start_s:.0f} s"
        return f"{short(self.genre)}{place}; error {percent(self.error, 0)}"


def plot_reconstructions(path: Paths, pairs: Sequence[Reconstruction], span: Span, *, title: str) -> None:
    """Images above their reconstructions, or waveforms under theirs."""
    draw = _two_rows if pairs[0].before.ndim == 2 else _two_lines
    draw(path, pairs, span, title)


def _two_rows(path: Paths, pairs: Sequence[Reconstruction], span: Span, title: str) -> None:
    look = {
        "cmap": "magma",
        "vmin": min(float(pair.before.min()) for pair in pairs),
        "vmax": max(float(pair.before.max()) for pair in pairs),
    }
    with canvas(path, 1.6 + 2.8 * len(pairs), 6.2) as figure:
        grid = figure.subplots(2, len(pairs), sharex=True, sharey=True, squeeze=False)
        for (above, below), pair in zip(grid.T, pairs, strict=True):
            for axes, values in ((above, pair.before), (below, pair.after)):
                drawn = _image(axes, values, span, **look)
            above.set_title(f"{short(pair.name)}\n{pair.label}", fontsize=8.5)
            below.set_xlabel("seconds")
        for axes, what in zip(grid[:, 0], ("input", "reconstruction"), strict=True):
            axes.set_ylabel(f"{what}\n\n{span.upwards}")
        bar = figure.colorbar(drawn, ax=grid, pad=0.01, aspect=40)
        bar.set_label("what the network gets, and gives back", fontsize=9)
        figure.suptitle(plain(title))


def _two_lines(path: Paths, pairs: Sequence[Reconstruction], span: Span, title: str) -> None:
    with canvas(path, 9, 1 + 1.8 * len(pairs)) as figure:
        column = figure.subplots(len(pairs), 1, sharex=True, squeeze=False)[:, 0]
        for axes, pair in zip(column, pairs, strict=True):
            seconds = np.linspace(0, span.seconds, len(pair.before), endpoint=False)
            axes.plot(seconds, pair.before, color="0.65", lw=1.6, label="input")
            axes.plot(seconds, pair.after, color=LIGHT["bad"], lw=1, label="reconstruction")
            axes.set_title(f"{short(pair.name, 60)}; {pair.label}", fontsize=9, loc="left")
            axes.margins(x=0)
        column[0].legend(fontsize=8, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
        column[-1].set_xlabel("seconds")
        figure.supylabel(span.upwards, fontsize=10)
        figure.suptitle(plain(title))


def plot_heat_maps(
    path: Paths, chroma: Values, timbre: Values, seconds: float | None, *, title: str
) -> None:
    """Chroma and timbre over time [shape=(frames, n) each]; `seconds` None counts segments.

    Each coefficient of timbre has its own mean and spread, which its colours follow.
    """
    length, along = (len(chroma), "segments") if seconds is None else (seconds, "seconds")
    deviations = (timbre - timbre.mean(axis=0)) / np.maximum(timbre.std(axis=0), _SMALLEST)
    timbre_names = [str(number + 1) for number in range(timbre.shape[1])]
    panels: tuple[tuple[str, Values, Sequence[str], dict[str, Any]], ...] = (
        ("chroma", chroma, PITCHES, {"cmap": "magma", "vmin": 0, "vmax": 1}),
        ("timbre", deviations, timbre_names, {"cmap": "RdBu_r", "vmin": -_SPREADS, "vmax": _SPREADS}),
    )
    bar_names = ("share of the frame's loudest", "standard deviations from its mean")
    with canvas(path, 10, 6.5) as figure:
        column = figure.subplots(2, 1, sharex=True)
        for axes, (name, values, rows, look), bar in zip(column, panels, bar_names, strict=True):
            drawn = _image(axes, values.T, Span(length, name, values.shape[1]), **look)
            figure.colorbar(drawn, ax=axes, pad=0.01).set_label(bar, fontsize=8)
            axes.set_yticks(np.arange(len(rows)) + 0.5, rows, fontsize=8)
            axes.set_ylabel(name)
        column[-1].set_xlabel(along)
        figure.suptitle(short(title, _LONGEST_TITLE))


def plot_layers(
    path: Paths,
    image: Values,
    stages: Mapping[str, Values],
    probabilities: Mapping[str, float],
    span: Span,
    *,
    title: str,
) -> None:
    """What each layer of a network makes of an image, from top to bottom.

    Parameters
    ----------
    image : np.ndarray [shape=(rows, frames)]
        What went in.
    stages : mapping of str to np.ndarray [shape=(channels, rows, frames) or (n,)]
        What each layer made of it; of many channels, those that vary most are drawn.
    probabilities : mapping of str to float
        The probabilities at the end; the largest are drawn.
    """
    best = dict(sorted(probabilities.items(), key=lambda item: -item[1])[:_N_BARS])
    heights = [3.0, *(_height(values) for values in stages.values()), 0.4 + 0.22 * len(best)]
    with canvas(path, 9, 0.5 + sum(heights)) as figure:
        first, *others, last = figure.subplots(len(heights), 1, height_ratios=heights)
        _image(first, image, span, cmap="magma_r")
        first.set_title("input", loc="left", fontsize=9)
        first.set(xlabel="seconds", ylabel=span.upwards)
        for axes, (name, values) in zip(others, stages.items(), strict=True):
            size = _strips(axes, values) if values.ndim == 3 else _cells(axes, values)
            axes.set_title(f"{name}: {size}", loc="left", fontsize=9)
        bars = last.barh([short(name) for name in best], list(best.values()), color=LIGHT["accent"])
        last.bar_label(bars, fmt=lambda share: f" {percent(share, 0)}", fontsize=8)
        last.invert_yaxis()
        last.set(xlim=(0, 1.05), xticks=[])
        last.set_title("genres", loc="left", fontsize=9)
        last.tick_params(labelsize=8)
        figure.suptitle(short(title, _LONGEST_TITLE))


def _height(values: Values) -> float:
    """Inches that a layer takes: its channels, or its cells."""
    return 1.5 if values.ndim == 3 else 0.45 + 0.06 * -(-values.size // _N_COLUMNS)


def _strips(axes: Axes, values: Values) -> str:
    """Some channels [shape=(channels, rows, frames)] one above the other, each on its own scale."""
    n_channels, n_rows, n_frames = values.shape
    inner = values[..., _EDGE:-_EDGE]  # at the ends, the network sees its own padding
    spreads = inner.std(axis=(1, 2))
    most = np.argsort(-spreads, kind="stable")[:_N_CHANNELS]
    chosen = np.sort(most[spreads[most] >= _ALIVE * spreads[most[0]]])
    scaled = values[chosen] / np.maximum(inner[chosen].max(axis=(1, 2), keepdims=True), _SMALLEST)
    tall = scaled.repeat(max(1, _STRIP // n_rows), axis=1)
    strips = np.pad(tall, ((0, 0), (0, _GAP), (0, 0)), constant_values=np.nan)
    rows = strips.reshape(-1, n_frames)
    axes.imshow(rows, aspect="auto", interpolation="nearest", cmap="magma_r", vmin=0, vmax=1)
    middles = np.arange(len(chosen)) * strips.shape[1] + (tall.shape[1] - 1) / 2
    axes.set_yticks(middles, chosen + 1, fontsize=7)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    return f"{len(chosen)} of {n_channels} channels, each {n_rows} × {n_frames}"


def _cells(axes: Axes, values: Values) -> str:
    """Numbers [shape=(n,)] in rows: red above 0, blue below."""
    n_rows = -(-values.size // _N_COLUMNS)
    cells = np.full(n_rows * _N_COLUMNS, np.nan)
    cells[: values.size] = values
    most = float(np.abs(values).max()) or 1.0
    grid = cells.reshape(n_rows, _N_COLUMNS)
    axes.imshow(grid, aspect="auto", interpolation="nearest", cmap="RdBu_r", vmin=-most, vmax=most)
    axes.set(xticks=[], yticks=[])
    return f"{values.size} numbers"
