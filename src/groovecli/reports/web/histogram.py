"""Counts as bars: a histogram that one can point at or walk through by arrows, and a table with bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from groovecli.messages.words import FEWEST_FOR_PERCENT, count, percent
from groovecli.reports.web.html import Child, Html, join, name, tag
from groovecli.reports.web.parts import Column, Table, details, table

_HEIGHT = 144  # px
_LEAST = 2  # px of a bar that isn't empty
_MOST_TICKS = 5
_EDGE = 0.12  # share of the width: half a label of 13 letters in a narrow window
_MOST_ROWS = 12


@dataclass(frozen=True)
class Counts:
    """How many songs, or files, have each of some labels.

    `identity` is a word that no other chart of the page has; `of` is "song" or "file", `unit` stands
    behind the labels.
    """

    identity: str
    noun: str
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    of: str = "song"
    unit: str = ""

    def said(self, place: int) -> str:
        """A bar in words, such as '90 to 100 BPM: 34 songs'."""
        label = f"{self.labels[place]} {self.unit}".rstrip()
        share = f", {percent(self.counts[place] / sum(self.counts), 0)}" if _has_shares(self) else ""
        return f"{label}: {count(self.counts[place], self.of)}{share}"


def histogram(given: Counts) -> Html:
    """Bars in their order, with what is pointed at in words below; its data as a table below that.

    The page needs `script()` and `style()`. Without scripts, each bar says what it is by its title.
    """
    n, most = len(given.counts), max(given.counts)
    highest = given.counts.index(most)
    bars = [_bar(given, place, n, most) for place in range(n)]
    svg = tag(
        "svg",
        bars,
        width="100%",
        height=_HEIGHT,
        role="listbox",
        tabindex="0",
        aria_label=f"{given.noun}, {count(n, 'bar')}",
        aria_describedby=f"{given.identity}-said",
    )
    said = tag("p", given.said(highest), class_="said small", id=f"{given.identity}-said", role="status")
    rows = tuple((label, n_of) for label, n_of in zip(given.labels, given.counts, strict=True))
    data = Table("", (Column(_head(given), "words"), f"{given.of}s"), rows)
    return tag(
        "figure",
        svg,
        tag("div", _ticks(given.labels), class_="ticks", aria_hidden="true"),
        said,
        details("Data as a table", table(data, label=f"{given.noun} as a table")),
        class_="histogram",
    )


def _bar(given: Counts, place: int, n: int, most: int) -> Html:
    high = given.counts[place] / most * (_HEIGHT - _LEAST) if most else 0
    high = high + _LEAST if given.counts[place] else 0
    left, width = 100 * place / n, 100 / n
    return tag(
        "g",
        tag("title", given.said(place)),
        tag("rect", class_="hit", x=f"{left:.3f}%", y=0, width=f"{width:.3f}%", height=_HEIGHT),
        tag(
            "rect",
            class_="column",
            x=f"{left + width / 20:.3f}%",
            y=f"{_HEIGHT - high:.1f}",
            width=f"{0.9 * width:.3f}%",
            height=f"{high:.1f}",
        ),
        role="option",
        id=f"{given.identity}-{place}",
        aria_selected="false",
        aria_label=given.said(place),
    )


def _ticks(labels: Sequence[str]) -> list[Html]:
    """Some of the labels, below their bars."""
    step = -(-len(labels) // _MOST_TICKS)
    return [
        tag("span", labels[place], style=_below(place, len(labels)))
        for place in range(0, len(labels), step)
    ]


def _below(place: int, n: int) -> str:
    """The middle of a bar; below the first and the last of many narrow ones up to the edge, uncut."""
    if place == 0 and n > _MOST_TICKS:
        return "left:0;transform:none"
    if n > _MOST_TICKS and place + 0.5 > n * (1 - _EDGE):
        return "right:0;transform:none"
    return f"left:{100 * (place + 0.5) / n:.2f}%"


def tally(given: Counts) -> Html:
    """Labels with bars beside them, the first ones; all of many are folded away."""
    rows = tuple(_row(given, place) for place in range(len(given.labels)))
    if len(rows) <= _MOST_ROWS + 1:
        return _tally(given, rows, given.noun)
    rest = details(f"All {len(rows)}", _tally(given, rows, f"{given.noun}, all"))
    return join(_tally(given, rows[:_MOST_ROWS], f"{given.noun}, the first {_MOST_ROWS}"), rest)


def _tally(given: Counts, rows: tuple[tuple[Child, ...], ...], label: str) -> Html:
    head = (Column(_head(given), "words"), Column(f"{given.of}s"))
    picture = Column("picture", "bar")
    columns = (*head, Column("share"), picture) if _has_shares(given) else (*head, picture)
    return table(Table("", columns, rows), label=label, class_="tally")


def _row(given: Counts, place: int) -> tuple[Child, ...]:
    n = given.counts[place]
    share = (percent(n / sum(given.counts), 0),) if _has_shares(given) else ()
    width = f"{100 * n / max(given.counts):.1f}%"
    bar = tag("rect", class_="column", width=width, height=12, y=2)
    return name(given.labels[place]), f"{n:,}", *share, tag("svg", bar, height=16, aria_hidden="true")


def _has_shares(given: Counts) -> bool:
    """Whether there are enough for per cents."""
    return sum(given.counts) >= FEWEST_FOR_PERCENT


def _head(given: Counts) -> str:
    return f"{given.noun} ({given.unit})" if given.unit else given.noun


def script() -> str:
    """What makes histograms answer to the mouse and the keyboard."""
    return _own("histogram.js")


def style() -> str:
    """How they look."""
    return _own("histogram.css")


@cache
def _own(file: str) -> str:
    return files("groovecli.reports.web").joinpath(file).read_text("utf-8").strip()
