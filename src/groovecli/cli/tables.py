"""Tables as lines: columns that fit the screen, the least important left out where they don't."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from groovecli.cli.typesetting import n_cells, padded, shortened

KEPT = 24
"""Columns to which a name is shortened before a column is left out."""
_FEWEST = 8  # columns that are left of a name where the screen is very narrow
_HEAD = 12  # the same of the head of a column of numbers
GAP = 2
"""Columns between two of a table."""


@dataclass(frozen=True)
class Layout:
    """Cells of a table, as wide as their columns, and how many columns there was no room for.

    `columns` are the numbers of those that are shown.
    """

    columns: tuple[int, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_dropped: int
    width: int


def laid_out(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[int] = (),
    ranks: Sequence[int] | None = None,
    least: Mapping[int, int] | None = None,
    width: int | None = None,
    ellipsis: str = "…",
) -> Layout:
    """Lay out a table; the columns `right` are numbers, the others names. Empty columns are left away.

    Columns of the highest rank are left out first, those of rank 0 never; without `ranks` a column's
    number is its rank. Names are shortened to `KEPT` columns, or to what `least` says of a column, before
    one is left out for them. Without a `width` nothing is left out or shortened.
    """
    wanted = [max(map(n_cells, cells)) for cells in zip(heads, *rows, strict=True)]
    cells = [[row[n] for row in rows] for n in range(len(heads))]
    least = {n: _fewest(cells[n], wanted[n], n in right) for n in range(len(heads))} | {
        n: min(wanted[n], size) for n, size in (least or {}).items()
    }
    ranks = range(len(heads)) if ranks is None else ranks
    filled = [n for n, size in enumerate(wanted) if size]
    shown = list(filled)
    while width is not None and _total([least[n] for n in shown]) > width:
        number = max(shown, key=lambda n: (ranks[n], n))
        if not ranks[number] or len(shown) == 1:
            break
        shown.remove(number)
    widths = _fitted([wanted[n] for n in shown], [least[n] for n in shown], width)

    def line(cells: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            padded(shortened(cells[n], size, ellipsis), size, right=n in right)
            for n, size in zip(shown, widths, strict=True)
        )

    lines = tuple(map(line, rows))
    return Layout(tuple(shown), line(heads), lines, len(filled) - len(shown), _total(widths))


def _fewest(cells: Sequence[str], wanted: int, is_number: bool) -> int:
    """The columns that a column of a table needs, before another is left out for it."""
    if is_number:
        return max([min(wanted, _HEAD), *map(n_cells, cells)])
    return min(wanted, KEPT)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _fitted(wanted: Sequence[int], least: Sequence[int], width: int | None) -> list[int]:
    """Widths that fit, if there are any: what is widest gives way first."""
    widths = list(wanted)
    if width is None:
        return widths
    for floors in (least, [min(n, _FEWEST) for n in least], [1] * len(least)):
        while (over := _total(widths) - width) > 0:
            can = [n for n, floor in enumerate(floors) if widths[n] > floor]
            if not can:
                break
            widest = max(can, key=lambda n: widths[n])
            next_width = max((widths[n] for n in can if widths[n] < widths[widest]), default=0)
            widths[widest] = max(floors[widest], next_width, widths[widest] - over)
    return widths
