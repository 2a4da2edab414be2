"""Vectors of models that are gone, and copies of the catalogue from before its tables changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from groovecli.actions.clean.item import Item, Kind
from groovecli.actions.context import Context
from groovecli.files import size_of, storage_errors
from groovecli.library.forget import forget_model
from groovecli.library.schema import matrix_file
from groovecli.library.statistics import answer_counts
from groovecli.models.ids import models_here

_COPY = re.compile(r"catalog-(v\d+|damaged-.+)\.db(-wal)?")


def _vectors(context: Context, dataset: str | None) -> Iterator[Item]:
    """Of models that are not here, and files that the catalogue doesn't know."""
    folder = context.home.embeddings
    if dataset is not None:
        return
    here = [each.id for each in models_here(context.home)]
    keys = [key for (key,) in context.catalog.rows("SELECT model FROM matrices ORDER BY model")]
    counts = answer_counts(context.catalog)
    for key in keys:
        if not any(key.startswith(f"{each}-") for each in here):
            path = matrix_file(folder, key)
            n_songs = sum(vars(counts[key]).values()) if key in counts else 0
            yield Item("vectors", key, size_of(path), "their model is gone", n_songs, path)
    known = {matrix_file(folder, key) for key in keys}
    for path in sorted(folder.glob("*.f16")) if folder.is_dir() else ():
        if path not in known:
            yield Item("vectors", path.name, size_of(path), "no model has them", 1, path)


def _remove_vectors(context: Context, item: Item) -> int:
    assert item.path is not None
    with storage_errors(item.path):
        forget_model(context.catalog, item.name)  # first: a file that nobody knows of costs only its room
        item.path.unlink(missing_ok=True)
    return item.size


def _copies(context: Context, dataset: str | None) -> Iterator[Item]:
    """Whole catalogues: older ones, and damaged ones that were kept aside. The daily copies stay."""
    if dataset is not None:
        return
    for folder in (context.home.folder, context.home.backups):
        for path in sorted(folder.glob("catalog-*.db*")):
            if _COPY.fullmatch(path.name):
                why = "damaged, and built again" if "damaged" in path.name else "of an older groove"
                yield Item("copies", path.name, size_of(path), why, path=path)


def _remove_copy(_: Context, item: Item) -> int:
    assert item.path is not None
    with storage_errors(item.path):
        item.path.unlink(missing_ok=True)
    return item.size


VECTORS = Kind("vectors", False, _vectors, _remove_vectors)
COPIES = Kind("copies", True, _copies, _remove_copy)
