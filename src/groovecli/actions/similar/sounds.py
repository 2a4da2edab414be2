"""Songs of a list by their sound: which would be a recording that the list has already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

import numpy as np

from groovecli.actions.context import Context
from groovecli.actions.once import compared
from groovecli.library.recordings import AS_LONG_S, Kind
from groovecli.library.titles import song_key
from groovecli.library.tracks import Track
from groovecli.monitor import SILENT
from groovecli.playlists.picks import Placed
from groovecli.playlists.proximity import Floats, unit
from groovecli.playlists.repeats import Limits, limits_for
from groovecli.playlists.rows import Rows


class Sounds:
    """The songs of a list, and whether another one is one of them, encoded or tagged differently.

    As `groove duplicates` has it: of one title and near in sound, or with like fingerprints. Only songs
    about as long, and near in sound or of one title, are read to compare their fingerprints.

    Parameters
    ----------
    rows : (n, d)
        The vectors that a pick's place is a number of.
    """

    def __init__(self, rows: Rows, context: Context) -> None:
        self._rows, self._context = rows, replace(context, jobs=1, monitor=SILENT)
        self._tracks: list[Track] = []
        self._vectors: list[Floats] = []
        self._keys: list[tuple[str, str] | None] = []

    def know(self, tracks: Iterable[Track], vectors: Floats) -> None:
        """Add songs; vectors of any length [shape=(n, d)]."""
        new = tuple(tracks)
        self._tracks += new
        self._keys += [song_key(track.tags) for track in new]
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
        near = self._near(track, vector)
        if not near:
            return frozenset()
        tracks = [track, *(self._tracks[i] for i in near)]
        vectors = np.array([vector, *(self._vectors[i] for i in near)], np.float32)
        found = compared(tracks, vectors, self._context, self._limits).alike
        return frozenset(pair.kind for pair in found if 0 in (pair.first, pair.second))

    def _near(self, track: Track, vector: Floats) -> list[int]:
        """Which to compare a song with: those as long, near or of its title; those of its title, and near.

        By the widest limits: `compared` has those of the library.
        """
        key, widest, found = song_key(track.tags), Limits(), []
        for i, other in enumerate(self._tracks):
            is_as_long = abs(other.duration_s - track.duration_s) <= AS_LONG_S
            is_same_title = key is not None and self._keys[i] == key
            if not (is_as_long or is_same_title):
                continue
            limit = widest.near if is_as_long else widest.same_sound
            if (is_as_long and is_same_title) or 1 - float(self._vectors[i] @ vector) <= limit:
                found.append(i)
        return found

    @cached_property
    def _limits(self) -> Limits:
        """How near songs of the library have to be to count as one."""
        return limits_for(self._rows)
