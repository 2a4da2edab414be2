"""Text files of published data sets, unpacked or in the zip archives in which they come."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What zipfile raises on damaged and on encrypted files, and `opened` where there is not one text."""


@contextmanager
def opened(path: Path, suffix: str) -> Iterator[IO[bytes]]:
    """The file's bytes, or those of the one file in a zip archive that ends so.

    Raises
    ------
    ValueError
        The archive holds none, or several.
    """
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        texts = [name for name in archive.namelist() if name.endswith(suffix) and "__MACOSX" not in name]
        if len(texts) != 1:
            raise ValueError(f"the archive holds {len(texts)} {suffix} files, not one")
        with archive.open(texts[0]) as file:
            yield file
