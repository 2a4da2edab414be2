"""How far two ways of grouping songs agree: playlists with genres, playlists with those of another run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.evaluation.health.nearby import Numbers
from groovecli.evaluation.metrics import Interval

Floats = NDArray[np.float64]
_BLOCKS = 200  # of artists, each left out once
_Z = 1.959964


@dataclass(frozen=True)
class Agreement:
    """How far playlists and genres are the same groups of songs.

    nmi, ari : Interval
        Normalised mutual information: 0 where they have nothing to do with each other, 1 where they are
        the same. Adjusted Rand index: the same of pairs of songs, and 0 is what chance gives. 95 %, by
        jackknife over artists: a resample repeats songs, which would raise the first of the two.
    n_songs, n_genres : int
        With a genre.
    """

    nmi: Interval
    ari: Interval
    n_songs: int
    n_genres: int


def agreement(playlists: Numbers, genres: Numbers, artists: Numbers, *, seed: int = 0) -> Agreement | None:
    """Compare the playlist of each song with its genre, negative where there is none.

    None where there are less than two genres.
    """
    there = (playlists >= 0) & (genres >= 0)
    rows = np.unique(playlists[there], return_inverse=True)[1]
    columns = np.unique(genres[there], return_inverse=True)[1]
    if not there.any() or columns.max() < 1:
        return None
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    blocks = _blocks(artists[there], seed)
    whole = _table(rows, columns, shape)
    figures = []
    for block in range(int(blocks.max()) + 1):
        out = blocks == block
        left = whole - _table(rows[out], columns[out], shape)
        if left.sum() > 1:
            figures.append((_nmi(left), _ari(left)))
    nmi, ari = np.array(figures).T if figures else (np.zeros(0), np.zeros(0))
    found = _jackknife(_nmi(whole), nmi, 0.0), _jackknife(_ari(whole), ari, -1.0)
    return Agreement(*found, n_songs=int(there.sum()), n_genres=shape[1])


def same_groups(one: Numbers, other: Numbers) -> float:
    """The adjusted Rand index of two ways of grouping songs."""
    rows, columns = (np.unique(each, return_inverse=True)[1] for each in (one, other))
    return _ari(_table(rows, columns, (int(rows.max()) + 1, int(columns.max()) + 1)))


def _blocks(artists: Numbers, seed: int) -> Numbers:
    """Whole artists in at most so many blocks, drawn at random."""
    number = np.unique(artists, return_inverse=True)[1]
    n = int(number.max()) + 1
    block: Numbers = np.random.default_rng(seed).permutation(n)[number] % min(n, _BLOCKS)
    return block


def _jackknife(whole: float, without: Floats, least: float) -> Interval:
    n = len(without)
    spread = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())) if n > 1 else 0.0
    return Interval(whole, max(whole - _Z * spread, least), min(whole + _Z * spread, 1.0))


def _table(rows: Numbers, columns: Numbers, shape: tuple[int, int]) -> Floats:
    counts = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.float64)


def _nmi(table: Floats) -> float:
    n = table.sum()
    rows, columns = _entropy(table.sum(axis=1) / n), _entropy(table.sum(axis=0) / n)
    if rows + columns == 0:
        return 1.0
    return float(np.clip(2 * (rows + columns - _entropy(table.ravel() / n)) / (rows + columns), 0, 1))


def _entropy(shares: Floats) -> float:
    there = shares[shares > 0]
    return float(-(there * np.log(there)).sum())


def _ari(table: Floats) -> float:
    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    every = pairs(table.sum(keepdims=True))
    by_chance = rows * columns / every if every else 0.0
    most = (rows + columns) / 2
    return (both - by_chance) / (most - by_chance) if most != by_chance else 1.0
