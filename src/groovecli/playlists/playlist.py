"""Songs in order, under a name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One song of a playlist; an empty string where nothing is known. `id` is of its sound."""

    path: Path
    duration_s: float
    artist: str
    title: str
    genre: str
    id: str = ""

    @property
    def shown_title(self) -> str:
        """Its title, else its file's name."""
        return self.title.strip() or self.path.stem

    @property
    def shown(self) -> str:
        """The song as a person knows it; see `shown`."""
        return shown(self.artist, self.title, self.path)


def shown(artist: str, title: str, path: Path) -> str:
    """A song as a person knows it: by artist and title, else by its title or its file's name."""
    artist, title = artist.strip(), title.strip()
    return f"{artist} - {title}" if artist and title else title or path.stem


@dataclass(frozen=True)
class Playlist:
    """Songs in order, under a name; the exemplar is the one that the others sound like.

    `beside` are songs that belong to it and are left out of it, as by a cap.
    """

    name: str
    entries: tuple[Entry, ...]
    exemplar: Entry
    beside: tuple[Entry, ...] = ()
