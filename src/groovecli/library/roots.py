"""The folders that were given as libraries."""

from __future__ import annotations

import json
import os
from pathlib import Path

from groovecli.library.catalog import Catalog

_OF_LIBRARIES = ("ingest", "cluster", "duplicates", "map", "similar", "between", "why", "search")
"""Commands that take a whole library, and say so in their log."""


def library_roots(catalog: Catalog) -> tuple[Path, ...]:
    """The folders that commands took for a library, the latest first, as far as the log has whole paths."""
    marks = ",".join("?" * len(_OF_LIBRARIES))
    query = f"SELECT summary FROM runs WHERE command IN ({marks}) ORDER BY id DESC"
    found: dict[str, None] = {}
    for (summary,) in catalog.rows(query, *_OF_LIBRARIES):
        said = json.loads(summary)
        named = (said.get("library"), *(said.get("paths") or ()))
        found.update(dict.fromkeys(name for name in named if name and os.path.isabs(name)))
    return tuple(map(Path, found))
