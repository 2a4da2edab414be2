"""What of the catalogue is forgotten, to be computed again, and tracks that are known from elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from groovecli.library.catalog import Catalog


def forget_files(catalog: Catalog, paths: Iterable[Path]) -> None:
    """Forget files and their failures: the next command that meets them reads them as new ones."""
    raw = [(os.fsencode(path),) for path in paths]
    with catalog.transaction() as db:
        for table in ("files", "failures"):
            db.executemany(f"DELETE FROM {table} WHERE path = ?", raw)


def forget_answers(catalog: Catalog, model: str, ids: Iterable[str]) -> None:
    """Forget a model's answers for some tracks."""
    with catalog.transaction() as db:
        db.execute(
            "DELETE FROM answers WHERE matrix = (SELECT n FROM matrices WHERE model = ?)"
            " AND track IN (SELECT n FROM tracks WHERE id IN (SELECT value FROM json_each(?)))",
            (model, json.dumps(list(ids))),
        )


def forget_model(catalog: Catalog, model: str) -> None:
    """Forget all answers of a model; its matrix is left to whoever asks."""
    with catalog.transaction() as db:
        db.execute("DELETE FROM answers WHERE matrix = (SELECT n FROM matrices WHERE model = ?)", (model,))
        db.execute("DELETE FROM matrices WHERE model = ?", (model,))


def add_tracks(catalog: Catalog, durations: Iterable[tuple[str, float | None]]) -> int:
    """Add tracks whose files may be met later, with their durations (in seconds); how many are new."""
    with catalog.transaction() as db:
        before = db.total_changes
        db.executemany("INSERT OR IGNORE INTO tracks (id, duration_s) VALUES (?, ?)", durations)
        return db.total_changes - before
