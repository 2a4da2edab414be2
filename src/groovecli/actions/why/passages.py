"""Which seconds of two songs are most alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from groovecli.models.pieces import Pieces
from groovecli.playlists.nearest import Metric
from groovecli.playlists.proximity import distances_between

MOST = 3


@dataclass(frozen=True)
class Passage:
    """A piece of one song and a piece of the other: where they begin and end, and a piece's length (in s).

    A song that is shorter than a piece ends the piece.
    """

    one_s: float
    other_s: float
    length_s: float
    distance: float
    one_end_s: float
    other_end_s: float


def alike(one: Pieces, other: Pieces, metric: Metric) -> tuple[Passage, ...]:
    """The nearest pairs of pieces, up to `MOST`; no second of a song is in two of them."""
    distances = distances_between(one.vectors, other.vectors, metric)
    found: list[Passage] = []
    for pair in np.argsort(distances, axis=None, kind="stable").tolist():
        i, j = divmod(pair, distances.shape[1])
        passage = Passage(
            one.starts_s[i],
            other.starts_s[j],
            one.length_s,
            float(distances[i, j]),
            _end_s(one, i),
            _end_s(other, j),
        )
        if not any(_overlap(passage, each) for each in found):
            found.append(passage)
        if len(found) == MOST:
            break
    return tuple(found)


def _end_s(pieces: Pieces, number: int) -> float:
    """Where a piece ends; with its song, if that is shorter."""
    return min(pieces.starts_s[number] + pieces.length_s, pieces.track.duration_s)


def _overlap(a: Passage, b: Passage) -> bool:
    return min(abs(a.one_s - b.one_s), abs(a.other_s - b.other_s)) < a.length_s
