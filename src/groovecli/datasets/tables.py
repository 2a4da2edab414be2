"""The tables that a dataset has in the catalogue: its settings, songs, clips and chunks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from groovecli.audio.clips import Clip
from groovecli.datasets.splits import SplitBy
from groovecli.library.catalog import Catalog
from groovecli.library.sources.registry import source_called
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


@dataclass(frozen=True)
class Song:
    """A track in a dataset: its genre and its side ("both" where clips are split)."""

    track_id: str
    genre: str
    side: str


@dataclass(frozen=True)
class SideClip:
    """A clip of a dataset, its side, and why it can't be used, if so."""

    clip: Clip
    side: str
    problem: Problem | None = None


@dataclass(frozen=True)
class Place:
    """The place of a clip's feature: a chunk file below the dataset's folder, and a row in the file."""

    chunk: str
    row: int


def dataset_names(catalog: Catalog) -> list[str]:
    """Names of all datasets, sorted."""
    return [row[0] for row in catalog.rows("SELECT name FROM datasets ORDER BY name")]


def known_genres(catalog: Catalog) -> dict[str, str]:
    """Genre of every track that is in a dataset."""
    return dict(catalog.rows("SELECT track, genre FROM songs"))


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
        """Store the dataset's settings."""
        with self.catalog.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO datasets VALUES (?, ?)", (self.name, json.dumps(asdict(settings)))
            )

    def songs(self) -> dict[str, Song]:
        """The songs by track id."""
        rows = self.catalog.rows(
            "SELECT track, genre, side FROM songs WHERE dataset = ? ORDER BY track", self.name
        )
        return {row[0]: Song(*row) for row in rows}

    def clips(self) -> list[SideClip]:
        """All clips, those that can't be used included, by track and number."""
        rows = self.catalog.rows(
            "SELECT track, number, start_s, side, code, problem FROM clips WHERE dataset = ?"
            " ORDER BY track, number",
            self.name,
        )
        return [
            SideClip(Clip(track, n, start_s), side, None if code is None else stored_problem(code, detail))
            for track, n, start_s, side, code, detail in rows
        ]

    def add_songs(self, songs: Iterable[Song], clips: Iterable[SideClip]) -> None:
        """Add songs and clips; one that is there stays as it is."""
        with self.catalog.transaction() as db:
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
        with self.catalog.transaction() as db:
            for table in ("songs", "clips", "chunk_rows", "words"):
                db.executemany(f"DELETE FROM {table} WHERE dataset = ? AND track = ?", rows)

    def mark_clips(self, problems: Mapping[Clip, Problem]) -> None:
        """Store why clips can't be used."""
        with self.catalog.transaction() as db:
            db.executemany(
                "UPDATE clips SET code = ?, problem = ? WHERE dataset = ? AND track = ? AND number = ?",
                (
                    (problem.reason, problem.detail, self.name, clip.track_id, clip.index)
                    for clip, problem in problems.items()
                ),
            )

    def forget_problems(self, reason: Reason) -> None:
        """Give clips that can't be used for this reason another try."""
        with self.catalog.transaction() as db:
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

    def cached_features(self) -> list[str]:
        """Keys of the features that the dataset has chunks of."""
        rows = self.catalog.rows("SELECT DISTINCT feature FROM chunk_rows WHERE dataset = ?", self.name)
        return sorted(row[0] for row in rows)

    def chunks(self) -> set[str]:
        """Names of all chunk files, below the dataset's folder."""
        rows = self.catalog.rows("SELECT DISTINCT chunk FROM chunk_rows WHERE dataset = ?", self.name)
        return {row[0] for row in rows}

    def forget_chunks(self, chunks: Iterable[str]) -> None:
        """Forget chunk files that are gone: their features have to be computed again."""
        with self.catalog.transaction() as db:
            rows = ((self.name, chunk) for chunk in chunks)
            db.executemany("DELETE FROM chunk_rows WHERE dataset = ? AND chunk = ?", rows)

    def add_chunk(self, feature: str, chunk: str, clips: Iterable[Clip]) -> None:
        """Store that a chunk file holds the features of `clips`, in their order."""
        rows = (
            (self.name, feature, clip.track_id, clip.index, chunk, place)
            for place, clip in enumerate(clips)
        )
        with self.catalog.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO chunk_rows VALUES (?, ?, ?, ?, ?, ?)", rows)
