"""A way from one song to another through songs that lie between them, in steps as even as they can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SLACKS = (1.0, 2.0, 4.0, np.inf)  # steps that a song may be off its place on the way, the first that do


@dataclass(frozen=True)
class Stop:
    """A song that the way may go through; nobody stands for an artist without a name."""

    place: int
    artist: str


def journey(
    steps: Floats, progress: Floats, stops: Sequence[Stop], n: int, *, per_artist: int = 2
) -> tuple[int, ...]:
    """Choose n - 2 of some songs in order, so that the way from the first song to the last is smooth.

    The sum of the squared steps is least: few long steps cost more than many short ones. The way only
    goes on, so that no song comes a second time.

    Parameters
    ----------
    steps : np.ndarray [shape=(m, m), dtype=float64]
        How far each song is from each.
    progress : np.ndarray [shape=(m,), dtype=float64]
        How far along the way each is: 0 at the first song, 1 at the last.
    stops : sequence of Stop
        The m songs; the first one begins the way, the last one ends it.
    n : int >= 2
        Songs of the way, both ends included.

    Returns
    -------
    way : tuple of int
        Numbers of songs, from 0 to m - 1; fewer than n where there are not enough songs that fit.
    """
    is_free = np.ones(len(stops), bool)
    while n > 2:
        ways = (_way(steps, progress, is_free, n, slack) for slack in _SLACKS)
        way = next((way for way in ways if way is not None), None)
        if way is None:
            n -= 1
            continue
        too_many = _too_many(way, stops, steps, per_artist)
        if too_many is None:
            return way
        is_free[too_many] = False
    return (0, len(stops) - 1)


def _way(
    steps: Floats, progress: Floats, is_free: NDArray[np.bool_], n: int, slack: float
) -> tuple[int, ...] | None:
    """The cheapest way of n songs, none farther off its place than `slack` steps; None without one."""
    last, due = len(steps) - 1, np.arange(n) / (n - 1)
    costs = np.where(progress[:, None] < progress[None], steps**2, np.inf)  # from row to column
    total = np.where(np.arange(last + 1) == 0, 0.0, np.inf)
    before: list[NDArray[np.intp]] = []
    for step in range(1, n):
        is_last = step == n - 1
        fits = is_free & (np.abs(progress - due[step]) <= slack / (n - 1))
        fits[[0, last]] = False
        if is_last:
            fits[:], fits[last] = False, True
        sums = total[:, None] + costs
        before.append(sums.argmin(axis=0))
        total = np.where(fits, sums.min(axis=0), np.inf)
    if not np.isfinite(total[last]):
        return None
    way = [last]
    for origin in reversed(before):
        way.append(int(origin[way[-1]]))
    return tuple(reversed(way))


def _too_many(way: Sequence[int], stops: Sequence[Stop], steps: Floats, per_artist: int) -> int | None:
    """The song of a way that has to go: one too many of an artist."""
    artists = Counter(stops[i].artist for i in way if stops[i].artist)
    bad = [n for n in range(1, len(way) - 1) if artists[stops[way[n]].artist] > per_artist]
    if not bad:
        return None
    return way[max(bad, key=lambda i: steps[way[i - 1], way[i]] + steps[way[i], way[i + 1]])]
