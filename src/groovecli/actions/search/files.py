"""The years and moods in the tags of files, which the catalogue has not: read when words ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.similar.opened import Opened
from groovecli.library.tracks import reachable

MOST_READ = 1000
"""Files whose tags are read for years and moods: those of the songs that fit all other words best."""


@dataclass(frozen=True)
class FileTags:
    """What was read of some songs, by place.

    years : np.ndarray [shape=(n,)], of all songs; NaN where none was read
    """

    years: NDArray[np.float64]
    moods: dict[int, tuple[str, ...]]
    n_read: int


def read_files(opened: Opened, places: Iterable[int]) -> FileTags:
    """Read the year and the moods of songs; a file that is gone has none."""
    some = list(places)[:MOST_READ]
    from groovecli.audio.moods import read_moods  # with mutagen and PyAV
    from groovecli.audio.year import read_year

    years, moods, n_read = np.full(len(opened), np.nan), {}, 0
    for place, files in zip(some, opened.files(some), strict=True):
        if not files:
            continue
        path = reachable(files).path
        n_read += 1
        years[place] = read_year(path) or np.nan
        moods[place] = read_moods(path)
    return FileTags(years, moods, n_read)
