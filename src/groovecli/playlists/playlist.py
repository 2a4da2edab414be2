"""Songs in order, under a name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One song of a playlist; an empty string where nothing is known."""

    path: Path
    duration_s: float
    artist: str
    title: str
    genre: str

    @property
    def shown_title(self) -> str:
        """Its title, else its file's name."""
        return self.title.strip() or self.path.stem


@dataclass(frozen=True)
class Playlist:
    """Songs in order, under a name; the exemplar is the one that the others sound like."""

    name: str
    entries: tuple[Entry, ...]
    exemplar: Entry
