"""Every published data set that groove reads, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from groovecli.library.sources import fma, gtzan, msd
from groovecli.library.sources.listing import Listing

Source = Literal["folder", "gtzan", "fma", "msd"]
SOURCES: tuple[Source, ...] = get_args(Source)


def listing(
    source: Source, root: Path, *, split_files: Sequence[Path] = (), tagtraum: Path | None = None
) -> Listing:
    """What a published data set says of the files below `root`; its module says what is raised."""
    if source == "gtzan":
        return gtzan.listing(root, split_files)
    if source == "fma":
        return fma.listing(root, split_files)
    return msd.listing(root, tagtraum)
