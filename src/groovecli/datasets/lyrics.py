"""The lyrics of a dataset's songs: read from their files, or come with a published data set.

Lyrics belong to the dataset: another one of the same songs may have other words for them, or none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from groovecli.audio.lyrics import Bag, read_lyrics
from groovecli.audio.lyrics_files import Beside, lyrics_paths
from groovecli.datasets.dataset import Dataset
from groovecli.features.lyrics import bag_key
from groovecli.files import key_of
from groovecli.library.tracks import Rejected, Track, reachable
from groovecli.messages.datasets import stopped_reading_lyrics
from groovecli.monitor import SILENT, Monitor
from groovecli.reasons import Problem, Reason
from groovecli.workers.pool import imap

_AT_ONCE = 2000  # songs that are read or stored together
# Of which there is something to say: a choice of languages, or a problem.
_TAKEN = (
    "SELECT taken FROM words WHERE dataset = ? AND taken != '{}' AND"
    " (json_array_length(taken, '$.others') > 0 OR json_extract(taken, '$.problem') != '')"
)

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
    if not dataset.settings.origin.has_sound:
        return _found(dataset, [])
    tasks = list(_tasks(dataset, here or {}))
    if not tasks:
        return _found(dataset, [])
    read = imap(
        _read,
        tasks,
        n_items=len(tasks),
        jobs=jobs,
        stage="read lyrics",
        monitor=monitor,
        lost=_unread,
    )
    changed = _put(dataset, read)
    if monitor.stopped:
        raise stopped_reading_lyrics()
    return _found(dataset, changed)


def give_lyrics(dataset: Dataset, bags: Mapping[str, Bag]) -> LyricsFound:
    """Store lyrics that came with a data set, by track id; songs without any keep what they have."""
    given = {key: bag for key, bag in bags.items() if key in dataset.songs}
    rows = ((_Row(key, key=bag_key(bag)), bag) for key, bag in given.items())
    return replace(_found(dataset, _put(dataset, rows)), n_given=len(given))


def _found(dataset: Dataset, changed: Collection[_Row]) -> LyricsFound:
    catalog, n_new = dataset.tables.catalog, sum(bool(row.key) for row in changed)
    ((n_songs,),) = catalog.rows("SELECT COUNT(*) FROM words WHERE dataset = ? AND key != ''", dataset.name)
    rows = catalog.each(f"{_TAKEN} ORDER BY rowid", dataset.name)
    taken = [(Path(each["path"]), each) for each in (json.loads(text) for (text,) in rows)]
    return LyricsFound(
        n_songs=n_songs,
        n_new=n_new,
        n_gone=len(changed) - n_new,
        chosen=tuple(
            Chosen(p, each["language"], tuple(each["others"])) for p, each in taken if each["others"]
        ),
        unusable=tuple(Rejected(p, Reason.LYRICS, each["problem"]) for p, each in taken if each["problem"]),
    )


def _tasks(dataset: Dataset, here: Paths) -> Iterator[_Task]:
    """The songs whose files changed, or are not those that were read."""
    roots, beside = _libraries(dataset), Beside()
    for track_id, row in _songs_rows(dataset):
        files = _files(here.get(track_id, ()), row.files if row else ())
        looked_for = files
        if not files and track_id in dataset.tracks:  # ingested by an older groove
            looked_for = (_likely_file(dataset.tracks[track_id], roots),)
        paths = tuple(path for path in looked_for if os.path.exists(path))
        if not paths:
            continue  # out of reach: what was read stays
        state = _state(paths, beside)
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


def _state(paths: Sequence[Path], beside: Beside) -> str:
    """Changes with the songs' files and with the files of lyrics beside them."""
    texts = chain.from_iterable(lyrics_paths(path) for path in paths if beside.may_have_lyrics(path))
    looked_at = [*((path, path.stat()) for path in paths), *texts]
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


def _unread(task: _Task, problem: Problem) -> tuple[_Row, Bag]:
    """A song that a worker was lost over."""
    path = str(task.paths[0])
    taken = {"path": path, "language": None, "others": (), "problem": f"the file {problem.text}"}
    return replace(task.row, taken=taken), {}


# The table


def _songs_rows(dataset: Dataset) -> Iterator[tuple[str, _Row | None]]:
    """Each song of a dataset, and what is stored of its lyrics, without the words."""
    songs = iter(dataset.songs)
    while some := list(islice(songs, _AT_ONCE)):
        rows = _rows(dataset, some)
        yield from ((track_id, rows.get(track_id)) for track_id in some)


def _rows(dataset: Dataset, ids: Sequence[str]) -> dict[str, _Row]:
    """What is stored of some songs' lyrics, without the words."""
    rows = dataset.tables.catalog.rows(
        "SELECT track, files, state, key, taken FROM words WHERE dataset = ?"
        " AND track IN (SELECT value FROM json_each(?))",
        dataset.name,
        json.dumps(ids),
    )
    return {
        track: _Row(track, tuple(map(Path, json.loads(files))), state, key, json.loads(taken))
        for track, files, state, key, taken in rows
    }


def _put(dataset: Dataset, rows: Iterable[tuple[_Row, Bag]]) -> list[_Row]:
    """Store lyrics, and forget the vectors of changed lyrics; returns the songs of these."""
    rest, changed = iter(rows), list[_Row]()
    while some := list(islice(rest, _AT_ONCE)):
        changed += _put_some(dataset, some)
    return changed


def _put_some(dataset: Dataset, rows: Sequence[tuple[_Row, Bag]]) -> list[_Row]:
    known = _rows(dataset, [row.track_id for row, _ in rows])
    before = {track_id: row.key for track_id, row in known.items()}
    changed = [row for row, _ in rows if row.key != before.get(row.track_id, "")]
    values = []
    for row, words in rows:
        files = json.dumps([str(path) for path in row.files])
        texts = row.state, row.key, json.dumps(row.taken), json.dumps(dict(words))
        values.append((dataset.name, row.track_id, files, *texts))
    with dataset.tables.catalog.changing_datasets() as db:
        db.executemany("INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        db.executemany(
            "DELETE FROM chunk_rows WHERE dataset = ? AND track = ? AND feature LIKE 'lyrics-%'",
            ((dataset.name, row.track_id) for row in changed),
        )
    return changed


def lyrics_key(dataset: Dataset, ids: Container[str]) -> str:
    """Changes with any word of some songs' lyrics."""
    rows = dataset.tables.catalog.each("SELECT track, key FROM words WHERE dataset = ?", dataset.name)
    return key_of(sorted(row for row in rows if row[0] in ids))


def words_of(dataset: Dataset, ids: Iterable[str]) -> dict[str, Bag]:
    """Counts of each word in songs' lyrics, by track id, for songs with lyrics."""
    rows = dataset.tables.catalog.rows(
        "SELECT track, words FROM words WHERE dataset = ? AND key != ''"
        " AND track IN (SELECT value FROM json_each(?))",
        dataset.name,
        json.dumps(list(ids)),
    )
    return {track: json.loads(words) for track, words in rows}
