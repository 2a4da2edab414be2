"""Charts of HTML and SVG: bars with intervals, lines over an axis. Letters are HTML, never in the SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from groovecli.messages.words import percent
from groovecli.reports.web.html import Child, Html, join, name, tag
from groovecli.reports.web.parts import Column, Table, table

_HEIGHT = 220  # px
_LINE_OF_TEXT = 18  # px, between two names at the ends of lines
_NICE = (1, 2, 2.5, 5, 10)
_MOST_TICKS = 5
_DIGITS = 4


@dataclass(frozen=True)
class Bar:
    """A row of a chart: a share with its interval, all in [0, 1], and what else stands in its row.

    `value` is None where there is nothing to measure; `guess` is where a dashed line stands.
    """

    name: Child
    value: float | None
    low: float = 0.0
    high: float = 0.0
    guess: float | None = None
    cells: tuple[Child, ...] = ()


def bars(title: str, first: str, rows: Sequence[Bar], columns: tuple[Column | str, ...], note: str) -> Html:
    """Shares as dots with their intervals, on an axis of 0 to 100 %; it is a table, and read as one."""
    ends = tag("span", tag("span", percent(0, 0)), tag("span", percent(1, 0)), class_="ends")
    axis = Column(join(tag("span", "picture", class_="sr"), ends), "bar")
    cells = tuple((row.name, _bar(row), *row.cells) for row in rows)
    return table(Table(title, (Column(first, "words"), axis, *columns), cells, note=note), class_="bars")


def _bar(row: Bar) -> Html:
    parts = [tag("line", class_="base", x1="0", x2="100%", y1=12, y2=12)]
    if row.guess is not None:
        parts.append(tag("line", class_="guess", x1=_at(row.guess), x2=_at(row.guess), y1=1, y2=23))
    if row.value is not None:
        parts.append(tag("line", class_="reach", x1=_at(row.low), x2=_at(row.high), y1=12, y2=12))
        parts.append(tag("circle", class_="dot", cx=_at(row.value), cy=12, r=5))
    return tag("svg", parts, height=24, aria_hidden="true")


def small_bar(bar: Bar, what: str) -> Html:
    """One bar with its axis, for a verdict; `what` says where its dashed line stands."""
    ends = tag("p", tag("span", percent(0, 0)), tag("span", percent(1, 0)), class_="ends small")
    line = tag("p", "dashed: ", what, class_="soft small") if bar.guess is not None else None
    return tag("div", _bar(bar), ends, line, class_="bar small-bar")


def _at(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True)
class Axis:
    """What an axis is of, with its unit; its ends; and its ticks with their texts."""

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def place(self, value: float) -> float:
        """Where a value is, in [0, 1]."""
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5


def percent_axis(label: str) -> Axis:
    """An axis of shares, from 0 to 100 %."""
    return Axis(label, 0.0, 1.0, tuple((n / 4, percent(n / 4, 0)) for n in range(5)))


def axis(label: str, values: Sequence[float], *, from_zero: bool = False, whole: bool = False) -> Axis:
    """An axis that holds all finite values, with at most five round ticks."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    low = min(low, 0.0) if from_zero else low
    step = _step((high - low) / (_MOST_TICKS - 1), whole=whole)
    first = math.ceil(low / step - 1e-9)
    ticks = [step * n for n in range(first, first + _MOST_TICKS + 1) if step * n <= high + 1e-9 * step]
    return Axis(label, low, high, tuple((tick, f"{round(tick, _DIGITS):,g}") for tick in ticks))


def _step(least: float, *, whole: bool) -> float:
    """The next round number, such as 0.25 or 20."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * nice for nice in _NICE if power * nice >= least * (1 - 1e-9))
    return max(1.0, math.ceil(step)) if whole else step


@dataclass(frozen=True)
class Line:
    """Points from left to right under a name; a colour is CSS. `ends` are those of points' intervals.

    `texts` stand beside the points.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    colour: str = "var(--accent)"
    is_dashed: bool = False
    has_dots: bool = False
    ends: tuple[tuple[float, float], ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Upright:
    """A vertical line at a value of x, and what it says."""

    x: float
    text: str


def plot(
    lines: Sequence[Line],
    x: Axis,
    y: Axis,
    *,
    uprights: Sequence[Upright] = (),
    named: bool = True,
    height: int = _HEIGHT,
) -> Html:
    """Lines over an axis, with their names at their right ends, or not `named`."""
    letters = [
        tag("span", y.label, class_="axis of-y"),
        tag("span", x.label, class_="axis of-x"),
        [_letter("y", f"top:{_at(1 - y.place(value))}", text) for value, text in y.ticks],
        [
            _letter("x odd" if n % 2 else "x", f"left:{_at(x.place(value))}", text)
            for n, (value, text) in enumerate(x.ticks)
        ],
        [_letter("at", f"left:{_at(x.place(each.x))};top:0", each.text) for each in uprights],
        [_texts(line, x, y) for line in lines if line.texts],
        _names(lines, y, height) if named else None,
    ]
    grid = [_flat(y.place(value)) for value, _ in y.ticks]
    stretched = tag(
        "svg",
        grid,
        [_curve(line, x, y) for line in lines],
        viewBox="0 0 100 100",
        preserveAspectRatio="none",
    )
    above = [_upright(x.place(each.x)) for each in uprights] + [_dots(line, x, y) for line in lines]
    return tag(
        "div",
        stretched,
        tag("svg", above),
        letters,
        class_="plot named" if named else "plot",
        style=f"height:{height}px",
    )


def _letter(kind: str, where: str, text: str) -> Html:
    return tag("span", text, class_=f"axis {kind}", style=where)


def _flat(place: float) -> Html:
    return tag("line", class_="grid", x1=0, x2=100, y1=_number(1 - place), y2=_number(1 - place))


def _upright(place: float) -> Html:
    return tag("line", class_="kept", x1=_at(place), x2=_at(place), y1="0", y2="100%")


def _number(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")


def _curve(line: Line, x: Axis, y: Axis) -> Html:
    points = " ".join(
        f"{_number(x.place(left))},{_number(1 - y.place(up))}"
        for left, up in line.points
        if math.isfinite(up)
    )
    look = f"line{' dashed' if line.is_dashed else ''}"
    return tag("polyline", points=points, class_=look, style=f"stroke:{line.colour}")


def _dots(line: Line, x: Axis, y: Axis) -> Html:
    parts: list[Html] = []
    for (left, _), (low, high) in zip(line.points, line.ends, strict=False):
        at = _at(x.place(left))
        parts.append(tag("line", class_="reach", x1=at, x2=at, y1=_up(y, low), y2=_up(y, high)))
    if line.has_dots:
        parts += [
            tag("circle", cx=_at(x.place(left)), cy=_up(y, up), r=4, style=f"fill:{line.colour}")
            for left, up in line.points
            if math.isfinite(up)
        ]
    return join(parts)


def _up(y: Axis, value: float) -> str:
    return _at(1 - y.place(value))


def _texts(line: Line, x: Axis, y: Axis) -> list[Html]:
    return [
        _letter("at", f"left:{_at(x.place(left))};top:{_up(y, up)}", text)
        for (left, up), text in zip(line.points, line.texts, strict=True)
    ]


def _names(lines: Sequence[Line], y: Axis, height: int) -> list[Html]:
    """The lines' names at their ends, moved apart where they would stand on each other."""
    least = _LINE_OF_TEXT / height
    ends = [(1 - y.place(line.points[-1][1]), line) for line in lines if line.points and line.name]
    wanted = sorted(ends, key=lambda each: each[0])
    places: list[float] = []
    for place, _ in wanted:
        places.append(max(place, places[-1] + least) if places else max(place, 0.0))
    if places and places[-1] > 1:  # too low: push them up again from below
        places[-1] = 1.0
        for n in range(len(places) - 2, -1, -1):
            places[n] = min(places[n], places[n + 1] - least)
    return [
        tag("span", name(line.name), class_="axis end", style=f"top:{_at(place)}", title=line.name)
        for place, (_, line) in zip(places, wanted, strict=True)
    ]


def key(entries: Sequence[tuple[str, bool, str]]) -> Html:
    """What solid and dashed lines are: name, whether it is dashed, colour."""
    rows = [
        tag(
            "li",
            tag(
                "svg",
                tag("line", x1="0", x2="24", y1=5, y2=5, style=f"stroke:{colour};stroke-width:2",
                    class_="dashed" if is_dashed else None),
                aria_hidden="true",
            ),
            text,
        )
        for text, is_dashed, colour in entries
    ]  # fmt: skip
    return tag("ul", rows, class_="key")
