"""The catalogue follows songs that were moved or tagged: nothing is analysed again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from groovecli.audio.tag_reading import read_tags
from groovecli.library.catalog import Catalog
from groovecli.library.scan import file_state
from groovecli.library.tracks import Rejected, Track


def follow_move(catalog: Catalog, source: Path, target: Path) -> None:
    """Let the catalogue know a file at its new path; what was known of the new path goes."""
    old, new = os.fsencode(source), os.fsencode(target)
    with catalog.transaction() as db:
        known = db.execute("SELECT count(*) FROM files WHERE path = ?", (old,)).fetchone()[0]
        if known:
            db.execute("DELETE FROM files WHERE path = ?", (new,))
            db.execute("DELETE FROM failures WHERE path IN (?, ?)", (old, new))
            db.execute("UPDATE files SET path = ? WHERE path = ?", (new, old))


def follow_tags(catalog: Catalog, known: Mapping[Path, Track | Rejected]) -> None:
    """Let the catalogue have the new tags of files that it knew, whose sound is the same."""
    fresh = []
    for path, track in known.items():
        state = file_state(path)
        if state is not None and isinstance(track, Track):
            fresh.append(replace(track, path=path, state=state, tags=read_tags(path)))
    catalog.remember(fresh)
