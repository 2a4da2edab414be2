"""A library that suddenly lacks most of its songs: a drive that is not there, not a decision."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from groovecli.library.catalog import Catalog
from groovecli.messages.library import library_emptied

_FEW = 20  # songs that may go without a question


def check_not_emptied(catalog: Catalog, root: Path, found: Collection[Path]) -> None:
    """Raise a LibraryError if most of the songs that were known below a folder are gone.

    Parameters
    ----------
    found : collection of Path
        The audio files below it now. Others are looked for one by one: they may only be left out.
    """
    prefix = os.fsencode(os.path.abspath(root)).rstrip(b"/") + b"/"
    below = prefix, prefix[:-1] + bytes([prefix[-1] + 1])
    query = "SELECT {} FROM files WHERE path > ? AND path < ? AND track IS NOT NULL"
    [[n_known]] = catalog.rows(query.format("COUNT(DISTINCT track)"), *below)
    if is_enough(n_known, len(found)):
        return
    files: dict[object, list[str]] = defaultdict(list)
    for path, track in catalog.rows(query.format("path, track"), *below):
        files[track].append(os.fsdecode(path))
    n_there = sum(any(map(os.path.lexists, paths)) for paths in files.values())
    if not is_enough(n_known, n_there):
        raise library_emptied(root, n_known, n_there)


def is_enough(n_known: int, n_there: int) -> bool:
    """Whether so many of the known songs are there that the others may be gone by a decision."""
    return n_known - n_there <= _FEW or 2 * n_there >= n_known
