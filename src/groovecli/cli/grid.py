"""Tables on stdout: with a head, without one, and as names with what is said of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TextIO

from groovecli.cli import screen
from groovecli.cli.sentences import put, say, shown
from groovecli.cli.tables import GAP, Layout, laid_out
from groovecli.cli.typesetting import n_cells, padded, wrapped
from groovecli.messages import words

WHOLE = 10**6
"""The least width of a column that is left out before it is shortened."""
PATH = "path"
"""The style of a path: its folder is dim."""
UNIT = "unit"
"""The style of a number with its unit, which is dim."""
_INDENT = 2
_MAX_NAME = 24


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    left: int = 1,
    ranks: Sequence[int] | None = None,
    least: Mapping[int, int] | None = None,
) -> None:
    """Print a table: the first `left` columns are text, the others numbers.

    On a terminal names are shortened in their middle, then columns are left out, those of the highest of
    `ranks` first, those of rank 0 never; without ranks the last columns go first, and the first stays.
    `least` says of a column to how many letters its names are shortened at first.
    """
    stream = sys.stdout
    if title:
        say(title, stream, style="bold")
    layout = _laid_out(columns, rows, range(left, len(columns)), ranks, least)
    put(screen.painted(_joined(layout.head), "bold", stream), stream)
    put(screen.painted(_rule(stream) * layout.width, "dim", stream), stream)
    for row in layout.rows:
        put(_joined(row), stream)
    more_columns(layout.n_dropped)
    put("", stream)


def aligned(
    rows: Iterable[Sequence[object]],
    *,
    ranks: Sequence[int],
    styles: Sequence[str],
    right: Collection[int] = (),
    least: Mapping[int, int] | None = None,
) -> None:
    """Print rows without a head, indented; each column has a style, or `PATH` or `UNIT`. See `table`."""
    stream = sys.stdout
    layout = _laid_out([""] * len(styles), rows, right, ranks, least, indent=_INDENT)
    for row in layout.rows:
        cells = [*row[:-1], row[-1].rstrip()]
        styled = [_styled(cell, styles[n], stream) for n, cell in zip(layout.columns, cells, strict=True)]
        put(" " * _INDENT + _joined(styled), stream)
    more_columns(layout.n_dropped)


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names, and behind each what is said of it: sentences, which wrap and are never cut."""
    stream = sys.stdout
    safe = [(shown(name), shown(value)) for name, value in pairs]
    room = screen.line_width(stream)
    width = min(max((n_cells(name) for name, _ in safe), default=0), _MAX_NAME if room else WHOLE)
    for name, value in safe:
        _field(name, value, width, room, stream)


def _field(name: str, value: str, width: int, room: int | None, stream: TextIO) -> None:
    """Print a name and its value beside it, or below it where there is no room beside it."""
    before = width + GAP
    if room and (n_cells(name) > width or room - before < screen.MIN_WIDTH):
        put(screen.painted(name, "bold", stream), stream)
        name, before = "", _INDENT
    for line in wrapped(value, room and room - before, hanging=0):
        put(f"{screen.painted(padded(name, before), 'bold', stream)}{line}".rstrip(), stream)
        name = ""


def more_columns(n: int) -> None:
    """Say how many columns a screen has no room for, if there are any, and where they are."""
    if n:
        put(screen.painted(f"+{words.count(n, 'column')}: --wide or --json", "dim", sys.stdout), sys.stdout)


def _laid_out(
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Collection[int],
    ranks: Sequence[int] | None,
    least: Mapping[int, int] | None,
    indent: int = 0,
) -> Layout:
    stream = sys.stdout
    columns = None if screen.is_wide() else screen.width(stream)
    return laid_out(
        [shown(head) for head in heads],
        [[shown(cell) for cell in row] for row in rows],
        right=right,
        ranks=ranks,
        least=least,
        width=columns and columns - indent,
        ellipsis=screen.ellipsis(stream),
    )


def _joined(cells: Sequence[str]) -> str:
    return (" " * GAP).join(cells).rstrip()


def _rule(stream: TextIO) -> str:
    return "─" if screen.can_show("─", stream) else "-"


def _styled(cell: str, style: str, stream: TextIO) -> str:
    if style == PATH:
        folder, slash, name = cell.rpartition(os.sep)
        return screen.painted(folder + slash, "dim", stream) + name
    if style == UNIT:
        number, space, unit = cell.rpartition(" ")
        return number + space + screen.painted(unit, "dim", stream)
    return screen.painted(cell, style, stream)
