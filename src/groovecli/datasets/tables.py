"""The tables that a dataset has in the catalogue: its settings, songs, clips and chunks."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from sqlite3 import Connection
from typing import Any

from groovecli.audio.clips import Clip
from groovecli.datasets.splits import SPLIT_BY, SplitBy
from groovecli.library.catalog import Catalog
from groovecli.library.labels import LABEL_FROM
from groovecli.library.sources.registry import SOURCES, source_called
from groovecli.library.sources.source import Source
from groovecli.reasons import Problem, Reason, stored_problem

DEFAULTS: dict[str, Any] = {
    "split_by": "song",
    "test_share": 0.2,
    "seed": 0,
    "clip_s": 30.0,
    "label_from": "folder",
    "clips_per_song": 3,
    "clips_per_genre": None,
    "source": "folder",
    "depth": 1,
}
"""Settings of a dataset that are not asked for."""


@dataclass(frozen=True)
class DatasetSettings:
    """How a dataset was labelled, split and cut; fixed when it is made, but for the clip counts.

    At depth 2 its genres are named `parent/child`.
    """

    name: str
    split_by: SplitBy
    test_share: float
    seed: int
    clip_s: float
    label_from: str
    clips_per_song: int
    clips_per_genre: int | None
    source: str = "folder"
    depth: int = 1

    @property
    def origin(self) -> Source:
        """The source of the songs, and its rules for them."""
        return source_called(self.source)


def checked_settings(values: Mapping[str, Any]) -> DatasetSettings:
    """A dataset's settings from plain values that anyone may have written.

    Raises
    ------
    ValueError
        They are no dataset's.
    """
    try:
        settings = DatasetSettings(**values)
    except TypeError as error:
        raise ValueError("its settings are no dataset's") from error
    numbers = (settings.test_share, settings.clip_s, settings.seed, settings.clips_per_song, settings.depth)
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
        raise ValueError("its settings have something else where numbers should be")
    is_known = settings.split_by in (*SPLIT_BY, "official") and settings.source in SOURCES
    if not is_known or settings.label_from not in LABEL_FROM or settings.depth not in (1, 2):
        raise ValueError("its settings are of an unknown kind")
    if not (0 < settings.test_share < 1 and 0 < settings.clip_s <= 3600 and settings.clips_per_song > 0):
        raise ValueError("its settings are out of range")
    if settings.clips_per_genre is not None and not isinstance(settings.clips_per_genre, int):
        raise ValueError("its settings have something else where numbers should be")
    return settings


@dataclass(frozen=True, slots=True)
class Song:
    """A track in a dataset: its genre and its side ("both" where clips are split)."""

    track_id: str
    genre: str
    side: str


@dataclass(frozen=True, slots=True)
class SideClip:
    """A clip of a dataset, its side, and why it can't be used, if so."""

    clip: Clip
    side: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a clip's feature: a chunk file below the dataset's folder, and a row in the file."""

    chunk: str
    row: int


@dataclass(frozen=True)
class Written:
    """A file that was written: its SHA-256 and its size."""

    checksum: str
    n_bytes: int


def dataset_names(catalog: Catalog) -> list[str]:
    """Names of all datasets, sorted."""
    return [row[0] for row in catalog.rows("SELECT name FROM datasets ORDER BY name")]


def known_genres(catalog: Catalog, ids: Iterable[str] | None = None) -> dict[str, str]:
    """Genre of every track, or of some, that are in a dataset."""
    if ids is None:
        rows = catalog.each("SELECT track, genre FROM songs")
    else:
        rows = catalog.each(
            "SELECT track, genre FROM songs WHERE dataset IN (SELECT name FROM datasets)"
            " AND track IN (SELECT value FROM json_each(?)) ORDER BY rowid",
            json.dumps(list(ids)),
        )
    return {sys.intern(track): sys.intern(genre) for track, genre in rows}


_GENRES = "SELECT DISTINCT genre FROM songs WHERE dataset = ?"
_PUT_CHUNK = "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?)"


class Tables:
    """The rows of one dataset, which need not exist yet.

    Parameters
    ----------
    catalog : Catalog
        Where they are kept.
    name : str
        The dataset's.
    """

    def __init__(self, catalog: Catalog, name: str) -> None:
        self.catalog = catalog
        self.name = name

    def settings(self) -> DatasetSettings | None:
        """The dataset's settings, None where there is none of that name."""
        rows = self.catalog.rows("SELECT settings FROM datasets WHERE name = ?", self.name)
        return DatasetSettings(**json.loads(rows[0][0])) if rows else None

    def put_settings(self, settings: DatasetSettings) -> None:
        """Store the dataset's settings, unless they are there already."""
        if self.settings() == settings:
            return
        with self.catalog.changing_datasets() as db:
            db.execute(
                "INSERT OR REPLACE INTO datasets VALUES (?, ?)", (self.name, json.dumps(asdict(settings)))
            )

    def songs(self) -> dict[str, Song]:
        """The songs by track id."""
        rows = self.catalog.each(
            "SELECT track, genre, side FROM songs WHERE dataset = ? ORDER BY track", self.name
        )
        songs = (Song(*map(sys.intern, row)) for row in rows)  # many rows, few texts
        return {song.track_id: song for song in songs}

    def clips(self) -> list[SideClip]:
        """All clips, those that can't be used included, by track and number."""
        return list(self._clips("TRUE"))

    def failed_clips(self) -> list[SideClip]:
        """The clips that can't be used, by track and number."""
        return list(self._clips("code IS NOT NULL"))

    def _clips(self, condition: str) -> Iterator[SideClip]:
        rows = self.catalog.each(
            "SELECT track, number, start_s, side, code, problem FROM clips"
            f" WHERE dataset = ? AND {condition} ORDER BY track, number",
            self.name,
        )
        for track, n, start_s, side, code, detail in rows:
            problem = None if code is None else stored_problem(code, detail)
            yield SideClip(Clip(sys.intern(track), n, start_s), sys.intern(side), problem)

    def n_clips(self) -> dict[str, int]:
        """How many clips each song has, those that can't be used included, by track id."""
        query = "SELECT track, COUNT(*) FROM clips WHERE dataset = ? GROUP BY track"
        return {sys.intern(track): n for track, n in self.catalog.each(query, self.name)}

    def unusable_songs(self) -> set[str]:
        """Songs whose every clip can't be used."""
        query = "SELECT track FROM clips WHERE dataset = ? GROUP BY track HAVING COUNT(code) = COUNT(*)"
        return {track for (track,) in self.catalog.each(query, self.name)}

    def genres(self) -> set[str]:
        """The genres of its songs."""
        return {genre for (genre,) in self.catalog.rows(_GENRES, self.name)}

    def n_usable(self) -> dict[tuple[str, str], tuple[int, int]]:
        """How many songs and clips can be used, by (genre, side)."""
        query = (
            "SELECT genre, own.side, COUNT(*), SUM(n) FROM (SELECT track, side, COUNT(*) AS n FROM clips"
            " WHERE dataset = ? AND code IS NULL GROUP BY track, side) AS own"
            " JOIN songs ON songs.dataset = ? AND songs.track = own.track GROUP BY genre, own.side"
        )
        rows = self.catalog.rows(query, self.name, self.name)
        return {(genre, side): (n_songs, n_clips) for genre, side, n_songs, n_clips in rows}

    def has_side(self, side: str) -> bool:
        """Whether a clip is on a side."""
        query = "SELECT 1 FROM clips WHERE dataset = ? AND side = ? LIMIT 1"
        return bool(self.catalog.rows(query, self.name, side))

    def add_songs(self, songs: Iterable[Song], clips: Iterable[SideClip]) -> None:
        """Add songs and clips; one that is there stays as it is."""
        with self.catalog.changing_datasets() as db:
            db.executemany(
                "INSERT OR IGNORE INTO songs VALUES (?, ?, ?, ?)",
                ((self.name, song.track_id, song.genre, song.side) for song in songs),
            )
            db.executemany(
                "INSERT OR IGNORE INTO clips VALUES (?, ?, ?, ?, ?, NULL, NULL)",
                ((self.name, c.clip.track_id, c.clip.index, c.clip.start_s, c.side) for c in clips),
            )

    def forget_songs(self, track_ids: Iterable[str]) -> None:
        """Take songs out of the dataset, with their clips, features and lyrics."""
        rows = [(self.name, track_id) for track_id in track_ids]
        with self.catalog.changing_datasets() as db:
            for table in ("songs", "clips", "chunk_rows", "words"):
                db.executemany(f"DELETE FROM {table} WHERE dataset = ? AND track = ?", rows)
            self._forget_unused(db)

    def mark_clips(self, problems: Mapping[Clip, Problem]) -> None:
        """Store why clips can't be used."""
        with self.catalog.changing_datasets() as db:
            db.executemany(
                "UPDATE clips SET code = ?, problem = ? WHERE dataset = ? AND track = ? AND number = ?",
                (
                    (problem.reason, problem.detail, self.name, clip.track_id, clip.index)
                    for clip, problem in problems.items()
                ),
            )

    def forget_problems(self, reason: Reason) -> None:
        """Give clips that can't be used for this reason another try."""
        with self.catalog.changing_datasets() as db:
            db.execute(
                "UPDATE clips SET code = NULL, problem = NULL WHERE dataset = ? AND code = ?",
                (self.name, reason),
            )

    def places(self, feature: str) -> dict[tuple[str, int], Place]:
        """The place of each clip's feature, by (track id, clip number)."""
        rows = self.catalog.rows(
            "SELECT track, number, chunk, place FROM chunk_rows WHERE dataset = ? AND feature = ?",
            self.name,
            feature,
        )
        return {(track, number): Place(chunk, row) for track, number, chunk, row in rows}

    def uncached(self, feature: str) -> set[tuple[str, int]]:
        """The clips, by (track id, clip number), whose feature has no place yet."""
        query = (
            "SELECT clips.track, clips.number FROM clips LEFT JOIN chunk_rows AS there"
            " ON there.dataset = clips.dataset AND there.feature = ? AND there.track = clips.track"
            " AND there.number = clips.number WHERE clips.dataset = ? AND there.track IS NULL"
        )
        return {
            (sys.intern(track), number) for track, number in self.catalog.each(query, feature, self.name)
        }

    def cached_features(self) -> list[str]:
        """Keys of the features that the dataset has chunks of."""
        rows = self.catalog.rows("SELECT DISTINCT feature FROM chunk_rows WHERE dataset = ?", self.name)
        return sorted(row[0] for row in rows)

    def chunks(self) -> set[str]:
        """Names of all chunk files, below the dataset's folder."""
        rows = self.catalog.rows("SELECT DISTINCT chunk FROM chunk_rows WHERE dataset = ?", self.name)
        return {row[0] for row in rows}

    def last_chunk(self, folder: str) -> tuple[str, int | None] | None:
        """The last chunk file in a folder, and how many of its rows are in use; None: all that it has."""
        rows = self.catalog.rows(
            "SELECT chunk, checksum FROM chunks WHERE dataset = ? AND chunk > ? AND chunk < ?"
            " ORDER BY chunk DESC LIMIT 1",
            self.name,
            f"{folder}/",
            f"{folder}0",  # the letter after the slash
        )
        if not rows or rows[0][1] is not None:
            return (rows[0][0], None) if rows else None
        used = "SELECT MAX(place) + 1 FROM chunk_rows WHERE dataset = ? AND chunk = ?"
        return rows[0][0], self.catalog.rows(used, self.name, rows[0][0])[0][0] or 0

    def checksums(self) -> dict[str, str | None]:
        """The SHA-256 of each chunk file, by name; None of one that an older groove wrote."""
        query = (
            "SELECT used.chunk, checksum FROM"
            " (SELECT DISTINCT chunk FROM chunk_rows WHERE dataset = ?) AS used"
            " LEFT JOIN chunks ON chunks.chunk = used.chunk AND chunks.dataset = ? ORDER BY used.chunk"
        )
        return dict(self.catalog.rows(query, self.name, self.name))

    def put_checksum(self, chunk: str, checksum: str, n_bytes: int) -> None:
        """Store the SHA-256 and the size of a chunk file."""
        with self.catalog.transaction() as db:
            db.execute(_PUT_CHUNK, (self.name, chunk, checksum, n_bytes))

    def forget_checksum(self, chunk: str) -> None:
        """Let a chunk file have no checksum: it is about to be written again."""
        with self.catalog.transaction() as db:
            db.execute(
                "UPDATE chunks SET checksum = NULL WHERE dataset = ? AND chunk = ?", (self.name, chunk)
            )

    def _forget_unused(self, db: Connection) -> None:
        """Forget checksums of chunk files that hold nothing any more."""
        db.execute(
            "DELETE FROM chunks WHERE dataset = ? AND chunk NOT IN"
            " (SELECT chunk FROM chunk_rows WHERE dataset = ?)",
            (self.name, self.name),
        )

    def forget_chunks(self, chunks: Iterable[str]) -> None:
        """Forget chunk files that are gone: their features have to be computed again."""
        rows = [(self.name, chunk) for chunk in chunks]
        with self.catalog.transaction() as db:
            db.executemany("DELETE FROM chunk_rows WHERE dataset = ? AND chunk = ?", rows)
            db.executemany("DELETE FROM chunks WHERE dataset = ? AND chunk = ?", rows)

    def add_chunk(
        self, feature: str, chunk: str, clips: Iterable[Clip], written: Written | None = None
    ) -> None:
        """Store that a chunk file, as it was `written`, holds the features of `clips` in their order."""
        rows = (
            (self.name, feature, clip.track_id, clip.index, chunk, place)
            for place, clip in enumerate(clips)
        )
        with self.catalog.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO chunk_rows VALUES (?, ?, ?, ?, ?, ?)", rows)
            if written:
                db.execute(_PUT_CHUNK, (self.name, chunk, written.checksum, written.n_bytes))
