"""How a training went: loss and accuracy of its epochs, one above the other."""

from __future__ import annotations

from collections.abc import Sequence

from groovecli.messages.words import NONE, count, percent
from groovecli.reports.web.charts import Axis, Line, Upright, axis, percent_axis, plot
from groovecli.reports.web.frame import Section
from groovecli.reports.web.html import Html, tag
from groovecli.reports.web.parts import Table, figure
from groovecli.training.loop import Epoch

_HELD_OUT = (
    " If the dashed loss rises while the solid one falls, the network is learning its songs by heart."
)
Series = Sequence[tuple[str, Sequence[float | None]]]
_MOST_EPOCHS = 100  # drawn; of more, so many in equal steps


def course(epochs: Sequence[Epoch], best: int) -> Section:
    """Loss, and accuracy where there is one; `best` is the number of the epoch whose weights are kept."""
    last = epochs[-1]
    drawn = _drawn(epochs)
    x = axis("epoch", [float(each.number) for each in drawn], whole=True)
    losses: Series = [
        ("training", [each.loss for each in drawn]),
        ("held out", [each.validation_loss for each in drawn]),
    ]
    found = [value for _, values in losses for value in values if value is not None]
    parts: list[Html] = [
        tag("h3", "Loss"),
        _figure("loss", losses, drawn, x, axis("loss", found, from_zero=True), best),
    ]
    if last.train_accuracy is not None:
        accuracies: Series = [
            ("training", [each.train_accuracy for each in drawn]),
            ("held out", [each.validation_accuracy for each in drawn]),
        ]
        y = percent_axis("windows right, %")
        parts += [tag("h3", "Accuracy"), _figure("accuracy", accuracies, drawn, x, y, best)]
    return Section(_title(epochs, best), parts, "training")


def _title(epochs: Sequence[Epoch], best: int) -> str:
    last = epochs[-1]
    return f"Trained for {count(last.number, 'epoch')}; epoch {best} is kept"


def _drawn(epochs: Sequence[Epoch]) -> list[Epoch]:
    step = -(-len(epochs) // _MOST_EPOCHS)
    return [*epochs[:-1:step], epochs[-1]]


def _figure(
    what: str,
    series: Series,
    epochs: Sequence[Epoch],
    x: Axis,
    y: Axis,
    best: int,
) -> Html:
    lines, has_held_out = [], False
    for name, values in series:
        points = tuple(
            (float(each.number), value)
            for each, value in zip(epochs, values, strict=True)
            if value is not None
        )
        if points:
            is_held_out = name == "held out"
            has_held_out |= is_held_out
            lines.append(Line(name, points, is_dashed=is_held_out, has_dots=len(points) == 1))
    written = [[_text(what, value) for value in values] for _, values in series]
    rows = tuple((each.number, *texts) for each, *texts in zip(epochs, *written, strict=True))
    caption = "Solid: training songs. Upright: the epoch whose weights are kept."
    if has_held_out:
        caption += " Dashed: songs held out." + (_HELD_OUT if what == "loss" else "")
    return figure(
        plot(lines, x, y, uprights=[Upright(float(best), "kept")]),
        label=f"{what} over {count(epochs[-1].number, 'epoch')}, at last {_text(what, series[0][1][-1])}",
        caption=caption,
        data=Table("", ("epoch", *(name for name, _ in series)), rows),
    )


def _text(what: str, value: float | None) -> str:
    if value is None:
        return NONE
    return percent(value) if what == "accuracy" else f"{value:.4f}"
