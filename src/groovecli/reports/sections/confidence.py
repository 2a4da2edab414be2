"""How far a confidence can be believed, and how well genres are found as more songs are asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from groovecli.evaluation.calibration import Calibration
from groovecli.evaluation.figures import Evaluation, Level
from groovecli.messages.words import count, number, percent
from groovecli.reports.colours import Scheme
from groovecli.reports.plots.scores import Curve
from groovecli.reports.tables import calibration_error, of_confidence
from groovecli.reports.text import as_html
from groovecli.reports.web.charts import Line, percent_axis, plot
from groovecli.reports.web.frame import Section
from groovecli.reports.web.html import Html, tag
from groovecli.reports.web.parts import Table, figure

_MOST_POINTS = 60  # of a curve
_APART = 0.1  # of the axis, between two labels
_OF_BINS = (
    "Songs sorted by confidence, in {} equal groups. Below the dashed line: too sure. Above: not sure"
    " enough. Part of the distance is luck."
)
_OF_COVERAGE = (
    "Further right, more songs get an answer; further up, more answers are right. The labels are values of"
    " --min-confidence."
)
_OF_CURVES = (
    "For each genre, songs are sorted with the likeliest first. Recall: the share of the genre's songs"
    " found so far. Precision: the share of the songs so far that belong to the genre."
)


def confidence(evaluation: Evaluation) -> Section:
    """Confidence against accuracy, and what asking for more confidence costs."""
    error = calibration_error(evaluation)
    off = round(100 * (error or 0.0))
    title = f"Its confidence is {count(off, 'point')} off on average"
    table = as_html(of_confidence(evaluation))
    more = tag("h3", "If you ask for more confidence")
    return Section(
        title, (_reliability(evaluation), more, _coverage(evaluation.calibration), table), "how sure"
    )


def _reliability(level: Evaluation | Level) -> Html:
    bins = level.calibration.bins
    points = tuple((each.confidence, each.accuracy) for each in bins)
    lines = (
        Line("as sure as right", ((0.0, 0.0), (1.0, 1.0)), "var(--soft)", is_dashed=True),
        Line("this model", points, has_dots=True),
    )
    rows = tuple((percent(each.confidence, 0), percent(each.accuracy, 0), each.n) for each in bins)
    return figure(
        plot(lines, percent_axis("mean confidence, %"), percent_axis("songs right, %")),
        label="Confidence and accuracy: "
        + ", ".join(f"{percent(x, 0)} and {percent(y, 0)}" for x, y in points),
        caption=_OF_BINS.format(len(bins)),
        data=Table("", ("mean confidence", "right", "songs"), rows),
    )


def _coverage(calibration: Calibration) -> Html:
    levels = [level for level in calibration.levels if level.accuracy is not None]
    marked = {(each.share, each.accuracy or 0.0): f"{each.min_confidence:g}" for each in levels}
    points = sorted({(each.share, each.accuracy or 0.0) for each in calibration.curve} | set(marked))
    texts, last = [], -1.0
    for point in points:
        shown = point in marked and point[0] - last >= _APART
        texts.append(marked[point] if shown else "")
        last = point[0] if shown else last
    line = Line("", tuple(points), has_dots=True, texts=tuple(texts))
    return figure(
        plot((line,), percent_axis("songs named, %"), percent_axis("right of these, %"), named=False),
        label="Share of songs named, and right of these, as one asks for more confidence",
        caption=_OF_COVERAGE,
        data=Table(
            "", ("songs named", "right of these"), tuple((percent(x, 0), percent(y, 0)) for x, y in points)
        ),
    )


def precision(curves: Mapping[str, Curve], scheme: Scheme, average: float | None) -> Section:
    """Precision over recall of each genre."""
    drawn = [genre for genre in sorted(curves) if scheme.number(genre) is not None]
    lines = [Line(genre, _stairs(curves[genre]), scheme.variable(genre)) for genre in drawn]
    few = f" Drawn: the {len(drawn)} largest of {len(curves)} genres." if len(drawn) < len(curves) else ""
    rows = tuple((genre, number(curve.area)) for genre, curve in sorted(curves.items()))
    chart = figure(
        plot(lines, percent_axis("recall, %"), percent_axis("precision, %"), height=320),
        label="Precision over recall, one curve a genre",
        caption=_OF_CURVES + few,
        data=Table("", ("genre", "average precision"), rows),
    )
    title = "Precision and recall of each genre"
    if average is not None:
        title = f"Average precision {number(average)} (1 is the most)"
    return Section(title, chart, "precision")


def _stairs(curve: Curve) -> tuple[tuple[float, float], ...]:
    """Between two recalls the curve is level, as high as at the second; thinned to what can be seen."""
    chosen = np.arange(len(curve.recall))
    if len(chosen) > _MOST_POINTS:
        chosen = np.unique(np.linspace(0, len(chosen) - 1, _MOST_POINTS).round().astype(int))
    recall, high = curve.recall[chosen].tolist(), curve.precision[chosen].tolist()
    points = [(recall[0], high[0])]
    for left, right, level in zip(recall, recall[1:], high[1:], strict=False):
        points += [(left, level), (right, level)]
    return tuple(points)
