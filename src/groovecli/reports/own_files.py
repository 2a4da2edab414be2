"""Whether a table or picture is one that groove wrote, told by its columns or its mark."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from groovecli.files import read_json
from groovecli.messages.options import not_own_file
from groovecli.reports.web.marks import is_any_page

MADE_BY = "groove"
"""What pictures say of who made them, in the place that their format has for it."""
_MARKS = {".png": b"Software\0groove", ".svg": b"<dc:title>groove</dc:title>", ".pdf": b"(groove)"}
_SEARCHED = 64 * 1024  # bytes at either end of a picture


def check_replaceable(
    path: Path, is_own: Callable[[Path], bool], *, force: bool, can_force: bool = True
) -> None:
    """Refuse a place where a file is that groove did not write so; an empty file is no loss.

    `can_force` says whether the user could give `force`.

    Raises
    ------
    UsageError
        Such a file is there, and `force` is not given.
    """
    if force or not os.path.lexists(path):
        return
    try:
        is_free = path.is_file() and (path.stat().st_size == 0 or is_own(path))
    except (OSError, ValueError, RuntimeError, csv.Error, zipfile.BadZipFile):  # damaged, or another kind
        is_free = False
    if not is_free:
        raise not_own_file(path, can_force=can_force)


def check_report(folder: Path, names: Iterable[str], *, force: bool, can_force: bool) -> None:
    """Refuse a report's folder where one of its files, by `names`, is that groove did not write.

    Raises
    ------
    UsageError
        There is such a file.
    """
    for name in names:
        check_replaceable(folder / name, is_own_part, force=force, can_force=can_force)


def is_own_part(path: Path) -> bool:
    """Whether groove wrote a file of a report: a page, figures as JSON, or text beside its figures."""
    if path.suffix == ".json":
        value = read_json(path)
        return isinstance(value, dict) and [*value][:2] == ["schema", "verdict"]
    if path.suffix == ".md":  # written right after its figures
        return is_own_part(path.with_suffix(".json"))
    return is_any_page(path)


def is_own_picture(path: Path) -> bool:
    """Whether groove drew a picture."""
    with path.open("rb") as file:
        head = file.read(_SEARCHED)
        file.seek(max(0, path.stat().st_size - _SEARCHED))
        return _MARKS[path.suffix.lower()] in head + file.read()


def columns_of(path: Path) -> Sequence[str]:
    """The columns of a table, or the names of an archive's arrays, by the file's ending.

    Raises
    ------
    OSError, ValueError, RuntimeError, csv.Error, zipfile.BadZipFile
        It can't be read as what its ending says.
    """
    if path.suffix.lower() == ".npz":
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        return list(pq.read_schema(path).names)
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return next(csv.reader([file.readline(1 << 20)]), [])
