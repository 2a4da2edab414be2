"""Datasets' chunk files: each has the checksum with which it was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from groovecli.actions.context import Context
from groovecli.actions.verify.found import Damage, Findings
from groovecli.datasets.chunks import read_chunk
from groovecli.datasets.tables import Tables, dataset_names
from groovecli.errors import DatasetError
from groovecli.files import exclusive, storage_errors
from groovecli.messages.words import count

_PLACE = "verify"
"""Where the catalogue notes how far a verification came."""
_AGAIN = "removed; the next `groove ingest` or `groove train` computes its features again"


def check_chunks(context: Context, found: Findings) -> None:
    """Compare chunk files with their checksums, from where the last verification stopped."""
    catalog = context.catalog
    chunks = [
        (name, chunk, checksum)
        for name in dataset_names(catalog)
        for chunk, checksum in Tables(catalog, name).checksums().items()
    ]
    last = tuple(json.loads(catalog.noted(_PLACE) or "[]"))
    waiting = [each for each in chunks if each[:2] > last]
    if last and waiting:
        found.notes.append(
            f"{count(len(chunks) - len(waiting), 'chunk file')} checked by the last verification"
        )
    n_new = 0
    for done, (name, chunk, checksum) in enumerate(waiting, len(chunks) - len(waiting) + 1):
        if found.is_over:
            break
        n_new += _check_chunk(context, name, chunk, checksum, found)
        last = (name, chunk)
        found.monitor.progress("chunk files", done, len(chunks))
    catalog.note(_PLACE, json.dumps(last if not found.is_complete else []))
    found.facts["n_chunks_left"] = (
        len([each for each in waiting if each[:2] > last]) if not found.is_complete else 0
    )
    found.facts["n_new_checksums"] = n_new
    if n_new:
        found.notes.append(f"{count(n_new, 'chunk file')} had no checksum and got one")


def _check_chunk(context: Context, name: str, chunk: str, checksum: str | None, found: Findings) -> bool:
    """Look at a chunk file; whether it got its first checksum."""
    path = context.home.dataset(name) / chunk
    found.checked("chunk files")
    try:
        with path.open("rb") as file:
            now = hashlib.file_digest(file, "sha256").hexdigest()
        if checksum is None:
            read_chunk(path)
            Tables(context.catalog, name).put_checksum(chunk, now, path.stat().st_size)
            return True
        why = "" if now == checksum else "it is not as it was written"
    except FileNotFoundError:
        why = "it is missing"
    except DatasetError as error:
        why = error.what
    except OSError as error:  # it may be sound
        why = f"cannot be read: {error.strerror or error}"
        found.damaged.append(Damage("chunk file", f"{name}/{chunk}", why, "left as it is"))
        return False
    if why:
        _forget(context, name, chunk, path)
        found.damaged.append(Damage("chunk file", f"{name}/{chunk}", why, _AGAIN))
    return False


def _forget(context: Context, name: str, chunk: str, path: Path) -> None:
    with exclusive(context.home.dataset(name)), storage_errors(path):
        Tables(context.catalog, name).forget_chunks([chunk])
        path.unlink(missing_ok=True)
