"""What is measured of songs, as rows of the catalogue: one for each track and version of the describer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from groovecli.library.catalog import Catalog

Values = tuple[float | int | str | None, ...]
"""A description as its row has it, in the order of `COLUMNS`."""

COLUMNS = (
    "bpm",
    "bpm_confidence",
    "other_bpm",
    "other_weight",
    "course",
    "tonic",
    "is_minor",
    "key_confidence",
    "tuning_cents",
    "lufs",
    "range_lu",
    "true_peak_dbtp",
    "brightness_hz",
    "measured_s",
)

_VALUES = ", ".join(COLUMNS)
_PUT = (
    f"INSERT OR REPLACE INTO descriptions (track, version, {_VALUES})"
    f" SELECT n, ?, {', '.join('?' * len(COLUMNS))} FROM tracks WHERE id = ?"
)
_OLDER = "DELETE FROM descriptions WHERE track = (SELECT n FROM tracks WHERE id = ?) AND version < ?"
_WITH_FILE = "SELECT track FROM files WHERE track IS NOT NULL"


def stored_descriptions(catalog: Catalog, version: int, ids: Iterable[str]) -> dict[str, Values]:
    """What a version of the describer said of some tracks, by track id."""
    rows = catalog.rows(
        f"SELECT id, {_VALUES} FROM tracks CROSS JOIN descriptions ON track = tracks.n"
        " WHERE version = ? AND id IN (SELECT value FROM json_each(?))",
        version,
        json.dumps(list(ids)),
    )
    return {row[0]: row[1:] for row in rows}


def add_descriptions(catalog: Catalog, version: int, values: Mapping[str, Values]) -> None:
    """Store what a version says of tracks, by track id; what older ones said of them goes."""
    if not values:
        return
    with catalog.transaction() as db:
        db.executemany("INSERT OR IGNORE INTO tracks (id) VALUES (?)", ((track,) for track in values))
        db.executemany(_PUT, ((version, *row, track) for track, row in values.items()))
        db.executemany(_OLDER, ((track, version) for track in values))


def forget_descriptions(catalog: Catalog, version: int, ids: Iterable[str]) -> None:
    """Forget what a version said of some tracks, by track id."""
    with catalog.transaction() as db:
        db.execute(
            "DELETE FROM descriptions WHERE version = ?"
            " AND track IN (SELECT n FROM tracks WHERE id IN (SELECT value FROM json_each(?)))",
            (version, json.dumps(list(ids))),
        )


def described_versions(catalog: Catalog) -> list[int]:
    """The versions of the describer that said anything, in order."""
    return [version for (version,) in catalog.rows("SELECT DISTINCT version FROM descriptions ORDER BY 1")]


def described_ids(catalog: Catalog, version: int) -> list[str]:
    """The tracks that a version described, by id, in order."""
    query = "SELECT id FROM descriptions JOIN tracks ON track = tracks.n WHERE version = ? ORDER BY id"
    return [track for (track,) in catalog.rows(query, version)]


def n_described(catalog: Catalog, version: int) -> int:
    """How many songs with a known file a version described."""
    query = f"SELECT count(*) FROM descriptions WHERE version = ? AND track IN ({_WITH_FILE})"
    return int(catalog.rows(query, version)[0][0])
