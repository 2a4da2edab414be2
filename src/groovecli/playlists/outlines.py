"""Outlines around most songs of a group on a map, and where its name stands: in each piece of some size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CELLS = 128  # on each side of the map
_SMOOTH = 2.5  # cells, at least; in small libraries nearly as far as songs are from each other
_OF_SPACING = 0.5
_INSIDE = 0.75  # share of the songs that are to be inside
_LEAST = 0.08  # share of the songs in the smallest outline
_NAMED = 0.15  # and in the smallest piece that has a name of its own


Spot = tuple[float, float]


def outlines(places: Floats, members: NDArray[np.intp]) -> tuple[tuple[Floats, ...], tuple[Spot, ...]]:
    """Outlines [shape=(m, 2)] around where most members are, and the densest spots of the pieces.

    The piece with most members comes first; small ones have no spot, but the first always has.

    Parameters
    ----------
    places : np.ndarray [shape=(n, 2)]
        Of all songs.
    members : np.ndarray
        The rows of the group's songs, at least one.
    """
    from contourpy import LineType, contour_generator
    from scipy.ndimage import gaussian_filter

    low, span = places.min(axis=0), max(float(np.ptp(places, axis=0).max()), 1e-9)
    step = span / _CELLS
    smooth = max(_SMOOTH, _OF_SPACING * _CELLS / len(places) ** 0.5) if len(members) > 1 else _SMOOTH
    margin = round(4 * smooth)
    size = _CELLS + 2 * margin + 1
    cells = np.rint((places[members] - low) / step).astype(np.intp) + margin
    counts = np.zeros((size, size))
    np.add.at(counts, (cells[:, 1], cells[:, 0]), 1.0)
    density = gaussian_filter(counts, smooth, mode="constant")
    own = density[cells[:, 1], cells[:, 0]]
    level = float(np.quantile(own, 1 - _INSIDE)) * 0.6
    lines: Any = contour_generator(z=density, line_type=LineType.Separate).lines(level)
    rings = tuple(
        (line - margin) * step + low for line in lines if _inside(line, cells) >= _LEAST * len(members)
    )
    spots = ((np.array(spot) - margin) * step + low for spot in _spots(density, level, cells))
    return rings, tuple((float(x), float(y)) for x, y in spots)


def _spots(density: Floats, level: float, cells: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Column and row of the densest cell of each piece above a level, from the piece with most cells."""
    from scipy.ndimage import label

    pieces, n_pieces = label(density >= level)
    counts = np.bincount(pieces[cells[:, 1], cells[:, 0]], minlength=n_pieces + 1)
    counts[0] = 0
    order = np.argsort(-counts, kind="stable")
    for place, piece in enumerate(order.tolist()):
        if place and counts[piece] < _NAMED * len(cells):
            return
        inside = np.where(pieces == piece, density, -1.0)
        row, column = np.unravel_index(int(inside.argmax()), density.shape)
        yield int(column), int(row)


def _inside(ring: Floats, cells: NDArray[np.intp]) -> int:
    """How many cells are inside a closed line."""
    inside = np.zeros(len(cells), bool)
    x, y = cells.T
    for (ax, ay), (bx, by) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if ay != by:
            crosses = (ay > y) != (by > y)
            inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return int(inside.sum())
