"""The songs of a dataset whose files can't be reached, or are no longer those songs.

A song whose features are all cached is still learnt from: its sound was heard when it was there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.datasets.dataset import Dataset
from groovecli.datasets.tables import SideClip
from groovecli.features.spec import FeatureSpec
from groovecli.library.tracks import Rejected, Track, reachable
from groovecli.library.unchanged import why_not
from groovecli.messages.datasets import genres_out_of_reach
from groovecli.reasons import PASSING, Problem, Reason


@dataclass(frozen=True)
class Lost:
    """A song without its file: the file it had and why it is not that song's now.

    It `is_used` where all its features are cached; `has_some` where some are.
    """

    file: Rejected
    track_id: str
    is_used: bool
    has_some: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        return {**self.file.to_json(), "used": self.is_used}


@dataclass(frozen=True)
class Reach:
    """The songs of a dataset that can't be reached, and those whose file holds something else now."""

    unreachable: tuple[Lost, ...] = ()
    changed: tuple[Lost, ...] = ()

    @property
    def all(self) -> tuple[Lost, ...]:
        """Both."""
        return (*self.unreachable, *self.changed)

    @property
    def left_out(self) -> tuple[Rejected, ...]:
        """The files of songs that could not be used, or not in full."""
        return tuple(lost.file for lost in self.all if not lost.is_used)

    @property
    def n_cached(self) -> int:
        """How many of the songs are used all the same: their features are cached."""
        return sum(lost.is_used for lost in self.all)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        return {
            "unreachable": [lost.to_json() for lost in self.unreachable],
            "changed": [lost.to_json() for lost in self.changed],
        }


def reach_of(
    dataset: Dataset,
    specs: Sequence[FeatureSpec],
    *,
    side: str | None = None,
    seen: Collection[str] = (),
) -> Reach:
    """Look for the files of a dataset's songs, of one side or all; those `seen` just now are there.

    Songs with no clip that could be used even if they were there are left out.
    """
    clips = _in_question(dataset, side, seen)
    uncached = [(spec, dataset.tables.uncached(spec.key)) for spec in specs] if clips else []
    lost: dict[bool, list[Lost]] = {True: [], False: []}
    for track_id, items in clips.items():
        rejected = _out_of_reach(dataset, track_id, items, is_seen=track_id in seen) if items else None
        if rejected is None:
            continue
        cached = [
            item.problem is None and (track_id, item.clip.index) not in missing
            for item in items
            for spec, missing in uncached
            if not (spec.per_song and item.clip.index)
        ]
        lost[rejected.reason == Reason.CHANGED].append(Lost(rejected, track_id, all(cached), any(cached)))
    return Reach(tuple(lost[False]), tuple(lost[True]))


def _in_question(dataset: Dataset, side: str | None, seen: Collection[str]) -> dict[str, list[SideClip]]:
    """The clips of the songs that may be out of reach, which could be used if these were there."""
    failed = {item.clip.track_id for item in dataset.tables.failed_clips()}
    clips: dict[str, list[SideClip]] = {
        track_id: []
        for track_id in dataset.songs
        if track_id in failed or track_id not in seen or track_id not in dataset.tracks
    }
    for item in dataset.clips if clips else ():
        own = clips.get(item.clip.track_id)
        is_usable = item.problem is None or item.problem.reason in PASSING
        if own is not None and is_usable and side in (None, item.side):
            own.append(item)
    return clips


def _out_of_reach(
    dataset: Dataset, track_id: str, items: Sequence[SideClip], *, is_seen: bool
) -> Rejected | None:
    """The song's file and why it can't be cut; None where it can."""
    files = dataset.tracks.get(track_id, ())
    met = next((item.problem for item in items if item.problem is not None), None)
    if not files:
        return Rejected(Path(track_id), Reason.GONE)
    if met is not None:
        return Rejected.by(reachable(files).path, met)
    if is_seen:
        return None
    found = [*_problems(files, dataset)]
    if len(found) < len(files):
        return None
    path, problem = next((each for each in found if each[1].reason == Reason.CHANGED), found[0])
    return Rejected.by(path, problem)


def _problems(files: Sequence[Track], dataset: Dataset) -> Iterator[tuple[Path, Problem]]:
    """Why each file of a song is not that song's now, until one is found that is."""
    identify = dataset.settings.origin.identify
    for track in files:
        problem = why_not(track.path, track.id, track.state, identify)
        if problem is None:
            return
        yield track.path, problem


def check_genres(
    dataset: Dataset, reach: Reach, side: str | None = None, genres: Collection[str] = ()
) -> None:
    """Raise a DatasetError if a genre has lost all its songs: a model would silently not know it.

    Parameters
    ----------
    side : str, optional
        Count songs of this side of the split alone.
    genres : collection of str, optional
        Look at these genres alone.
    """
    lost = {each.track_id for each in reach.all if not each.has_some}
    n_songs: dict[str, int] = {}
    n_lost: dict[str, int] = {}
    for track_id in _songs_of(dataset, side):
        genre = dataset.songs[track_id].genre
        n_songs[genre] = n_songs.get(genre, 0) + 1
        n_lost[genre] = n_lost.get(genre, 0) + (track_id in lost)
    gone = [g for g in sorted(n_songs) if n_lost[g] == n_songs[g] and (not genres or g in genres)]
    if gone:
        raise genres_out_of_reach(dataset.name, _examples(dataset, reach, gone), n_songs)


def _songs_of(dataset: Dataset, side: str | None) -> set[str]:
    """Songs with a clip on a side that could be used if the song were there."""
    return {
        item.clip.track_id
        for item in dataset.clips
        if side in (None, item.side) and (item.problem is None or item.problem.reason in PASSING)
    }


def _examples(dataset: Dataset, reach: Reach, genres: Sequence[str]) -> Mapping[str, tuple[Path, str]]:
    """A file of each genre and why it can't be used."""
    return {
        dataset.songs[each.track_id].genre: (each.file.path, each.file.text)
        for each in reversed(reach.all)
        if dataset.songs[each.track_id].genre in genres
    }
