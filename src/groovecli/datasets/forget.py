"""Take songs out of a dataset, with the chunk files that nobody needs then."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from groovecli.datasets.dataset import Dataset
from groovecli.files import exclusive, storage_errors
from groovecli.library.catalog import Catalog


def forget(dataset: Dataset, track_ids: Iterable[str]) -> None:
    """Forget songs first: chunk files that nobody knows of cost only their room.

    Raises
    ------
    DatasetError
        Another groove is at work in the dataset.
    StorageError
        Its files can't be removed.
    """
    with exclusive(dataset.folder, again=True):
        before = dataset.tables.chunks()
        dataset.tables.forget_songs(track_ids)
        with storage_errors(dataset.folder):
            for chunk in before - dataset.tables.chunks():
                (dataset.folder / chunk).unlink(missing_ok=True)


def songs_only_in(catalog: Catalog, paths: Iterable[Path]) -> set[str]:
    """Songs of all datasets whose only files are among some, by track id."""
    raw = {os.fsencode(path) for path in paths}
    query = (
        "SELECT id, path FROM songs JOIN tracks ON songs.track = tracks.id"
        " JOIN files ON files.track = tracks.n GROUP BY id, path"
    )
    files: dict[str, list[bytes]] = defaultdict(list)
    for track_id, path in catalog.rows(query) if raw else ():
        files[track_id].append(path)
    return {track_id for track_id, own in files.items() if raw.issuperset(own)}
