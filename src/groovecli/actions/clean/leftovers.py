"""What work that was killed left behind: unfinished files, and chunk files that no dataset knows of."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from groovecli.actions.clean.item import Item, Kind
from groovecli.actions.context import Context
from groovecli.datasets.tables import Tables
from groovecli.files import PREFIX, exclusive, size_of, storage_errors

_CHUNK = re.compile(r"chunk-\d{5,}\.pkl")
_OLD_S = 3600.0  # a file of work that goes on is younger


def _unfinished(context: Context, dataset: str | None) -> Iterator[Item]:
    """Temporary files that nobody has written to for an hour; of one dataset where that is named."""
    folder = context.home.folder if dataset is None else context.home.dataset(dataset)
    now = time.time()
    for path in sorted(_below(folder)):
        if path.name.startswith(PREFIX) and now - path.lstat().st_mtime > _OLD_S:
            yield Item("unfinished", path.name, size_of(path), "work that was killed left it", path=path)


def _below(folder: Path) -> Iterator[Path]:
    """All files below a folder; links are not followed."""
    for where, _, names in os.walk(folder):
        yield from (Path(where) / name for name in names)


def _remove_file(_: Context, item: Item) -> int:
    assert item.path is not None
    with storage_errors(item.path):
        item.path.unlink(missing_ok=True)
    return item.size


def _strays(context: Context, dataset: str | None) -> Iterator[Item]:
    """Datasets' chunk files that the catalogue does not know."""
    for folder in _folders(context, dataset):
        paths = _stray_files(context, folder)
        if paths:
            size = sum(map(size_of, paths))
            yield Item("strays", folder.name, size, "no dataset has these features", len(paths), folder)


def _folders(context: Context, dataset: str | None) -> list[Path]:
    folder = context.home.folder / "datasets"
    names = [dataset] if dataset is not None else sorted(os.listdir(folder)) if folder.is_dir() else []
    return [path for name in names if (path := folder / name).is_dir() and not path.is_symlink()]


def _stray_files(context: Context, folder: Path) -> list[Path]:
    known = Tables(context.catalog, folder.name).chunks()
    chunks = (path for path in _below(folder) if _CHUNK.fullmatch(path.name))
    return [path for path in chunks if _chunk(folder, path) not in known]


def _chunk(folder: Path, path: Path) -> str:
    """A chunk's name in the catalogue."""
    return path.relative_to(folder).as_posix()


def _remove_strays(context: Context, item: Item) -> int:
    assert item.path is not None
    freed = 0
    with exclusive(item.path):  # looked at again: one that is being written is known when the lock is free
        for path in _stray_files(context, item.path):
            size = size_of(path)
            path.unlink(missing_ok=True)
            freed += size
    return freed


UNFINISHED = Kind("unfinished", False, _unfinished, _remove_file)
STRAYS = Kind("strays", False, _strays, _remove_strays)
