"""The catalogue's tables, what each version of groove added, and the names of files beside it."""

from __future__ import annotations

import re
from pathlib import Path

from groovecli.files import sha256_hex

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

VECTORS_MOVE = 7
"""The version from which vectors lie in matrices: see `answers.move_vectors`."""

# Existing entries never change.
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
    # Until here reasons were sentences; from here on a code (see `reasons.py`) and a detail.
    """
    ALTER TABLE files ADD COLUMN code TEXT;
    ALTER TABLE clips ADD COLUMN code TEXT;
    UPDATE files SET code = CASE
        WHEN reason LIKE 'is empty%' THEN 'empty'
        WHEN reason LIKE 'cannot decode: %' THEN 'undecodable' ELSE 'other' END WHERE reason IS NOT NULL;
    UPDATE files SET reason = CASE code
        WHEN 'empty' THEN '' WHEN 'undecodable' THEN substr(reason, 16) ELSE reason END
        WHERE code IS NOT NULL;
    UPDATE clips SET code = CASE
        WHEN problem LIKE 'could not be read: %' THEN 'unreadable'
        WHEN problem LIKE 'cannot decode: %' THEN 'undecodable'
        WHEN problem LIKE 'ends early: after %' THEN 'ends-early'
        WHEN problem = 'is silent' THEN 'silent' ELSE 'other' END WHERE problem IS NOT NULL;
    UPDATE clips SET problem = CASE code
        WHEN 'unreadable' THEN substr(problem, 20) WHEN 'undecodable' THEN substr(problem, 16)
        WHEN 'ends-early' THEN substr(problem, 19) WHEN 'silent' THEN '' ELSE problem END
        WHERE code IS NOT NULL;
    """,
    # What a model said of a song's genres is kept beside its vector. Files and clips that could not be
    # decoded get another try: more can be decoded from here on.
    """
    ALTER TABLE embeddings ADD COLUMN probabilities BLOB;
    DELETE FROM files WHERE code IS NOT NULL;
    UPDATE clips SET code = NULL, problem = NULL WHERE code IN ('undecodable', 'ends-early', 'silent');
    """,
    # Lyrics are a dataset's own from here on, and go before what was computed from others.
    """
    CREATE TABLE words (
        dataset TEXT, track TEXT, files TEXT, state TEXT, key TEXT, taken TEXT, words TEXT,
        PRIMARY KEY (dataset, track));
    DROP TABLE lyrics;
    DELETE FROM chunk_rows WHERE feature LIKE 'lyrics-%';
    """,
    # A file has its own tags, a failure its own row, and vectors lie in matrices beside the database.
    """
    CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
    CREATE TABLE failures (
        path BLOB, stage TEXT, size INTEGER, mtime_ns INTEGER, code TEXT, detail TEXT, at REAL,
        PRIMARY KEY (path, stage)) WITHOUT ROWID;
    INSERT INTO failures SELECT path, 'read', size, mtime_ns, code, reason, seen FROM files
        WHERE track IS NULL;
    ALTER TABLE tracks RENAME TO old_tracks;
    CREATE TABLE tracks (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, duration_s REAL);
    INSERT INTO tracks (id, duration_s) SELECT id, duration_s FROM old_tracks ORDER BY id;
    INSERT OR IGNORE INTO tracks (id) SELECT DISTINCT track FROM embeddings ORDER BY track;
    ALTER TABLE files RENAME TO old_files;
    DROP INDEX files_track;
    CREATE TABLE files (
        path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, track INTEGER, tags TEXT) WITHOUT ROWID;
    CREATE INDEX files_track ON files (track);
    INSERT INTO files SELECT path, size, mtime_ns, tracks.n, old_tracks.tags FROM old_files
        JOIN tracks ON tracks.id = old_files.track JOIN old_tracks ON old_tracks.id = old_files.track;
    DROP TABLE old_files;
    DROP TABLE old_tracks;
    CREATE TABLE matrices (
        n INTEGER PRIMARY KEY, model TEXT NOT NULL UNIQUE, dim INTEGER, n_rows INTEGER);
    CREATE TABLE answers (
        matrix INTEGER, track INTEGER, words TEXT, place INTEGER, exponent INTEGER, crc INTEGER,
        probabilities BLOB, PRIMARY KEY (matrix, track, words)) WITHOUT ROWID;
    CREATE TABLE chunks (
        dataset TEXT, chunk TEXT, checksum TEXT, n_bytes INTEGER, PRIMARY KEY (dataset, chunk))
        WITHOUT ROWID;
    """,
    # What is measured of songs: tempo, key, loudness, brightness.
    """
    CREATE TABLE descriptions (
        track INTEGER, version INTEGER, bpm REAL, bpm_confidence REAL, other_bpm REAL, other_weight REAL,
        course TEXT, tonic INTEGER, is_minor INTEGER, key_confidence REAL, tuning_cents REAL, lufs REAL,
        range_lu REAL, true_peak_dbtp REAL, brightness_hz REAL, measured_s REAL,
        PRIMARY KEY (track, version)) WITHOUT ROWID;
    """,
)


_NUMBER_BYTES = 2  # half precision


def matrix_file(folder: Path, model: str) -> Path:
    """The file of a model's vectors in a folder."""
    name = model if _PLAIN.fullmatch(model) else sha256_hex(model.encode("utf-8", "surrogateescape"), 32)
    return folder / f"{name}.f16"


def rows_in(file: Path, dim: int) -> int:
    """How many vectors of `dim` numbers a file has; 0 where there is no file."""
    try:
        return file.stat().st_size // (dim * _NUMBER_BYTES)
    except FileNotFoundError:
        return 0
