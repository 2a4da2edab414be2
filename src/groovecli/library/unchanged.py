"""Whether a file still holds the song that it was known by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from groovecli.library.scan import file_state, identify_sound, whole_id
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.reasons import PASSING, Problem, Reason

Identify = Callable[[Path], Track | Rejected]


def why_not(
    path: Path, track_id: str, state: FileState, identify: Identify | None = None
) -> Problem | None:
    """Why a file no longer holds a track, None where it does.

    Believed without a look inside while size and time of change are as they were; else the file is
    identified again, by `identify` where it holds no sound: other tags change nothing.
    """
    now = file_state(path)
    if now == state:
        return None
    found = (identify or identify_sound)(path)
    if isinstance(found, Rejected):
        if found.reason in PASSING:
            return Problem(found.reason, found.detail)
        return Problem(Reason.CHANGED, f"it {found.text}")
    if found.id == track_id or whole_id(path) == track_id:
        return None
    return Problem(Reason.CHANGED, "it holds another song")
