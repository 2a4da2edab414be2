"""What an ingest that found nothing new said, for as long as nothing changes.

It is kept under a key of all that it depends on: names, sizes and times of the files, the rows of the
catalogue, the request, groove's version. What may be over another time is never kept: songs and clips
that can't be reached, and songs of other libraries, have to be looked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from groovecli import __version__
from groovecli.checked import Checked
from groovecli.datasets.counts import GenreCount
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.lyrics import Chosen, LyricsFound
from groovecli.datasets.rows_key import rows_key
from groovecli.datasets.tables import DatasetSettings, Tables
from groovecli.errors import StorageError
from groovecli.features.spec import FeatureSpec
from groovecli.files import key_of, read_json, write_json
from groovecli.home import Home
from groovecli.library.tracks import FileState, Rejected
from groovecli.library.walk import States, Walked
from groovecli.paths import StrPath
from groovecli.reasons import PASSING, Reason

_PLAIN = ("left_out", "renamed", "n_padded", "n_fewer_clips", "n_untagged", "n_shared_artists")


def key_of_pass(
    request: Checked,
    library: StrPath,
    settings: DatasetSettings,
    specs: Sequence[FeatureSpec],
    found: Walked,
    tables: Tables,
) -> str:
    """A key of all that an ingest depends on, but for what `is_lasting` rules out."""
    asked = repr((__version__, os.path.abspath(library), request, settings, [spec.key for spec in specs]))
    return key_of([asked, found.key, rows_key(tables)], 64)


def is_lasting(dataset: Dataset, songs: States, seen: Container[str], skipped: Iterable[Rejected]) -> bool:
    """Whether an ingest of the same would say the same.

    Parameters
    ----------
    songs : mapping of path
        The library's files.
    seen : container of track id
        The songs that are there.
    """
    return (
        all(track_id in seen for track_id in dataset.songs)
        and not any(
            item.problem and item.problem.reason in PASSING for item in dataset.tables.failed_clips()
        )
        and not any(item.reason in PASSING and os.fspath(item.path) in songs for item in skipped)
        and _lyrics_are_of(dataset, songs)
    )


def _lyrics_are_of(dataset: Dataset, songs: States) -> bool:
    """Whether each song's lyrics were looked for, and beside the library's files alone."""
    n_songs = 0
    for part in dataset.tables.catalog.values("SELECT files FROM words WHERE dataset = ?", dataset.name):
        n_songs += len(part)
        if not all(path in songs for files in part for path in json.loads(files)):
            return False
    return n_songs == len(dataset.songs)


def keep(dataset: Dataset, key: str, said: Any) -> None:
    """Keep what an ingest said; a disk without room costs the time of the next one, no more."""
    kept = {name: getattr(said, name) for name in _PLAIN} | {
        "key": key,
        "chunks": sorted(dataset.tables.chunks()),
        "loosened": list(said.loosened),
        "genres": {genre: asdict(counts) for genre, counts in said.genres.items()},
        "skipped": [_row(item) for item in said.skipped],
        "lyrics": {
            "n_songs": said.lyrics.n_songs,
            "chosen": [[str(each.path), each.language, list(each.others)] for each in said.lyrics.chosen],
            "unusable": [_row(item) for item in said.lyrics.unusable],
        },
    }
    with suppress(StorageError):
        write_json(_file(dataset.home, dataset.name), kept)


def kept(home: Home, name: str, key: str) -> dict[str, Any] | None:
    """Fields of the result that was kept of a dataset under this key; None where there is none.

    Without one of the dataset's chunk files there is something to do.
    """
    found = read_json(_file(home, name))
    try:
        if found["key"] != key or not all(
            (home.dataset(name) / each).is_file() for each in found["chunks"]
        ):
            return None
        return _fields(found)
    except (TypeError, KeyError, ValueError):  # no such file, or a damaged one
        return None


def _fields(found: Mapping[str, Any]) -> dict[str, Any]:
    lyrics = found["lyrics"]
    return {name: found[name] for name in _PLAIN} | {
        "loosened": tuple(found["loosened"]),
        "genres": {genre: GenreCount(**counts) for genre, counts in found["genres"].items()},
        "skipped": tuple(map(_item, found["skipped"])),
        "lyrics": LyricsFound(
            n_songs=lyrics["n_songs"],
            chosen=tuple(Chosen(Path(p), language, tuple(rest)) for p, language, rest in lyrics["chosen"]),
            unusable=tuple(map(_item, lyrics["unusable"])),
        ),
    }


def _file(home: Home, name: str) -> Path:
    return home.folder / ".unchanged" / f"{name}.json"


def _row(item: Rejected) -> list[Any]:
    state = item.state and [item.state.size, item.state.mtime_ns]
    return [str(item.path), item.reason, item.detail, state]


def _item(row: list[Any]) -> Rejected:
    path, reason, detail, state = row
    return Rejected(Path(path), Reason(reason), detail, FileState(*state) if state else None)
