"""The songs that a model has listened to, as the catalogue has them: found by number, read when needed."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.library.answers import VectorRows, are_sound
from groovecli.library.catalog import Catalog
from groovecli.library.known import track_of
from groovecli.library.tracks import Track

_FILES = (
    "SELECT track, path, size, mtime_ns, id, duration_s, tags FROM files JOIN tracks ON track = n"
    " WHERE track IN (SELECT value FROM json_each(?)) ORDER BY path"
)
_WITHOUT_ARTIST = (
    "SELECT track, path, json_extract(tags, '$.title') FROM files"
    " WHERE tags IS NULL OR json_extract(tags, '$.artist') IS NULL"
)
_ARTISTS = (
    "SELECT track, json_extract(tags, '$.artist'), json_extract(tags, '$.album_artist') FROM files"
    " WHERE tags IS NOT NULL"
)


@dataclass(frozen=True)
class Heard:
    """Songs with the vectors that a model gave them.

    numbers : np.ndarray [shape=(n,), dtype=int64]
        The catalogue's numbers of the songs.
    rows : VectorRows
        Their vectors, in the same order.
    checksums : np.ndarray [shape=(n,), dtype=int64]
        What the vectors' should be.
    damaged : set of int
        The numbers of songs whose vectors were found to be damaged, here or left out.
    """

    catalog: Catalog
    numbers: NDArray[np.int64]
    rows: VectorRows
    checksums: NDArray[np.int64]
    damaged: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.numbers)

    def files(self, places: Sequence[int]) -> list[tuple[Track, ...]]:
        """The known files of some songs, by their places here; read from the catalogue now."""
        wanted = [int(self.numbers[place]) for place in places]
        found: dict[int, list[Track]] = defaultdict(list)
        for number, *row in self.catalog.rows(_FILES, json.dumps(wanted)):
            found[number].append(track_of(tuple(row)))
        return [tuple(found[number]) for number in wanted]

    def are_sound(self, places: Sequence[int]) -> NDArray[np.bool_]:
        """Which of some songs, by their places, have the vector that was written; notes the others."""
        wanted = np.asarray(places, np.intp)
        sums = np.array(self.rows.matrix.checksums(self.rows.places[wanted]), np.int64)
        found: NDArray[np.bool_] = sums == self.checksums[wanted]
        self.damaged.update(self.numbers[wanted[~found]].tolist())
        return found

    def artists(self) -> dict[str, list[int]]:
        """The artists in the tags of all files, each with the numbers of its songs."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, artist, of_album in self.catalog.rows(_ARTISTS):
            for name in {artist, of_album} - {None}:
                found[name].append(number)
        return found

    def without_artist(self) -> Iterator[tuple[int, Path, str]]:
        """The files without an artist in their tags: the number of the song, where it is, its title."""
        for number, path, title in self.catalog.rows(_WITHOUT_ARTIST):
            if number is not None:
                yield number, Path(os.fsdecode(path)), title or ""

    def only(self, ids: Sequence[str]) -> Heard:
        """Those of some track ids."""
        rows = self.catalog.rows(
            "SELECT n FROM tracks WHERE id IN (SELECT value FROM json_each(?))", json.dumps(list(ids))
        )
        wanted = {row[0] for row in rows}
        there = np.flatnonzero(np.isin(self.numbers, np.array(list(wanted), np.int64)))
        damaged = self.damaged & wanted
        return Heard(
            self.catalog, self.numbers[there], self.rows.only(there), self.checksums[there], damaged
        )

    def places_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Where songs are here, by track id, for those that are."""
        rows = self.catalog.rows(
            "SELECT n, id FROM tracks WHERE id IN (SELECT value FROM json_each(?))", json.dumps(list(ids))
        )
        of_number = {int(number): place for place, number in enumerate(self.numbers.tolist())}
        return {track: of_number[number] for number, track in rows if number in of_number}


def heard_by(catalog: Catalog, model: str) -> Heard | None:
    """All songs that have files and a vector of a model, by the key of its answers; None without any.

    Those with a vector that is damaged, as far as `are_sound` sees it, are left out and noted.
    """
    matrix = catalog.matrix(model)
    if matrix is None:
        return None
    rows = catalog.rows(
        "SELECT track, max(place), exponent, crc FROM answers"
        " WHERE matrix = (SELECT n FROM matrices WHERE model = ?)"
        " AND EXISTS (SELECT 1 FROM files WHERE files.track = answers.track)"
        " GROUP BY track ORDER BY place",
        model,
    )
    if not rows:
        return None
    numbers, places, exponents, checksums = np.array(rows, np.int64).T
    sound = are_sound(matrix, places, checksums)
    vectors = VectorRows(matrix, places[sound], exponents[sound])
    return Heard(catalog, numbers[sound], vectors, checksums[sound], set(numbers[~sound].tolist()))
