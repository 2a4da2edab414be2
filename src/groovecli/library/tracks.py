"""A folder of music as tracks that are known by their sound, and what could not be one."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from groovecli.audio.tags import Tags
from groovecli.reasons import Problem, Reason

# In a folder that holds this file, `groove cluster` wrote playlists; their previews don't count as songs.
PLAYLISTS_MANIFEST = ".groove-playlists.json"
PLAYLISTS_PAGE = "playlists.html"
PREVIEW_SUFFIX = ".preview.mp3"
PLAYLISTS_HIDDEN = ".groove-playlists"  # a folder beside it: what the last run replaced


@dataclass(frozen=True, slots=True)
class FileState:
    """Size and time of a file: equal ones mean that it is unchanged, without reading it."""

    size: int
    mtime_ns: int


def state_of(status: os.stat_result) -> FileState | None:
    """Size and time of what was looked at; None where that is no file."""
    return FileState(status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


@dataclass(frozen=True, slots=True)
class Track:
    """One song: known by the hash of its audio, found at a path."""

    id: str
    path: Path
    state: FileState
    duration_s: float
    tags: Tags = field(default_factory=Tags)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that is not used, and why; `detail` tells more about this case."""

    path: Path
    reason: Reason
    detail: str = ""
    state: FileState | None = None

    @classmethod
    def by(cls, path: Path, problem: Problem, state: FileState | None = None) -> Rejected:
        """A file that has a problem."""
        return cls(path, problem.reason, problem.detail, state)

    @property
    def text(self) -> str:
        """Text for a person, behind the path."""
        return Problem(self.reason, self.detail).text

    def to_json(self) -> dict[str, str]:
        """Plain values, for `--json`."""
        return {"path": str(self.path), "reason": self.text, "code": self.reason}


Known = Mapping[Path, Track | Rejected]
"""What earlier scans found at a path; believed while size and time of change are the same."""


@dataclass(frozen=True)
class Scan:
    """The tracks of a folder in the order of their paths, and the files that can't be tracks."""

    tracks: tuple[Track, ...]
    rejected: tuple[Rejected, ...]


def reachable(tracks: Sequence[Track]) -> Track:
    """Of the files of one sound the first that is as it was, else one that is there, else the first.

    Files that no link leads to come first.
    """
    tracks = real_first(tracks)
    there = [track for track in tracks if os.path.exists(track.path)]
    return next(filter(_is_as_it_was, there), (there or tracks)[0])


def real_first(tracks: Sequence[Track]) -> Sequence[Track]:
    """The files of one sound, those whose path has a link in it last."""
    if len(tracks) < 2:
        return tracks
    return sorted(tracks, key=lambda track: os.path.realpath(track.path) != os.path.abspath(track.path))


def _is_as_it_was(track: Track) -> bool:
    try:
        status = os.stat(track.path)
    except OSError:
        return False
    return FileState(status.st_size, status.st_mtime_ns) == track.state
