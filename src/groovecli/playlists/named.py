"""Songs with the artist and title that playlists give them: of their tags, else of folders and files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from groovecli.audio.suffixes import SUFFIXES
from groovecli.library.tracks import Track
from groovecli.playlists.called import Called, called, numbered_folders


class Names:
    """What songs are called; `roots` are libraries, of which a song's first one counts."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._numbered: dict[Path, bool] = {}

    def of(self, path: Path, *, artist: str = "", title: str = "") -> Called:
        """Artist and title of a file, by these tags where they say it; see `called`."""
        folder = path.parent
        root = next((root for root in self._roots if root in path.parents), folder)
        is_numbered = path.name[:1].isdigit() and self._is_numbered(folder)
        return called(path, root, artist=artist, title=title, numbered=(folder,) if is_numbered else ())

    def named(self, tracks: Iterable[Track]) -> tuple[Track, ...]:
        """The same songs, their tags filled in."""
        return tuple(map(self._with_name, tracks))

    def _with_name(self, track: Track) -> Track:
        tags = track.tags
        if tags.artist.strip() and tags.title.strip():
            return track
        name = self.of(track.path, artist=tags.artist, title=tags.title)
        return replace(track, tags=replace(tags, artist=name.artist, title=name.title))

    def _is_numbered(self, folder: Path) -> bool:
        if folder not in self._numbered:
            try:
                names = [name for name in os.listdir(folder) if Path(name).suffix.lower() in SUFFIXES]
            except OSError:
                names = []
            self._numbered[folder] = bool(numbered_folders(folder / name for name in names))
        return self._numbered[folder]
