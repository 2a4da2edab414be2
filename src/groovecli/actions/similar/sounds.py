"""Songs of a list by their sound: which would be a recording that the list has already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from groovecli.actions.context import Context
from groovecli.actions.once import compared
from groovecli.library.recordings import AS_LONG_S, Kind
from groovecli.library.tracks import Track
from groovecli.monitor import SILENT
from groovecli.playlists.picks import Placed
from groovecli.playlists.proximity import Floats, unit
from groovecli.playlists.repeats import Limits
from groovecli.playlists.rows import Rows


class Sounds:
    """The songs of a list, and whether another one is one of them, encoded or tagged differently.

    Only songs that are about as long and near in sound are read, to compare their fingerprints.

    Parameters
    ----------
    rows : (n, d)
        The vectors that a pick's place is a number of.
    """

    def __init__(self, rows: Rows, context: Context) -> None:
        self._rows, self._context = rows, replace(context, jobs=1, monitor=SILENT)
        self._tracks: list[Track] = []
        self._vectors: list[Floats] = []

    def know(self, tracks: Iterable[Track], vectors: Floats) -> None:
        """Add songs; vectors of any length [shape=(n, d)]."""
        self._tracks += tracks
        self._vectors += list(unit(vectors))

    def has(self, pick: Placed) -> bool:
        """Whether a song is one of them; if not, it is added."""
        (vector,) = vectors = unit(self._rows[np.array([pick.place])])
        if self.like(pick.track, vector):
            return True
        self.know([pick.track], vectors)
        return False

    def like(self, track: Track, vector: Floats) -> bool:
        """Whether a song is a recording or a version of a song that is among them."""
        return bool(self.kinds(track, vector))

    def kinds(self, track: Track, vector: Floats) -> frozenset[Kind]:
        """What a song is of those that are among them: the same recording, a version of a song."""
        near = [
            i
            for i, other in enumerate(self._tracks)
            if abs(other.duration_s - track.duration_s) <= AS_LONG_S
            and 1 - float(self._vectors[i] @ vector) <= Limits().near
        ]
        if not near:
            return frozenset()
        tracks = [track, *(self._tracks[i] for i in near)]
        vectors = np.array([vector, *(self._vectors[i] for i in near)], np.float32)
        found = compared(tracks, vectors, self._context).alike
        return frozenset(pair.kind for pair in found if 0 in (pair.first, pair.second))
