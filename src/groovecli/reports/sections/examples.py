"""What a network makes of a few test songs, as pictures embedded in the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from groovecli.messages.words import count, percent
from groovecli.reports import examples
from groovecli.reports.examples import HeatMaps, Layers, Reconstructions, Spread
from groovecli.reports.plots.sounds import CROWDED, Reconstruction, Span
from groovecli.reports.subject import Subject
from groovecli.reports.web.charts import Bar, Line, axis, bars, plot
from groovecli.reports.web.frame import Section
from groovecli.reports.web.heat import heat
from groovecli.reports.web.html import Child, Html, name, tag
from groovecli.reports.web.parts import figure

_SMALLEST = 1e-10  # end of the logarithmic scale, whose other end is 1
_SPREADS = 2.5  # standard deviations that colours reach to
_MOST_POINTS = 160  # of a waveform
_N_BARS = 8
_N_COLUMNS = 128
Values = NDArray[np.float32]


def sections(subject: Subject) -> Iterator[Section]:
    """All that suits the subject's network."""
    if (made := examples.reconstructions(subject)) is not None:
        yield _reconstructions(made)
    for spread in examples.spreads(subject):
        yield _spread(spread)
    for maps in examples.heat_maps(subject):
        yield _heat_maps(maps)
    if (layers := examples.layers(subject)) is not None:
        yield _layers(layers)


def _picture(picture: Child, *texts: Child) -> Html:
    return tag("div", picture, tag("p", *texts, class_="small"))


def _pictures(parts: Sequence[Html], caption: str) -> Child:
    return (tag("div", parts, class_="pictures"), tag("p", caption, class_="soft small"))


def _axes(span: Span) -> str:
    return f"From left to right: {span.seconds:.3g} s. Upwards: {span.upwards}, up to {span.high:.3g}."


def _reconstructions(made: Reconstructions) -> Section:
    parts = []
    for pair in made.pairs:
        about = (name(pair.name), f"; {pair.label}")
        if pair.before.ndim == 2:
            both = np.concatenate([pair.before.ravel(), pair.after.ravel()])
            low, high = float(both.min()), float(both.max())
            parts += [
                _picture(heat(pair.before, f"input: {pair.name}", low=low, high=high), "Input: ", about),
                _picture(
                    heat(pair.after, f"reconstruction: {pair.name}", low=low, high=high),
                    "Reconstruction: ",
                    about,
                ),
            ]
        else:
            parts.append(_picture(_wave(pair, made.span), about))
    caption = (
        f"The network reduces {made.n_values:,} numbers to {made.dim} and rebuilds the input from them."
        " Errors are shares of the window's variance: 100 % is no better than an even grey. "
    )
    caption += (
        _axes(made.span) if made.pairs[0].before.ndim == 2 else "Soft: input. In colour: reconstruction."
    )
    worst = max(pair.error for pair in made.pairs)
    title = f"Of {count(len(made.pairs), 'example')}, at most {percent(worst, 0)} of the input is lost"
    return Section(title, _pictures(parts, caption), "reconstructions")


def _wave(pair: Reconstruction, span: Span) -> Html:
    """An input's samples and the reconstruction's, thinned to what can be seen."""
    step = -(-len(pair.before) // _MOST_POINTS)
    seconds = np.linspace(0, span.seconds, len(pair.before), endpoint=False)[::step].tolist()
    before, after = pair.before[::step].tolist(), pair.after[::step].tolist()
    lines = (
        Line("input", tuple(zip(seconds, before, strict=True)), "var(--other)"),
        Line("reconstruction", tuple(zip(seconds, after, strict=True))),
    )
    drawn = plot(lines, axis("s", seconds), axis(span.upwards, before + after), named=False, height=120)
    return figure(drawn, label=f"input and reconstruction of {pair.name}")


def _spread(made: Spread) -> Section:
    log = np.log10(np.maximum(made.before, _SMALLEST))
    crowded, left = (percent(float(np.mean(values < CROWDED))) for values in (made.before, made.after))
    parts = [
        _picture(
            heat(made.before, "before the tanh", low=0, high=1), f"Before: {crowded} of pixels below 0.0001"
        ),
        _picture(heat(log, "before, logarithmic", low=-10, high=0), "Before, on a logarithmic scale"),
        _picture(
            heat(made.after, "after the tanh", low=0, high=1), f"After: {left} of pixels below 0.0001"
        ),
    ]
    caption = (
        f"Power of {made.song}, scaled to at most 1; tanh(1,000,000 x) spreads it out for the network."
        f" {_axes(made.span)}"
    )
    title = f"The tanh brings pixels near 0 from {crowded} down to {left}"
    return Section(title, _pictures(parts, caption), "input")


def _heat_maps(made: HeatMaps) -> Section:
    deviations = (made.timbre - made.timbre.mean(axis=0)) / np.maximum(made.timbre.std(axis=0), _SMALLEST)
    length = f"{len(made.chroma)} segments" if made.seconds is None else f"{made.seconds:.3g} s"
    parts = [
        _picture(
            heat(made.chroma.T, "chroma", low=0, high=1),
            "Chroma, from C (bottom) to B: 1 is the strongest at each moment",
        ),
        _picture(
            heat(deviations.T, "timbre", low=-_SPREADS, high=_SPREADS, both=True),
            "Timbre, from loudness (bottom) up: red is above the song's mean, blue below",
        ),
    ]
    return Section(
        f"Input: chroma and timbre of {made.song}", _pictures(parts, f"{length} of it."), "input"
    )


def _layers(made: Layers) -> Section:
    low, high = float(made.image.min()), float(made.image.max())
    parts = [_picture(heat(made.image, "input", low=low, high=high), "Input. ", _axes(made.span))]
    parts += [_layer(what, values) for what, values in made.stages.items()]
    best = sorted(made.probabilities.items(), key=lambda item: -item[1])[:_N_BARS]
    rows = [Bar(name(genre), share, share, share, None, (percent(share, 0),)) for genre, share in best]
    chart = bars("What the network says", "genre", rows, ("probability",), "")
    caption = (
        "The first convolution spans the whole height of the spectrogram; later layers run along time only."
        " Drawn: the mean of each channel over its height, and every number of the dense layers (red above"
        " 0, blue below)."
    )
    return Section(f"How the layers see {made.song}", (_pictures(parts, caption), chart), "layers")


def _layer(what: str, values: Values) -> Html:
    if values.ndim == 3:
        rows = values.mean(axis=1)
        size = "{} channels, each {} × {}".format(*values.shape)
        drawn = heat(rows, what, low=float(rows.min()), high=float(rows.max()))
        return _picture(drawn, f"{what.capitalize()}: {size}")
    n_rows = -(-values.size // _N_COLUMNS)
    cells = np.zeros(n_rows * _N_COLUMNS, np.float32)
    cells[: values.size] = values
    most = float(np.abs(values).max()) or 1.0
    drawn = heat(cells.reshape(n_rows, -1)[::-1], what, low=-most, high=most, both=True)
    return _picture(drawn, f"{what.capitalize()}: {values.size} numbers")
