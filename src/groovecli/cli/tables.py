"""Tables as lines: columns that fit the screen, the least important left out where they don't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groovecli.cli.typesetting import n_cells, padded, shortened

KEPT = 24
"""Columns to which a name is shortened before a column is left out."""
_FEWEST = 8  # columns that are left of a name where the screen is very narrow
_HEAD = 12  # the same of the head of a column of numbers
_GAP = 2


@dataclass(frozen=True)
class Layout:
    """Lines of a table: the head, the rows, and how many columns there was no room for."""

    head: str
    rows: tuple[str, ...]
    n_dropped: int
    width: int


def laid_out(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    n_left: int = 1,
    ranks: Sequence[int] | None = None,
    width: int | None = None,
    ellipsis: str = "…",
) -> Layout:
    """Lay out a table; the first `n_left` columns are text, the others numbers.

    Columns of the highest rank are left out first, those of rank 0 never; without `ranks` a column's
    number is its rank. Without a `width` nothing is left out or shortened.
    """
    wanted = [max(map(n_cells, cells)) for cells in zip(heads, *rows, strict=True)]
    least = [_least(number < n_left, wanted[number], rows, number) for number in range(len(heads))]
    shown = list(range(len(heads)))
    ranks = list(range(len(heads))) if ranks is None else ranks
    while width is not None and _total([least[n] for n in shown]) > width:
        number = max(shown, key=lambda n: (ranks[n], n))
        if not ranks[number] or len(shown) == 1:
            break
        shown.remove(number)
    widths = _fitted([wanted[n] for n in shown], [least[n] for n in shown], width)

    def line(cells: Sequence[str]) -> str:
        parts = (
            padded(shortened(cells[n], size, ellipsis), size, right=n >= n_left)
            for n, size in zip(shown, widths, strict=True)
        )
        return (" " * _GAP).join(parts).rstrip()

    return Layout(line(heads), tuple(map(line, rows)), len(heads) - len(shown), _total(widths))


def _least(is_text: bool, wanted: int, rows: Sequence[Sequence[str]], number: int) -> int:
    """The columns that a column of a table needs, before another is left out for it."""
    if is_text:
        return min(wanted, KEPT)
    return max([min(wanted, _HEAD), *(n_cells(row[number]) for row in rows)])


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


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
