"""Tracks and failures as rows of the catalogue, and back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from groovecli.audio.tags import Tags
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.reasons import stored_problem

NO_TAGS = Tags()


def track_of(row: tuple[Any, ...], path: Path | None = None, seen: FileState | None = None) -> Track:
    """A track from path, size, time, id, duration and tags; path and state are these where at hand."""
    raw, size, mtime_ns, track, duration_s, tags = row
    if seen is None or (seen.size, seen.mtime_ns) != (size, mtime_ns):
        seen = FileState(size, mtime_ns)
    return Track(
        sys.intern(track),
        path or Path(os.fsdecode(raw)),
        seen,
        duration_s,
        _tags(tags),
    )


def _tags(text: str | None) -> Tags:
    """Tags from JSON; those that songs share are one text in memory."""
    if not text:
        return NO_TAGS
    return Tags(
        **{key: tag if key == "title" else sys.intern(tag) for key, tag in json.loads(text).items()}
    )


def failure_of(row: tuple[Any, ...]) -> Rejected:
    """A failure from path, size, time, code and detail."""
    path, size, mtime_ns, code, detail = row
    problem, state = stored_problem(code or "", detail), FileState(size, mtime_ns)
    return Rejected.by(Path(os.fsdecode(path)), problem, state)


def failure_row(item: Rejected, stage: str, now: float) -> tuple[Any, ...]:
    """A failure in a stage as the table has it."""
    assert item.state is not None
    path, state = os.fsencode(item.path), item.state
    return path, stage, state.size, state.mtime_ns, item.reason, item.detail, now
