"""The catalogue's rows: each belongs to something, and every vector is as it was written."""

from __future__ import annotations

from groovecli.actions.verify.found import Damage, Findings
from groovecli.describe.rows import description_of
from groovecli.library import backups
from groovecli.library.catalog import Catalog
from groovecli.library.descriptions import (
    described_ids,
    described_versions,
    forget_descriptions,
    stored_descriptions,
)
from groovecli.messages.words import count

_ROWS_TOGETHER = 20_000
_AGAIN = "forgotten; it is computed again when it is needed"

# What a row lacks, by table: such a row is of no use to anything.
_ORPHANS = {
    "answers": "track NOT IN (SELECT n FROM tracks) OR matrix NOT IN (SELECT n FROM matrices)",
    "descriptions": "track NOT IN (SELECT n FROM tracks)",
    "files": "track NOT IN (SELECT n FROM tracks)",
    "clips": "(dataset, track) NOT IN (SELECT dataset, track FROM songs)",
    "words": "(dataset, track) NOT IN (SELECT dataset, track FROM songs)",
    "chunk_rows": "(dataset, track, number) NOT IN (SELECT dataset, track, number FROM clips)",
    "chunks": "(dataset, chunk) NOT IN (SELECT DISTINCT dataset, chunk FROM chunk_rows)",
}


def check_settings(catalog: Catalog, found: Findings) -> None:
    """Datasets have their settings: a copy has those that are lost."""
    query = "SELECT DISTINCT dataset FROM songs WHERE dataset NOT IN (SELECT name FROM datasets)"
    lacking = [name for (name,) in catalog.rows(query)]
    if not lacking:
        return
    for backup in backups.backups(backups.folder_of(catalog.path)):
        catalog.restore(backup.path, "datasets")
    left = {name for (name,) in catalog.rows(query)}
    for name in lacking:
        done = "could not be restored: no copy has them" if name in left else "restored from a copy"
        found.damaged.append(Damage("dataset", name, "its settings are lost", done))


def check_orphans(catalog: Catalog, found: Findings) -> None:
    """No row is of something that is not there."""
    for table, condition in _ORPHANS.items():
        n_rows = catalog.rows(f"SELECT count(*) FROM {table} WHERE {condition}")[0][0]
        found.checked("tables")
        if n_rows:
            with catalog.transaction() as db:
                db.execute(f"DELETE FROM {table} WHERE {condition}")
            why = f"{count(n_rows, 'row')} of what is not there"
            found.damaged.append(Damage("table", table, why, "removed"))


def check_descriptions(catalog: Catalog, found: Findings) -> None:
    """Each description has numbers that it can have."""
    for version in described_versions(catalog):
        ids = described_ids(catalog, version)
        bad = []
        for start in range(0, len(ids), _ROWS_TOGETHER):
            rows = stored_descriptions(catalog, version, ids[start : start + _ROWS_TOGETHER])
            bad += [track for track, row in rows.items() if description_of(row) is None]
            found.checked("descriptions", len(rows))
        if bad:
            forget_descriptions(catalog, version, bad)
            why = f"{count(len(bad), 'description')} with numbers that can't be"
            found.damaged.append(Damage("descriptions", f"version {version}", why, _AGAIN))


def check_vectors(catalog: Catalog, found: Findings) -> None:
    """Each model's vectors have the checksums that the catalogue has of them."""
    for number, model in catalog.rows("SELECT n, model FROM matrices ORDER BY model"):
        if found.is_over:
            return
        n_damaged = _check_matrix(catalog, number, model, found)
        if n_damaged:
            why = f"{count(n_damaged, 'vector')} not as written"
            found.damaged.append(Damage("vectors", model, why, _AGAIN))


def _check_matrix(catalog: Catalog, number: int, model: str, found: Findings) -> int:
    """Forget the answers of a model whose vectors are damaged or missing; how many."""
    matrix = catalog.matrix(model)
    assert matrix is not None
    rows = catalog.rows(
        "SELECT place, crc, track, words FROM answers WHERE matrix = ? ORDER BY place", number
    )
    n_rows, bad = matrix.n_rows, []
    for start in range(0, len(rows), _ROWS_TOGETHER):
        some = rows[start : start + _ROWS_TOGETHER]
        there = [row for row in some if 0 <= row[0] < n_rows]
        checksums = matrix.checksums([row[0] for row in there])
        bad += [row for row in some if not 0 <= row[0] < n_rows]
        bad += [row for row, crc in zip(there, checksums, strict=True) if row[1] != crc]
        found.checked("vectors", len(some))
        found.monitor.progress(f"vectors of {model}", start + len(some), len(rows))
    with catalog.transaction() as db:
        db.executemany(
            "DELETE FROM answers WHERE matrix = ? AND track = ? AND words = ?",
            ((number, track, words) for _, _, track, words in bad),
        )
    return len(bad)
