"""A folder of music to a dataset: labelled, split, cut, and its features cached."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from groovecli.audio import clips
from groovecli.datasets import intake as libraries
from groovecli.datasets import plan as plans
from groovecli.datasets import splits
from groovecli.datasets.cache import compute_missing
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.plan import Plan
from groovecli.errors import DatasetError, LibraryError, UsageError
from groovecli.features.registry import feature
from groovecli.features.spec import FeatureSpec, LyricsSpec
from groovecli.home import checked_name
from groovecli.library import genres as levels
from groovecli.library.catalog import Catalog, DatasetSettings, Song
from groovecli.library.tracks import Rejected, Track
from groovecli.monitor import SILENT, Monitor

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
_MAY_CHANGE = {"name", "clips_per_song", "clips_per_genre"}
# Reasons that are a choice of groove's and no fault of a file.
_HARMLESS = (
    "lies in no genre folder",
    "has the same audio as",
    "has no genre",
    "has no top genre",
    "is not in the split file",
    "is in tracks.csv, but in the",
)


@dataclass(frozen=True)
class GenreCount:
    """Songs and clips of a genre by side."""

    songs: Mapping[str, int]
    clips: Mapping[str, int]


@dataclass(frozen=True)
class IngestResult:
    """What a dataset holds after an ingest, and what was left out."""

    settings: DatasetSettings
    genres: Mapping[str, GenreCount]
    left_out: Mapping[str, str]
    skipped: tuple[Rejected, ...]
    n_padded: int
    n_fewer_clips: int
    n_new_clips: int
    n_untagged: int
    n_shared_artists: int
    seconds: float

    @property
    def n_failed(self) -> int:
        """Files that could not be used, and genres that had to go."""
        return len(self.left_out) + sum(not r.reason.startswith(_HARMLESS) for r in self.skipped)


def ingest(
    catalog: Catalog, request: IngestRequest, *, jobs: int = 0, monitor: Monitor = SILENT
) -> IngestResult:
    """Learn a library into a dataset; what is there already is not done again.

    Raises
    ------
    LibraryError
        There is no such folder, no music in it, or fewer than two genres to tell apart.
    UsageError
        A genre, feature or share makes no sense.
    DatasetError
        The dataset was made with another split, seed, clip length or source of labels.
    Interrupted
        The user stopped it before the songs were drawn; what was read is remembered.
    """
    started = time.monotonic()
    settings = _settings(catalog, request)
    specs = _specs(request, settings)
    library = libraries.read(catalog, request, settings, jobs=jobs, monitor=monitor)
    if library.sides:
        settings = replace(settings, split_by="official")
    tracks, unusable = _usable(library.tracks, settings, catalog.songs(settings.name))
    skipped = [*library.skipped, *unusable]
    genred = {track.id: (track, genre) for track, genre in tracks.values()}
    old_genres = {song.genre for song in catalog.songs(settings.name).values()}
    plan = _stored_plan(catalog, settings, genred, library.sides, skipped)
    n_new_clips = compute_missing(catalog, settings.name, specs, jobs=jobs, monitor=monitor)
    if not monitor.stopped and _undo_one_sided(catalog, settings.name, old_genres):
        plan = _stored_plan(catalog, settings, genred, library.sides, skipped)
        compute_missing(catalog, settings.name, specs, jobs=jobs, monitor=monitor)
    skipped += _problems(catalog, settings.name, {track.id: path for path, (track, _) in tracks.items()})
    counts = counted(catalog, settings.name)
    catalog.log_run(
        "ingest", {"dataset": settings.name, "library": str(request.library), "clips": n_new_clips}
    )
    return IngestResult(
        settings=settings,
        genres=counts,
        left_out={**plan.left_out, **_one_sided(counts)},
        skipped=tuple(skipped),
        n_padded=sum(clips.is_padded(t.duration_s, settings.clip_s) for t, _ in tracks.values()),
        n_fewer_clips=plan.n_fewer_clips,
        n_new_clips=n_new_clips,
        n_untagged=plan.n_untagged,
        n_shared_artists=_n_shared_artists(catalog, settings),
        seconds=time.monotonic() - started,
    )


def _specs(request: IngestRequest, settings: DatasetSettings) -> list[FeatureSpec]:
    """The features to compute now; others follow when a network needs them."""
    usual = "chroma-timbre" if settings.source == "msd" else "mel-323"
    specs = [feature(name, settings.clip_s) for name in request.features or (usual,)]
    if any(isinstance(spec, LyricsSpec) for spec in specs):
        raise UsageError(
            "lyrics can't be ingested as a feature: which word vectors they take is said in training",
            "leave it out; `groove train --model seq-cnn` reads them",
        )
    return specs


def _stored_plan(
    catalog: Catalog,
    settings: DatasetSettings,
    genred: plans.Genred,
    sides: Mapping[str, str],
    skipped: Sequence[Rejected],
) -> Plan:
    plan = plans.draw(catalog, settings, genred, sides)
    if len(plan.genres) < 2:
        raise LibraryError(_too_few(plan, skipped), "a classifier needs two genres or more")
    catalog.put_dataset(settings)
    catalog.add_songs(settings.name, plan.songs, plan.clips)
    return plan


def _undo_one_sided(catalog: Catalog, dataset: str, old_genres: Collection[str]) -> bool:
    """Forget the draw of new genres whose only songs on one side turned out to be unusable.

    Nothing has seen these sides yet, so that their usable songs may be drawn again.
    """
    one_sided = set(_one_sided(counted(catalog, dataset))) - set(old_genres)
    unusable = plans.unusable_songs(catalog, dataset)
    songs = [song for song in catalog.songs(dataset).values() if song.genre in one_sided]
    again = [song.track_id for song in songs if song.track_id not in unusable]
    catalog.forget_songs(dataset, again)
    return bool(again)


def _settings(catalog: Catalog, request: IngestRequest) -> DatasetSettings:
    """The dataset's settings: as they are stored, else as asked for, else the default."""
    checked_name(request.dataset, "dataset")
    names = [f.name for f in fields(DatasetSettings) if f.name != "name"]
    asked: dict[str, Any] = {n: value for n in names if (value := getattr(request, n)) is not None}
    if asked.get("depth", 1) not in levels.DEPTHS:
        raise UsageError(
            f"--depth {asked['depth']} makes no sense", "give 1 (genres) or 2 (sub-genres too)"
        )
    if not 0 < asked.get("test_share", DEFAULTS["test_share"]) < 1:
        raise UsageError(f"--test-share {asked['test_share']:g} is not between 0 and 1")
    stored = catalog.dataset(request.dataset)
    if stored is None:
        default = {**DEFAULTS, "clips_per_song": 1} if request.source == "msd" else DEFAULTS
        return DatasetSettings(name=request.dataset, **{**default, **asked})
    for name, value in asked.items():
        if name not in _MAY_CHANGE and value != getattr(stored, name):
            option = {"clip_s": "clip-seconds"}.get(name, name.replace("_", "-"))
            raise DatasetError(
                f"dataset {stored.name!r} was made with --{option} {getattr(stored, name)}, not {value}",
                "give another dataset a name with `--dataset NAME`",
            )
    return replace(stored, **{name: value for name, value in asked.items() if name in _MAY_CHANGE})


def _usable(
    tracks: Mapping[Path, tuple[Track, str]], settings: DatasetSettings, there: Mapping[str, Song]
) -> tuple[dict[Path, tuple[Track, str]], list[Rejected]]:
    """Leave out songs too short for a clip, copies, and songs that stand in two genres.

    A song in two sub-genres of one parent counts once, in the first of them.
    """
    skipped: list[Rejected] = []
    genres: dict[str, set[str]] = defaultdict(set)
    first: dict[str, Path] = {}
    for path, (track, genre) in tracks.items():
        genres[track.id].add(genre)
        first.setdefault(track.id, path)
    kept: dict[Path, tuple[Track, str]] = {}
    for path, (track, genre) in tracks.items():
        others = (genres[track.id] | {there[track.id].genre}) if track.id in there else genres[track.id]
        contradict = len({levels.parent(other) for other in others} if settings.depth > 1 else others) > 1
        if contradict:
            also = ", ".join(sorted(others - {genre})) or "another genre"
            skipped.append(Rejected(path, f"has the same audio as a song in {also}"))
        elif first[track.id] != path:
            place = first[track.id].name if len(others) == 1 else first[track.id]
            skipped.append(Rejected(path, f"has the same audio as {place}"))
        elif not clips.capacity(track.duration_s, settings.clip_s):
            skipped.append(
                Rejected(path, f"is too short: {track.duration_s:.1f} s for clips of {settings.clip_s:g} s")
            )
        else:
            kept[path] = (track, there[track.id].genre if track.id in there else genre)
    return kept, skipped


def _too_few(plan: Plan, skipped: Sequence[Rejected]) -> str:
    there = ", ".join(sorted(plan.genres)) or "none"
    left = "; ".join(f"{genre} {why}" for genre, why in plan.left_out.items())
    what = f"fewer than two genres are left: {there}" + (f"; {left}" if left else "")
    if skipped:
        what += f"; {len(skipped)} files were skipped, such as {skipped[0].path}: {skipped[0].reason}"
    return what


def _problems(catalog: Catalog, dataset: str, paths: Mapping[str, Path]) -> list[Rejected]:
    """Songs of this library with clips that could not be used."""
    bad: dict[str, list[str]] = defaultdict(list)
    total = Counter(item.clip.track_id for item in catalog.clips(dataset))
    for item in catalog.clips(dataset):
        if item.problem is not None:
            bad[item.clip.track_id].append(item.problem)
    return [
        Rejected(paths[track_id], f"{reasons[0]} ({len(reasons)} of {total[track_id]} clips)")
        for track_id, reasons in bad.items()
        if track_id in paths
    ]


def counted(catalog: Catalog, dataset: str) -> dict[str, GenreCount]:
    """Songs and usable clips of a dataset by genre and side."""
    songs = catalog.songs(dataset)
    n_clips: dict[str, Counter[str]] = defaultdict(Counter)
    with_clips: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    every_clip = catalog.clips(dataset)
    has_validation = any(item.side == "validation" for item in every_clip)
    sides = ("train", "validation", "test") if has_validation else ("train", "test")
    for item in every_clip:
        if item.problem is None:
            genre = songs[item.clip.track_id].genre
            n_clips[genre][item.side] += 1
            with_clips[genre][item.side].add(item.clip.track_id)
    genres = sorted({song.genre for song in songs.values()})
    return {
        genre: GenreCount(
            songs={side: len(with_clips[genre][side]) for side in sides},
            clips={side: n_clips[genre][side] for side in sides},
        )
        for genre in genres
    }


def _one_sided(counts: Mapping[str, GenreCount]) -> dict[str, str]:
    """Genres that lost one side because its songs could not be decoded."""
    return {
        genre: "has no usable song in training or in test"
        for genre, count in counts.items()
        if not (count.songs["train"] and count.songs["test"])
    }


def _n_shared_artists(catalog: Catalog, settings: DatasetSettings) -> int:
    """How many artists stand in training and in test."""
    sides: dict[str, set[str]] = defaultdict(set)
    songs = catalog.songs(settings.name)
    for track_id, found in catalog.tracks(settings.name).items():
        group = splits.group_of(found[0], "artist")
        if group.startswith("artist:"):
            sides[group].add(songs[track_id].side)
    return sum("both" in found or len(found) > 1 for found in sides.values())
