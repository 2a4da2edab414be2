"""What `audit` finds: songs in doubt, with what speaks for another genre."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from groovecli.library.labels import LabelFrom
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver


@dataclass(frozen=True)
class Near:
    """A song that sounds like one in doubt, and its genre."""

    track: Track
    genre: str


@dataclass(frozen=True)
class Doubtful:
    """A song that is likely in the wrong genre.

    `own` and `confidence` are the calibrated probabilities of its `label` and of the `guess`, in [0, 1].
    Where it `is_sure`, the guess is likely enough to put the song there; else no genre is.
    """

    track: Track
    label: str
    guess: str
    own: float
    confidence: float
    is_sure: bool
    near: tuple[Near, ...]


@dataclass(frozen=True)
class Audit:
    """Songs in doubt, the most doubtful first.

    `n_songs` have a genre, `n_judged` were judged, and `n_likely` of these are likely in the wrong one.
    `unjudged` counts the songs of genres that can't be judged: all by one artist. `loose` have no genre.
    `plan` is None where no song listed could be put anywhere.
    """

    model: str
    library: Path
    label_from: LabelFrom
    songs: tuple[Doubtful, ...]
    n_songs: int
    n_judged: int
    n_likely: int
    unjudged: dict[str, int]
    loose: tuple[Rejected, ...]
    left_out: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    passed_over: PassedOver = field(default_factory=PassedOver)
    out: Path | None = None
    plan: Path | None = None
    n_planned: int = 0
