"""The songs that a model misjudged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.evaluation.measure import Measured, grouped
from groovecli.library.tracks import reachable
from groovecli.models.file import Description


@dataclass(frozen=True)
class Misjudged:
    """A test song that was given another genre than its own.

    `path` is of a file of the song that is still there, or where it was; None for a song that never had
    one. `confidence` is the guess's probability, in [0, 1].
    """

    track_id: str
    path: Path | None
    genre: str
    guess: str
    confidence: float

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


def misjudged(description: Description, measured: Measured) -> tuple[Misjudged, ...]:
    """The test songs whose likeliest genre is not their own, the surest mistakes first."""
    by_song = grouped(description, measured, measured.songs)
    guesses = by_song.probabilities.argmax(axis=1)
    truths = measured.data.labels[by_song.first]
    tracks, genres = measured.dataset.tracks, description.genres
    songs = []
    for number in (guesses != truths).nonzero()[0].tolist():
        track_id = str(measured.songs[by_song.first[number]])
        files = tracks.get(track_id)
        songs.append(
            Misjudged(
                track_id,
                reachable(files).path if files else None,
                genres[truths[number]],
                genres[guesses[number]],
                float(by_song.probabilities[number].max()),
            )
        )
    return tuple(sorted(songs, key=lambda song: (-song.confidence, song.name)))
