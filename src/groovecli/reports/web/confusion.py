"""Which genres are mixed up, as a table whose counts open the songs behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.reports.web.frame import own_file
from groovecli.reports.web.html import Html, join, name, tag
from groovecli.reports.web.parts import region

_PANEL = "behind"
_PRESS = " Press a count for its songs."
_MANY = 20  # genres, from which those that are mixed up stand together


def order(counts: NDArray[np.int64]) -> list[int]:
    """Rows from the one with most songs down; of many, those that are mixed up beside each other."""
    by_songs = np.argsort(-counts.sum(axis=1), kind="stable")
    if len(counts) <= _MANY:
        return [int(row) for row in by_songs]
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    apart = 1 - (shares + shares.T) / 2
    np.fill_diagonal(apart, 0)
    distances = squareform(apart, checks=False)
    return [
        int(row) for row in leaves_list(optimal_leaf_ordering(linkage(distances, "average"), distances))
    ]


def confusion(genres: Sequence[str], counts: NDArray[np.int64], *, has_songs: bool = True) -> Html:
    """True genres down, guesses across; a count's shade is its share of its row.

    The page has to have `scripts()`, `styles()` and the values of `judged_data`; without songs, counts are
    counts alone.
    """
    rows = order(counts)
    head = [tag("th", name(genres[column]), scope="col", class_="at") for column in rows]
    corner = tag("th", "true genre ↓, named →", scope="col")
    songs = tag("th", "songs", scope="col", class_="num")
    body = [_row(genres, counts, row, rows) for row in rows]
    whole = tag(
        "table",
        tag("caption", f"Counts are songs; outlined: right.{_PRESS if has_songs else ''}"),
        tag("thead", tag("tr", corner, head, songs)),
        tag("tbody", body),
        class_="confusion",
        data_panel=_PANEL if has_songs else None,
        data_order=" ".join(map(str, rows)) if has_songs else None,
    )
    panel = tag(
        "div",
        tag("h3", tabindex="-1"),
        tag("ol"),
        tag("p", class_="soft"),
        id=_PANEL,
        class_="behind",
        hidden=True,
    )
    return join(region("genres mixed up", whole), panel if has_songs else None)


def _row(genres: Sequence[str], counts: NDArray[np.int64], row: int, columns: list[int]) -> Html:
    n_songs = int(counts[row].sum())
    cells = [_cell(int(counts[row, column]), n_songs, row == column) for column in columns]
    head = tag("th", name(genres[row]), scope="row")
    return tag("tr", head, cells, tag("td", n_songs, class_="num"))


def _cell(n: int, n_songs: int, is_right: bool) -> Html:
    """Short, as there may be thousands; the page's script makes a count a button and says of what."""
    look = "right" if is_right else None
    if not n:
        return tag("td", class_=look)
    return tag("td", n, class_=look, style=f"--p:{100 * n / n_songs:.0f}")


def judged_data(songs: Sequence[dict[str, Any]], genres: Sequence[str]) -> dict[str, Any]:
    """For `Frame.data["judged"]`: songs with n, p, t and g (numbers of genres) and c (per cent)."""
    return {"songs": list(songs), "genres": list(genres)}


def scripts() -> tuple[str, ...]:
    """What makes the counts open their songs."""
    return (own_file("confusion.js"),)


def styles() -> str:
    """How the table looks."""
    return own_file("confusion.css")
