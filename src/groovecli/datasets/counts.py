"""How many songs and clips a dataset has, by genre and side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from groovecli.datasets.dataset import Dataset


@dataclass(frozen=True)
class GenreCount:
    """Songs and clips of a genre by side."""

    songs: Mapping[str, int]
    clips: Mapping[str, int]


def counted(dataset: Dataset) -> dict[str, GenreCount]:
    """Songs and usable clips of a dataset by genre and side."""
    tables = dataset.tables
    found = tables.n_usable()
    sides = ("train", "validation", "test") if tables.has_side("validation") else ("train", "test")
    n = {(genre, side): found.get((genre, side), (0, 0)) for genre in tables.genres() for side in sides}
    return {
        genre: GenreCount(
            songs={side: n[genre, side][0] for side in sides},
            clips={side: n[genre, side][1] for side in sides},
        )
        for genre in sorted(tables.genres())
    }
