"""The catalogue's tables: what each version of groove added. What stands here never changes."""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE files (
        path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, track TEXT, reason TEXT, seen REAL);
    CREATE INDEX files_track ON files (track);
    CREATE TABLE tracks (id TEXT PRIMARY KEY, duration_s REAL, tags TEXT);
    CREATE TABLE datasets (name TEXT PRIMARY KEY, settings TEXT);
    CREATE TABLE songs (
        dataset TEXT, track TEXT, genre TEXT, side TEXT, PRIMARY KEY (dataset, track));
    CREATE TABLE clips (
        dataset TEXT, track TEXT, number INTEGER, start_s REAL, side TEXT, problem TEXT,
        PRIMARY KEY (dataset, track, number));
    CREATE TABLE chunk_rows (
        dataset TEXT, feature TEXT, track TEXT, number INTEGER, chunk TEXT, place INTEGER,
        PRIMARY KEY (dataset, feature, track, number));
    CREATE TABLE embeddings (track TEXT, model TEXT, vector BLOB, PRIMARY KEY (track, model));
    CREATE TABLE runs (id INTEGER PRIMARY KEY, command TEXT, started REAL, summary TEXT);
    """,
    "CREATE TABLE lyrics (track TEXT PRIMARY KEY, words TEXT);",
    "CREATE TABLE prints (track TEXT, kind TEXT, words BLOB, PRIMARY KEY (track, kind));",
)
