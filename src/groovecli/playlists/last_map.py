"""Where the songs of a library stood on its last map, kept in groove's home, by the songs' ids."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.files import sha256_hex, write_bytes

Floats = NDArray[np.float64]


def place_of(folder: Path, library: Path, model: str) -> Path:
    """The file that keeps a library's map by a model; the library's folder need not be there."""
    key = os.fsencode(os.path.abspath(library)) + b"\0" + model.encode()
    return folder / f"{sha256_hex(key, 16)}.npz"


def last_places(file: Path, ids: Sequence[str]) -> Floats | None:
    """Where songs stood [shape=(n, 2)], NaN for those that were not there; None without a last map.

    Raises
    ------
    ValueError
        The file is damaged.
    """
    if not file.exists():
        return None
    known, places = _read(file)
    row = {str(song): number for number, song in enumerate(known.tolist())}
    found = np.full((len(ids), 2), np.nan)
    for number, song in enumerate(ids):
        if song in row:
            found[number] = places[row[song]]
    return found


def _read(file: Path) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """The ids that are in a file, and where they stood."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            known, places = kept["ids"].astype(np.str_), kept["places"].astype(np.float32)
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(str(error)) from error
    if known.ndim != 1 or places.shape != (len(known), 2) or not np.isfinite(places).all():
        raise ValueError("its numbers don't fit together")
    return known, places


def keep_places(file: Path, ids: Sequence[str], places: Floats, *, fresh: bool = False) -> None:
    """Keep where songs stand; other songs stay where they were, unless the map is `fresh`.

    Raises
    ------
    StorageError
        It can't be written.
    """
    names, kept = np.array(list(ids), np.str_), places.astype(np.float32)
    if file.exists() and not fresh:
        with suppress(ValueError):
            known, was = _read(file)
            others = ~np.isin(known, names)
            names, kept = np.concatenate([names, known[others]]), np.concatenate([kept, was[others]])
    data = io.BytesIO()
    np.savez(data, ids=names, places=kept)
    write_bytes(file, data.getvalue())
