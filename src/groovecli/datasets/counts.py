"""How many songs and clips a dataset has, by genre and side."""

from __future__ import annotations

from collections import Counter, defaultdict
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
    n_clips: dict[str, Counter[str]] = defaultdict(Counter)
    with_clips: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    has_validation = any(item.side == "validation" for item in dataset.clips)
    sides = ("train", "validation", "test") if has_validation else ("train", "test")
    for item in dataset.clips:
        if item.problem is None:
            genre = dataset.songs[item.clip.track_id].genre
            n_clips[genre][item.side] += 1
            with_clips[genre][item.side].add(item.clip.track_id)
    genres = sorted({song.genre for song in dataset.songs.values()})
    return {
        genre: GenreCount(
            songs={side: len(with_clips[genre][side]) for side in sides},
            clips={side: n_clips[genre][side] for side in sides},
        )
        for genre in genres
    }
