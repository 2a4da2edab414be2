"""Every source of songs that groove reads, by name."""

from __future__ import annotations

from pathlib import Path

from groovecli.library.sources.fma import FMA
from groovecli.library.sources.gtzan import GTZAN
from groovecli.library.sources.msd import MSD
from groovecli.library.sources.source import Source
from groovecli.messages.sources import unknown_source

FOLDER = Source(name="folder")
"""The user's own folders."""

SOURCES: dict[str, Source] = {source.name: source for source in (FOLDER, GTZAN, FMA, MSD)}


def source_called(name: str) -> Source:
    """The source of a name.

    Raises
    ------
    DatasetError
        There is none: a newer groove made the dataset.
    """
    if name not in SOURCES:
        raise unknown_source(name)
    return SOURCES[name]


def source_without_sound(path: Path) -> Source | None:
    """The source whose files hold segments and no sound, if a file is one of them by its ending."""
    return next((s for s in SOURCES.values() if s.suffix and path.suffix.lower() == s.suffix), None)
