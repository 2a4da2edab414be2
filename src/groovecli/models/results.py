"""What a model says of songs: names, vectors, and files that have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.describe.description import SongDescription
from groovecli.library.answers import VectorRows
from groovecli.library.genres import SILENT, UNKNOWN, by_parent
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.messages.options import no_probability
from groovecli.models.tested import ModelNote

CLIPS_PER_SONG = 3
BATCH_WINDOWS = 96


@dataclass(frozen=True)
class Answers:
    """What a model says of n clips or windows.

    logits : np.ndarray [shape=(n, genres)], before the softmax, or None
    embeddings : np.ndarray [shape=(n, dim)]
    errors : np.ndarray [shape=(n,)], mean squared error of the reconstruction, or None
    moments : np.ndarray [shape=(n, 2)], mean of what was reconstructed, and of its square
    """

    logits: NDArray[np.float32] | None
    embeddings: NDArray[np.float32]
    errors: NDArray[np.float32] | None = None
    moments: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class SongAnswers:
    """What a model says of a song by all its windows.

    probabilities : np.ndarray [shape=(genres,)], or None
    embedding : np.ndarray [shape=(dim,)], or longer as `pooled_vectors` says
    """

    probabilities: NDArray[np.float64] | None
    embedding: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Named:
    """The likeliest of some genres, `guess`; `genre` is the same, or `UNKNOWN` where it is too unlikely.

    `confidence` is the guess's probability, `probabilities` are all genres', best first.
    """

    genre: str
    guess: str
    confidence: float
    probabilities: Mapping[str, float]

    @property
    def verdict(self) -> str:
        """The kind of its name: "named", or "unknown" or "silent", which are not genres."""
        if not self.probabilities:
            return SILENT
        return UNKNOWN if self.is_unknown else "named"

    @property
    def is_unknown(self) -> bool:
        """Whether the guess was not sure enough to be its name."""
        return self.genre != self.guess

    @property
    def is_unsure(self) -> bool:
        """Whether another name is likelier right than its own: no genre has half of the probability."""
        return bool(self.probabilities) and not self.is_unknown and self.confidence < 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class SongGenre(Named):
    """The genre of a song; and its parent, named by itself, where genres are sub-genres.

    `is_familiar` says whether it is like anything that the model learnt from; None where the model
    can't tell. `said` is what was measured of it, if it was.
    """

    path: Path
    parent: Named | None = None
    is_familiar: bool | None = None
    said: SongDescription | None = None


def check_min_confidence(min_confidence: float) -> None:
    """Raise a UsageError at what is no probability."""
    if not 0 <= min_confidence <= 1:
        raise no_probability("--min-confidence", min_confidence)


def named(probabilities: Mapping[str, float], min_confidence: float = 0.0) -> Named:
    """The name that genres' probabilities give; at least one genre."""
    ranked = dict(sorted(probabilities.items(), key=lambda item: -item[1]))
    guess, confidence = next(iter(ranked.items()))
    return Named(guess if confidence >= min_confidence else UNKNOWN, guess, confidence, ranked)


def song_genre(
    path: Path,
    probabilities: Mapping[str, float],
    *,
    depth: int = 1,
    min_confidence: float = 0.0,
    is_familiar: bool | None = None,
) -> SongGenre:
    """What a song is called at each level.

    A parent's probability is the sum of its sub-genres', so it may be known where they are not.
    """
    fine = named(probabilities, min_confidence)
    parent = named(by_parent(fine.probabilities), min_confidence) if depth > 1 else None
    return _of_song(path, fine, parent, is_familiar)


def silent_song(path: Path, *, depth: int = 1) -> SongGenre:
    """A song in which nothing sounds: no genre is guessed."""
    nothing = Named(SILENT, SILENT, 0.0, {})
    return _of_song(path, nothing, nothing if depth > 1 else None)


def _of_song(path: Path, fine: Named, parent: Named | None, is_familiar: bool | None = None) -> SongGenre:
    return SongGenre(
        genre=fine.genre,
        guess=fine.guess,
        confidence=fine.confidence,
        probabilities=fine.probabilities,
        path=path,
        parent=parent,
        is_familiar=is_familiar,
    )


@dataclass(frozen=True)
class Classified:
    """Songs with their genres, and files that have none.

    `about` is the model, with what its own test gave; None where it was given ready to answer. `hint` says
    that a better model is there.
    """

    model: str
    results: tuple[SongGenre, ...]
    failed: tuple[Rejected, ...]
    min_confidence: float = 0.0
    passed_over: PassedOver = field(default_factory=PassedOver)
    notes: tuple[str, ...] = ()
    about: ModelNote | None = None
    hint: str = ""

    @property
    def first_line(self) -> str:
        """Which model answers, how accurate it is, and when it was made."""
        return self.about.text if self.about else f"model: {self.model}"

    @property
    def strange(self) -> tuple[SongGenre, ...]:
        """Songs that are unlike anything the model learnt from."""
        return tuple(song for song in self.results if song.is_familiar is False)

    @property
    def unknown(self) -> tuple[SongGenre, ...]:
        """Songs of which the model was not sure enough."""
        return tuple(song for song in self.results if song.is_unknown)


@dataclass(frozen=True)
class Embedded:
    """Songs with their vectors, and files that have none.

    `stored` gives some of the vectors by slices: those of a large library stay on the disk. `left_out` are
    silent songs. `genres` has each song's genre, an empty string where none is known. `descriptions` are
    those that are known, None for other songs, and nothing where none is; `undescribed` are songs that
    were to be described, too, and could not be.
    """

    model: str
    tracks: tuple[Track, ...]
    stored: NDArray[np.float32] | VectorRows
    failed: tuple[Rejected, ...]
    interrupted: bool
    genres: tuple[str, ...] = ()
    left_out: tuple[Rejected, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    descriptions: tuple[SongDescription | None, ...] = ()
    undescribed: tuple[Rejected, ...] = ()

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors [shape=(n, dim), dtype=float32]."""
        return self.stored[:]
