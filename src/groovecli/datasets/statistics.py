"""Counts of datasets, each by one query, however many songs there are; and clips that failed."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from groovecli.library.catalog import Catalog
from groovecli.library.statistics import Failure, tracks_below
from groovecli.reasons import Reason, stored_problem

CUT = "cut"
"""The stage in which clips are cut from a file."""


@dataclass(frozen=True)
class FeatureCounts:
    """A feature in a dataset's cache: clips that have it, usable ones that lack it, and its size."""

    key: str
    n_clips: int
    n_missing: int
    n_bytes: int


@dataclass(frozen=True)
class DatasetCounts:
    """A dataset: songs, clips, those of these that can't be used, and what is cached of it."""

    name: str
    n_songs: int
    n_clips: int
    n_unusable: int
    features: tuple[FeatureCounts, ...]

    @property
    def n_bytes(self) -> int:
        """Bytes of its chunk files."""
        return sum(each.n_bytes for each in self.features)


def dataset_counts(catalog: Catalog) -> list[DatasetCounts]:
    """How much every dataset holds, by name."""
    songs = dict(catalog.rows("SELECT dataset, count(*) FROM songs GROUP BY dataset"))
    n_bad = dict(
        catalog.rows("SELECT dataset, count(*) FROM clips WHERE code IS NOT NULL GROUP BY dataset")
    )
    clips = {  # apart: that is four times as fast as both in one query
        name: (n_clips, n_bad.get(name, 0))
        for name, n_clips in catalog.rows("SELECT dataset, count(*) FROM clips GROUP BY dataset")
    }
    sizes = {
        (name, key): n_bytes
        for name, key, n_bytes in catalog.rows(
            "SELECT dataset, substr(chunk, 1, instr(chunk, '/') - 1), total(n_bytes)"
            " FROM chunks GROUP BY 1, 2"
        )
    }
    features: dict[str, list[FeatureCounts]] = defaultdict(list)
    for name, key, n_cached, last in catalog.rows(
        "SELECT dataset, feature, count(*), max(number) FROM chunk_rows GROUP BY dataset, feature"
    ):
        n_clips, n_unusable = clips.get(name, (0, 0))
        wanted = n_clips - n_unusable
        if last == 0:  # of whole songs, or where each song has one clip
            wanted = min(wanted, songs.get(name, 0))
        n_bytes = int(sizes.get((name, key), 0))
        features[name].append(FeatureCounts(key, n_cached, max(0, wanted - n_cached), n_bytes))
    return [
        DatasetCounts(name, songs.get(name, 0), *clips.get(name, (0, 0)), tuple(features[name]))
        for (name,) in catalog.rows("SELECT name FROM datasets ORDER BY name")
    ]


def failed_clips(catalog: Catalog, below: Sequence[Path] = ()) -> Iterator[Failure]:
    """Files of which clips of a dataset can't be used, each with its first fault; see `failures`."""
    of_tracks = set(tracks_below(catalog, below)) if below else None
    rows = catalog.rows(
        "SELECT path, clips.track, code, problem FROM clips JOIN tracks ON tracks.id = clips.track"
        " JOIN files ON files.track = tracks.n WHERE code IS NOT NULL ORDER BY path, number"
    )
    said: set[bytes] = set()
    for path, track, code, detail in rows:
        problem = stored_problem(code, detail)
        if problem.reason.is_fault and path not in said and (of_tracks is None or track in of_tracks):
            said.add(path)
            yield Failure(Path(os.fsdecode(path)), CUT, problem, 0.0)


def forget_failed_clips(catalog: Catalog, below: Sequence[Path] = ()) -> int:
    """Give clips that failed another try; how many. Those that are silent stay so."""
    faults = ", ".join(f"'{reason}'" for reason in Reason if reason.is_fault)
    with catalog.changing_datasets() as db:
        if not below:
            return db.execute(
                f"UPDATE clips SET code = NULL, problem = NULL WHERE code IN ({faults})"
            ).rowcount
        return sum(
            db.execute(
                f"UPDATE clips SET code = NULL, problem = NULL WHERE track = ? AND code IN ({faults})",
                (track,),
            ).rowcount
            for track in tracks_below(catalog, below)
        )
