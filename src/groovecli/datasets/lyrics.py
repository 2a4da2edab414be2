"""The lyrics of a dataset's songs: read from their files, or come with a published data set.

Lyrics belong to the dataset: another one of the same songs may have other words for them, or none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from groovecli.audio.lyrics import Bag, read_lyrics
from groovecli.audio.lyrics_files import lyrics_paths
from groovecli.datasets.dataset import Dataset
from groovecli.features.lyrics import LyricsSpec, bag_key
from groovecli.features.spec import FeatureSpec
from groovecli.files import key_of
from groovecli.library.tracks import Rejected, Track, reachable
from groovecli.messages.datasets import stopped_reading_lyrics
from groovecli.monitor import SILENT, Monitor
from groovecli.reasons import Reason
from groovecli.workers.pool import imap

Paths = Mapping[str, Sequence[Path]]
"""Files of songs, by track id."""


@dataclass(frozen=True)
class Chosen:
    """The choice among a song's lyrics, if its file has them in several languages."""

    path: Path
    language: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class LyricsFound:
    """The lyrics of a dataset, and what changed in them.

    `n_songs` have lyrics; of these `n_new` had none before, or others; `n_gone` had some and have none
    now. `n_given` have lyrics that came with a data set, None where none came. `unusable` are files of
    lyrics that could not be used.
    """

    n_songs: int = 0
    n_new: int = 0
    n_gone: int = 0
    n_given: int | None = None
    chosen: tuple[Chosen, ...] = ()
    unusable: tuple[Rejected, ...] = ()


@dataclass(frozen=True)
class _Row:
    """What is stored of a song's lyrics: which files they were read from, how these were, what they say.

    `taken` is the file whose lyrics these are, and what there is to say of them, as plain values.
    """

    track_id: str
    files: tuple[Path, ...] = ()
    state: str = ""
    key: str = ""
    taken: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Task:
    """A song whose lyrics are to be read, from the first of its files that has any."""

    row: _Row
    paths: tuple[Path, ...]


def update_lyrics(
    dataset: Dataset, here: Paths | None = None, *, jobs: int = 0, monitor: Monitor = SILENT
) -> LyricsFound:
    """Read the lyrics of a dataset's songs where their files are new, or were changed.

    Parameters
    ----------
    here : mapping of track id to paths, optional
        The songs' files in the library that is ingested: their lyrics go before those of files that the
        dataset was ingested from earlier.

    Raises
    ------
    Interrupted
        The user stopped it; what was read is stored.
    """
    known = _rows(dataset)
    if not dataset.settings.origin.has_sound:
        return _found(known, [])
    tasks = list(_tasks(dataset, known, here or {}))
    if not tasks:
        return _found(known, [])
    read = imap(_read, tasks, n_items=len(tasks), jobs=jobs, stage="read lyrics", monitor=monitor)
    changed = _put(dataset, read, known)
    if monitor.stopped:
        raise stopped_reading_lyrics()
    return _found(_rows(dataset), changed)


def give_lyrics(dataset: Dataset, bags: Mapping[str, Bag]) -> LyricsFound:
    """Store lyrics that came with a data set, by track id; songs without any keep what they have."""
    given = {key: bag for key, bag in bags.items() if key in dataset.songs}
    rows = ((_Row(key, key=bag_key(bag)), bag) for key, bag in given.items())
    changed = _put(dataset, rows, _rows(dataset))
    return replace(_found(_rows(dataset), changed), n_given=len(given))


def _found(rows: Mapping[str, _Row], changed: Collection[_Row]) -> LyricsFound:
    n_new = sum(bool(row.key) for row in changed)
    taken = [(Path(row.taken["path"]), row.taken) for row in rows.values() if row.taken]
    return LyricsFound(
        n_songs=sum(bool(row.key) for row in rows.values()),
        n_new=n_new,
        n_gone=len(changed) - n_new,
        chosen=tuple(
            Chosen(p, each["language"], tuple(each["others"])) for p, each in taken if each["others"]
        ),
        unusable=tuple(Rejected(p, Reason.LYRICS, each["problem"]) for p, each in taken if each["problem"]),
    )


def _tasks(dataset: Dataset, known: Mapping[str, _Row], here: Paths) -> Iterator[_Task]:
    """The songs whose files changed, or are not those that were read."""
    roots = () if len(known) == len(dataset.songs) else _libraries(dataset)
    for track_id in dataset.songs:
        row = known.get(track_id)
        files = _files(here.get(track_id, ()), row.files if row else ())
        looked_for = files
        if not files and track_id in dataset.tracks:  # ingested by an older groove
            looked_for = (_likely_file(dataset.tracks[track_id], roots),)
        paths = tuple(path for path in looked_for if os.path.exists(path))
        if not paths:
            continue  # out of reach: what was read stays
        state = _state(paths)
        if row is None or (row.files, row.state) != (files, state):
            yield _Task(_Row(track_id, files, state), paths)


def _libraries(dataset: Dataset) -> tuple[Path, ...]:
    """The libraries that a dataset was ingested from, the latest first, as far as the runs tell."""
    runs = dataset.tables.catalog.rows("SELECT summary FROM runs WHERE command = 'ingest' ORDER BY id DESC")
    summaries = [json.loads(summary) for (summary,) in runs]
    return tuple(Path(each["library"]).absolute() for each in summaries if each["dataset"] == dataset.name)


def _likely_file(files: Sequence[Track], roots: Sequence[Path]) -> Path:
    """Of a song's files one that lies in a library that the dataset was ingested from."""
    own = [track for root in roots for track in files if track.path.is_relative_to(root)]
    return reachable(own or files).path


def _files(here: Sequence[Path], before: Sequence[Path]) -> tuple[Path, ...]:
    """Paths of a song: in this library, then earlier ones, unless the song has moved from there."""
    there = [path for path in before if not here or os.path.exists(path)]
    return tuple(dict.fromkeys((*here, *there)))


def _state(paths: Iterable[Path]) -> str:
    """Changes with the songs' files and with the files of lyrics beside them."""
    looked_at = [*((path, path.stat()) for path in paths), *chain.from_iterable(map(lyrics_paths, paths))]
    return key_of([(os.fsencode(path).hex(), at.st_size, at.st_mtime_ns) for path, at in looked_at])


def _read(task: _Task) -> tuple[_Row, Bag]:
    """The lyrics of the first file that has some; unusable files of lyrics are kept in the result."""
    found = []
    for path in task.paths:
        found.append((path, read_lyrics(path)))
        if found[-1][1].words:
            break
    path, lyrics = found[-1] if found[-1][1].words else found[0]
    taken = {
        "path": str(path),
        "language": lyrics.language,
        "others": lyrics.others,
        "problem": lyrics.problem,
    }
    row = replace(task.row, key=bag_key(lyrics.words), taken=taken)
    return row, lyrics.words


# The table


def _rows(dataset: Dataset) -> dict[str, _Row]:
    """What is stored of each song's lyrics, without the words."""
    rows = dataset.tables.catalog.rows(
        "SELECT track, files, state, key, taken FROM words WHERE dataset = ?", dataset.name
    )
    return {
        track: _Row(track, tuple(map(Path, json.loads(files))), state, key, json.loads(taken))
        for track, files, state, key, taken in rows
    }


def _put(dataset: Dataset, rows: Iterable[tuple[_Row, Bag]], known: Mapping[str, _Row]) -> list[_Row]:
    """Store lyrics, and forget the vectors of changed lyrics; returns the songs of these."""
    changed = []
    values = []
    for row, words in rows:
        if row.key != (known[row.track_id].key if row.track_id in known else ""):
            changed.append(row)
        files = json.dumps([str(path) for path in row.files])
        texts = row.state, row.key, json.dumps(row.taken), json.dumps(dict(words))
        values.append((dataset.name, row.track_id, files, *texts))
    with dataset.tables.catalog.transaction() as db:
        db.executemany("INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        db.executemany(
            "DELETE FROM chunk_rows WHERE dataset = ? AND track = ? AND feature LIKE 'lyrics-%'",
            ((dataset.name, row.track_id) for row in changed),
        )
    return changed


def lyrics_key(dataset: Dataset, ids: Container[str]) -> str:
    """Changes with any word of some songs' lyrics."""
    return key_of(sorted((row.track_id, row.key) for row in _rows(dataset).values() if row.track_id in ids))


def words_of(dataset: Dataset, ids: Iterable[str]) -> dict[str, Bag]:
    """Counts of each word in songs' lyrics, by track id, for songs with lyrics."""
    rows = dataset.tables.catalog.rows(
        "SELECT track, words FROM words WHERE dataset = ? AND key != ''"
        " AND track IN (SELECT value FROM json_each(?))",
        dataset.name,
        json.dumps(list(ids)),
    )
    return {track: json.loads(words) for track, words in rows}


def eats_lyrics(specs: Iterable[FeatureSpec]) -> bool:
    """Whether lyrics are an input of a network, and not left out."""
    return any(isinstance(spec, LyricsSpec) and spec.vectors for spec in specs)
