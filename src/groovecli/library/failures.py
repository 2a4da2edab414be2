"""Files that failed in a stage of the work on them, and are not tried again until they change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Rejected, Track
from groovecli.reasons import Reason

LISTEN = "listen"
"""A model listens to a song."""
COMPARE = "compare"
"""A fingerprint is made of a song."""

DESCRIBE = "describe"
"""A song is described: its tempo, key and loudness."""

LASTING = frozenset({Reason.UNDECODABLE, Reason.SLOW, Reason.DIED, Reason.LARGE})
"""What is true of a file for as long as it stays as it is."""


def failed_before(catalog: Catalog | None, stage: str, tracks: Iterable[Track]) -> dict[Path, Rejected]:
    """Which of some files failed in a stage and did not change since, by path."""
    if catalog is None:
        return {}
    states = {track.path: track.state for track in tracks}
    known = catalog.failures(stage, states)
    return {path: each for path, each in known.items() if each.state == states[path]}


def keep_failures(catalog: Catalog | None, stage: str, failed: Iterable[tuple[Track, Rejected]]) -> None:
    """Remember what will fail again, of the files that the catalogue knows."""
    lasting = [
        replace(why, path=track.path, state=track.state) for track, why in failed if why.reason in LASTING
    ]
    if catalog is not None and lasting:
        known = catalog.known_files([each.path.absolute() for each in lasting])
        catalog.add_failures(stage, (each for each in lasting if each.path.absolute() in known))
