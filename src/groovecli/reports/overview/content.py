"""What the report of a library says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from groovecli.evaluation.health.measure import Health, Listed
from groovecli.library.tracks import Rejected


@dataclass(frozen=True)
class Held:
    """How many songs, or files, have each of some things.

    Parameters
    ----------
    key, title : str
        What `--json` calls it, and what it shows, as a sentence.
    noun, unit : str
        What the things are, such as "tempo" and "BPM".
    of : str
        "song" or "file": what is counted.
    labels, counts
        The things; a scale in its order, others from the largest.
    n_unknown : int
        For how many it isn't known; `unknown` says why.
    is_scale : bool
    """

    key: str
    title: str
    noun: str
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    unit: str = ""
    of: str = "song"
    n_unknown: int = 0
    unknown: str = ""
    is_scale: bool = False

    @property
    def n_known(self) -> int:
        """For how many it is known."""
        return sum(self.counts)


@dataclass(frozen=True)
class Missing:
    """What files lack, each with how many files: no genre in the tags, not readable, ..."""

    what: str
    key: str
    n: int


@dataclass(frozen=True)
class Named:
    """A listed song by name, with its file, and the song that is nearest to it."""

    listed: Listed
    name: str
    path: Path
    nearest: tuple[str, Path] | None = None


@dataclass(frozen=True)
class Overview:
    """All of a report.

    Parameters
    ----------
    title : str
        The finding.
    n_songs, n_files, n_described : int
        Songs are counted once, however many files have the same sound.
    duration_s : float
        Of all songs together.
    hubs, orphans : tuples of Named
        Those of `health`, by name.
    held : tuple of Held
    missing : tuple of Missing
    failed : tuple of Rejected
        Files that could not be read, with reasons.
    """

    title: str
    model: str
    library: Path
    n_songs: int
    n_files: int
    n_described: int
    duration_s: float
    health: Health
    hubs: tuple[Named, ...]
    orphans: tuple[Named, ...]
    held: tuple[Held, ...]
    missing: tuple[Missing, ...]
    failed: tuple[Rejected, ...]
    notes: tuple[str, ...]
