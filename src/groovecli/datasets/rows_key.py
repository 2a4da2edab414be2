"""A key of all rows that an ingest reads, made as they are read: it takes no memory."""

from __future__ import annotations

from hashlib import sha256

from groovecli.datasets.tables import Tables

_APART = "x'1f'"  # what no tag or name has


def _line(*columns: str) -> str:
    """Columns as one value, which takes SQLite less than a row of them takes Python."""
    texts = (f"coalesce({column}, '')" for column in columns)
    return f"CAST({f' || {_APART} || '.join(texts)} AS BLOB)"


# Where in its song a clip begins, and where in its chunk a feature lies, makes no difference.
_OF_ALL = (
    f"SELECT {_line('path', 'size', 'mtime_ns', 'track', 'tags')} FROM files",
    f"SELECT {_line('n', 'id', 'duration_s')} FROM tracks",
    f"SELECT {_line('path', 'size', 'mtime_ns', 'code', 'detail')} FROM failures WHERE stage = 'read'",
)
_OF_DATASET = (
    f"SELECT {_line('settings')} FROM datasets WHERE name = ?",
    f"SELECT {_line('track', 'genre', 'side')} FROM songs NOT INDEXED WHERE dataset = ?",
    f"SELECT {_line('track', 'number', 'side', 'code', 'problem')} FROM clips NOT INDEXED"
    " WHERE dataset = ?",
    f"SELECT {_line('feature', 'track', 'group_concat(number)')} FROM chunk_rows WHERE dataset = ?"
    " GROUP BY feature, track",
    f"SELECT {_line('track', 'files', 'state', 'key', 'taken')} FROM words NOT INDEXED WHERE dataset = ?",
)


def rows_key(tables: Tables) -> str:
    """A key of what the catalogue knows of all files, and of a dataset."""
    found = sha256()
    queries = [(query, ()) for query in _OF_ALL] + [(query, (tables.name,)) for query in _OF_DATASET]
    for query, values in queries:
        for lines in tables.catalog.values(query, *values):
            found.update(b"\n".join(lines))
            found.update(b"\n")
        found.update(b"\0")
    return found.hexdigest()
