"""What pages are made of: tables, regions that scroll, details, pictures with their data, legends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from groovecli.reports.colours import N_COLOURS, OTHERS, SHAPES, Scheme
from groovecli.reports.web.html import Child, Html, join, name, tag

_CLASSES = {"number": "num", "words": "words", "bar": "bar"}
_LONGEST_LABEL = 150  # letters that are read aloud before somebody loses patience


@dataclass(frozen=True)
class Column:
    """The head of a column of figures, which stand on the right, of words, or of bars."""

    name: Child
    kind: Literal["number", "words", "bar"] = "number"


@dataclass(frozen=True)
class Table:
    """Rows under columns; the first cell of each names the row. A title that is "" is not shown.

    A column that is a str is one of figures, but for the first. `note` stands below.
    """

    title: str
    columns: tuple[Column | str, ...]
    rows: tuple[tuple[Child, ...], ...]
    note: str = ""


def table(given: Table, *, label: str = "", class_: str | None = None) -> Html:
    """A table in a region that scrolls where it is too wide; `label` names it where it has no title."""
    columns = [
        Column(column, "number" if number else "words") if isinstance(column, str) else column
        for number, column in enumerate(given.columns)
    ]
    kinds = [_CLASSES[column.kind] for column in columns]
    head = [tag("th", col.name, scope="col", class_=kind) for col, kind in zip(columns, kinds, strict=True)]
    body = [_row(cells, kinds) for cells in given.rows]
    caption = tag("caption", given.title) if given.title else None
    whole = tag("table", caption, tag("thead", tag("tr", head)), tag("tbody", body), class_=class_)
    note = tag("p", given.note, class_="soft small") if given.note else None
    return join(region(given.title or label, whole), note)


def _row(cells: tuple[Child, ...], kinds: list[str]) -> Html:
    first, *others = cells
    return tag(
        "tr",
        tag("th", first, scope="row", class_=kinds[0]),
        [tag("td", cell, class_=kind) for cell, kind in zip(others, kinds[1:], strict=True)],
    )


def region(label: str, *children: Child) -> Html:
    """What scrolls sideways where it is too wide: reached by the keyboard, with a shade at its edge."""
    inner = tag("div", *children, class_="scroll", role="region", tabindex="0", aria_label=label or "table")
    return tag("div", inner, class_="wide")


def details(summary: str, *children: Child, is_open: bool = False) -> Html:
    """What is folded away until somebody asks; print shows it."""
    return tag("details", tag("summary", summary), *children, open=is_open)


def figure(picture: Child, *, label: str, caption: Child = None, data: Table | None = None) -> Html:
    """A picture: what it shows, to be read aloud; below it how to read it, and its data as a table.

    The picture itself is hidden from who can't see it: nothing in it can be focused.
    """
    short = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
    shown = tag("div", tag("div", picture, aria_hidden="true"), role="img", aria_label=short)
    below = tag("figcaption", caption, class_="soft") if caption else None
    as_table = details("Data as a table", table(data, label=short)) if data and data.rows else None
    return tag("figure", shown, below, as_table)


def mark(scheme: Scheme, genre: str) -> Html:
    """A genre's shape in its colour; its name stands beside it."""
    number = scheme.number(genre)
    shape = tag("use", href=f"#shape-{scheme.shape(genre)}")
    return tag(
        "svg",
        shape,
        class_=f"mark {'gx' if number is None else f'g{number}'}",
        viewBox="-7 -7 14 14",
        aria_hidden="true",
    )


def legend(scheme: Scheme, *, has_others: bool = False) -> Html:
    """All genres that have a colour, and the others where there are some."""
    names = sorted(scheme.numbers, key=lambda genre: scheme.numbers[genre])
    names += [OTHERS] if has_others else []
    return tag("ul", [tag("li", mark(scheme, each), name(each)) for each in names], class_="legend")


def shapes() -> Html:
    """The shapes that all of a page's pictures use: `<use href="#shape-circle">`."""
    outlines = [tag("path", id=f"shape-{shape}", d=path) for shape, path in SHAPES.items()]
    return tag("svg", tag("defs", outlines), width=0, height=0, class_="shapes", aria_hidden="true")


def shape_style() -> str:
    """The colours of shapes, and of dots of them."""
    rules = [f".g{number}{{--g:var(--g{number})}}" for number in range(N_COLOURS)]
    return "".join(rules) + ".gx{--g:var(--other)}"
