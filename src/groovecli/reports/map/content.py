"""What a map shows, and the same as plain values for its script: small, and of text alone."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from groovecli.reports.web.html import plain

Floats = NDArray[np.float64]
SIDE = 65_535  # the map's width in its own units
_MOST_S = 65_535


@dataclass(frozen=True)
class Column:
    """Something that is known of songs, by which they can be coloured.

    Parameters
    ----------
    key, title : str
        What the script and a person call it.
    labels : tuple of str
        What songs have of it; those that are numbers, such as "1990 to 1999", in their order.
    of : np.ndarray [shape=(n,), dtype=int]
        Which label each song has, from 1; 0 where nothing is known.
    is_ordered : bool
    """

    key: str
    title: str
    labels: tuple[str, ...]
    of: NDArray[np.int64]
    is_ordered: bool = False


@dataclass(frozen=True)
class Area:
    """Where a playlist's songs are on the map: outlines [shape=(m, 2)] around most of them, its name.

    `spots` are where the name stands, the largest piece first.
    """

    name: str
    rings: tuple[Floats, ...]
    spots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Content:
    """All that is on a map.

    Parameters
    ----------
    places : np.ndarray [shape=(n, 2)]
    neighbours : np.ndarray [shape=(n, k)]
        Numbers of the nearest songs; a song's own where there are no more.
    paths, titles, seconds : sequences of n
        Files, what they are called, and how long they are.
    columns, areas : tuples
        One column has the key "artist", by which songs are coloured.
    artists : mapping of int to str
        Whole names of artists, as songs have them, where the column has only the first of several.
    """

    places: Floats
    neighbours: NDArray[np.int64]
    paths: Sequence[Path]
    titles: Sequence[str]
    seconds: Sequence[float]
    columns: tuple[Column, ...]
    areas: tuple[Area, ...] = ()
    artists: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.paths)


def packed_content(content: Content, folder: Path) -> dict[str, Any]:
    """A map as values for the script of a page that stands in `folder`."""
    units = _Units(
        np.concatenate([content.places, *(ring for area in content.areas for ring in area.rings)])
    )
    addresses = [_address(path, folder) for path in content.paths]
    folders = sorted({where for where, _ in addresses})
    number = {where: place for place, where in enumerate(folders)}
    first = [column.key for column in content.columns if column.key != "artist"]
    return {
        "n": len(content),
        "xy": _packed(units.of(content.places).ravel(), 2),
        "near": _packed(content.neighbours.ravel()),
        "folders": [_text(where) for where in folders],
        "folder": _packed(np.array([number[where] for where, _ in addresses], np.int64)),
        "files": [_text(name) for _, name in addresses],
        "titles": [_title(*each) for each in zip(content.titles, addresses, strict=True)],
        "seconds": _packed(np.clip(np.nan_to_num(np.array(content.seconds)), 0, _MOST_S).round(), 2),
        "columns": [_column(column) for column in content.columns],
        "artists": {str(row): name for row, name in content.artists.items()},
        "first": first[0] if first else "artist",
        "areas": [
            {
                "name": area.name,
                "rings": [_packed(units.of(ring).ravel(), 2) for ring in area.rings],
                "at": units.of(np.array(area.spots)).tolist(),
            }
            for area in content.areas
        ],
    }


class _Units:
    """The map's own whole numbers: from 0 to SIDE, as far in both directions."""

    def __init__(self, places: Floats) -> None:
        low, high = (places.min(axis=0), places.max(axis=0)) if len(places) else (np.zeros(2), np.ones(2))
        self._middle, span = (low + high) / 2, float((high - low).max(initial=0.0))
        self._scale = SIDE / span if span > 0 else 0.0

    def of(self, places: Floats) -> NDArray[np.int64]:
        """Places in whole units; north is up."""
        own = (places - self._middle) * (self._scale, -self._scale) + SIDE / 2
        found: NDArray[np.int64] = np.clip(np.rint(own), 0, SIDE).astype(np.int64)
        return found


def _packed(numbers: NDArray[Any], width: int | None = None) -> dict[str, Any]:
    """Whole numbers >= 0 in as few bytes each as the largest needs."""
    own = np.ascontiguousarray(numbers, "<u4")
    if width is None:
        largest = int(own.max(initial=0))
        width = 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 3
    data = own.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    return {"w": width, "d": base64.b64encode(data).decode()}


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "title": column.title,
        "ordered": column.is_ordered,
        "labels": list(column.labels),
        "of": _packed(column.of),
    }


def _address(path: Path, folder: Path) -> tuple[str, str]:
    """Folder, with a slash behind it, and name of a file as the page in `folder` calls it."""
    target = os.path.abspath(path)
    try:
        where = os.path.relpath(target, os.path.abspath(folder)).replace(os.sep, "/")
    except ValueError:  # Windows: another drive
        where = "file:///" + target.replace(os.sep, "/")
    front, slash, name = where.rpartition("/")
    return front + slash, name


def _text(name: str) -> str | list[str]:
    """A name as it is; one that no page can hold as text escaped, in a list."""
    return name if plain(name) == name else [quote(os.fsencode(name))]


def _title(title: str, address: tuple[str, str]) -> str | int:
    """A title; or how many letters at the end of the file's name are it, which the script has already."""
    stem = os.path.splitext(address[1])[0]
    return len(title) if title and title.isascii() and stem.endswith(title) else title
