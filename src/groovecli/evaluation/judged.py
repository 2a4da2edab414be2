"""What a model named each test song, and the songs that it misjudged."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from groovecli.evaluation.measure import Measured, grouped
from groovecli.library.tracks import Track, reachable
from groovecli.models.file import Description


@dataclass(frozen=True)
class Judged:
    """A test song, its genre, and the genre that it was given; the same for a model that names none.

    `path` is of a file of the song that is still there, or where it was; None for a song that never had
    one. `confidence` is the guess's probability, in [0, 1]. `called` is its artist and title, or the
    name of its file without them.
    """

    track_id: str
    path: Path | None
    genre: str
    guess: str
    confidence: float
    called: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it was given its own genre."""
        return self.genre == self.guess

    @property
    def name(self) -> str:
        """The file, or the song's id where there is none."""
        return str(self.path or self.track_id)

    @property
    def is_there(self) -> bool:
        """Whether the song can be listened to."""
        return self.path is not None and os.path.exists(self.path)  # False where it may not be looked at

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and the report."""
        return {
            "path": str(self.path) if self.path else None,
            "track": self.track_id,
            "genre": self.genre,
            "guess": self.guess,
            "confidence": self.confidence,
        }


def judged(description: Description, measured: Measured) -> tuple[Judged, ...]:
    """All test songs, by their ids."""
    by_song = grouped(description, measured, measured.songs) if description.genres else None
    first = by_song.first if by_song else np.unique(measured.songs, return_index=True)[1]
    data, tracks = measured.data, measured.dataset.tracks
    songs = []
    for row, number in enumerate(first.tolist()):
        clip = data.clips[data.clip_numbers[number]]
        files = tracks.get(clip.track_id)
        track = reachable(files) if files else None
        guess, confidence = clip.genre, 1.0
        if by_song:
            best = int(by_song.probabilities[row].argmax())
            guess, confidence = description.genres[best], float(by_song.probabilities[row, best])
        path = track.path if track else None
        name = _called(track) if track else clip.track_id
        songs.append(Judged(clip.track_id, path, clip.genre, guess, confidence, name))
    return tuple(songs)


def misjudged(songs: Iterable[Judged]) -> tuple[Judged, ...]:
    """The songs whose likeliest genre is not their own, the surest mistakes first."""
    wrong = [song for song in songs if not song.is_right]
    return tuple(sorted(wrong, key=lambda song: (-song.confidence, song.name)))


def _called(track: Track) -> str:
    tags = track.tags
    if tags.artist and tags.title:
        return f"{tags.artist} - {tags.title}"
    return tags.title or track.path.stem
