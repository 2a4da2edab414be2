"""A folder of music to a dataset: labelled, split, cut, and its features cached."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from groovecli.actions import again
from groovecli.actions.context import Context, check_call, check_seed
from groovecli.audio import clips
from groovecli.datasets import intake
from groovecli.datasets.cache import compute_missing
from groovecli.datasets.counts import GenreCount, counted
from groovecli.datasets.dataset import Dataset, read_dataset
from groovecli.datasets.groups import Genred
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.lyrics import LyricsFound, give_lyrics, update_lyrics
from groovecli.datasets.plan import Plan, sample_plan
from groovecli.datasets.reach import Reach, reach_of
from groovecli.datasets.splits import SPLIT_BY
from groovecli.datasets.tables import DEFAULTS, DatasetSettings, Tables
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.registry import feature
from groovecli.features.spec import AudioSpec, FeatureSpec
from groovecli.files import exclusive
from groovecli.home import checked_name
from groovecli.library.catalog import Catalog
from groovecli.library.genres import DEPTHS, parent_of
from groovecli.library.labels import LABEL_FROM
from groovecli.library.sources.registry import SOURCES, source_called
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver, Walked
from groovecli.messages.actions import made_otherwise, too_few_genres
from groovecli.messages.options import (
    feature_of_another_source,
    lyrics_are_not_ingested,
    no_depth,
    no_share,
    no_such_choice,
    out_of_range,
)
from groovecli.reasons import Problem, Reason

_MAY_CHANGE = {"name", "clips_per_song", "clips_per_genre"}


@dataclass(frozen=True)
class IngestResult:
    """What a dataset holds after an ingest, and what was left out; where it was `interrupted`, so far.

    `reach` has the dataset's songs whose files are not there, those of other libraries too.
    """

    settings: DatasetSettings
    genres: Mapping[str, GenreCount]
    left_out: Mapping[str, str]
    skipped: tuple[Rejected, ...]
    passed_over: PassedOver
    renamed: Mapping[str, str]
    n_padded: int
    n_fewer_clips: int
    n_new_clips: int
    n_untagged: int
    loosened: tuple[str, ...]
    n_shared_artists: int
    lyrics: LyricsFound
    seconds: float
    interrupted: bool = False
    reach: Reach = field(default_factory=Reach)

    @property
    def n_failed(self) -> int:
        """Files that could not be used, songs that are out of reach, and genres that had to go."""
        faults = sum(item.reason.is_fault for item in self.skipped)
        return len(self.left_out) + faults + len(self.reach.all)


def run(request: IngestRequest, context: Context) -> IngestResult:
    """Learn a library into a dataset; what is there already is not done again.

    Raises
    ------
    LibraryError
        There is no such folder, no music in it, or fewer than two genres to tell apart.
    UsageError
        A genre, feature or share is wrong.
    DatasetError
        The dataset was made with another split, seed, clip length or source of labels, or another groove
        is at work in it.
    Interrupted
        The user stopped it before the songs were drawn; what was read is remembered.
    """
    check_call("ingest", request, IngestRequest, context)
    specs_of(request, settings_of(context.catalog, request))  # before anything is made for what is refused
    with exclusive(context.home.dataset(request.dataset)):  # before settings are read to be kept
        return _ingested(request, context)


def _ingested(request: IngestRequest, context: Context) -> IngestResult:
    started = time.monotonic()
    settings = settings_of(context.catalog, request)
    specs = specs_of(request, settings)
    found = intake.walk(request, settings)
    tables = Tables(context.catalog, settings.name)
    key = again.key_of_pass(request, request.library, settings, specs, found, tables) if found else ""
    said = again.kept(context.home, settings.name, key) if key else None
    if found and said:
        result = IngestResult(settings, passed_over=found.passed_over, n_new_clips=0, seconds=0.0, **said)
    else:
        result = _learnt(request, context, settings, specs, found, key)
    summary = {
        "dataset": settings.name,
        "library": os.path.abspath(request.library),
        "clips": result.n_new_clips,
    }
    context.catalog.log_run("ingest", summary)
    return replace(result, seconds=time.monotonic() - started)


def _learnt(
    request: IngestRequest,
    context: Context,
    settings: DatasetSettings,
    specs: Sequence[FeatureSpec],
    found: Walked | None,
    key: str,
) -> IngestResult:
    """Do all that there is to do; where that is nothing, what is said is kept under the key."""
    catalog, jobs, monitor = context.catalog, context.jobs, context.monitor
    n_changes = catalog.n_changes
    library = intake.read(catalog, request, settings, found, jobs=jobs, monitor=monitor)
    if library.sides:
        settings = replace(settings, split_by="official")
    read = (track for track, _ in library.tracks.values())
    dataset = read_dataset(catalog, context.home, settings, read)
    tracks, unusable = usable(library.tracks, dataset)
    skipped = [*library.skipped, *unusable]
    genred = {pair[0].id: pair for pair in tracks.values()}
    old_genres = {song.genre for song in dataset.songs.values()}
    plan = planned(dataset, genred, library.sides, skipped)
    dataset, n_new_clips = _computed(dataset, plan, specs, context)
    if not monitor.stopped and (one_sided := _one_sided_songs(dataset, old_genres)):
        dataset.tables.forget_songs(one_sided)
        dataset = dataset.reread()
        plan = planned(dataset, genred, library.sides, skipped)
        dataset, _ = _computed(dataset, plan, specs, context)
    skipped += _problems(dataset, {track.id: path for path, (track, _) in tracks.items()})
    lyrics = _lyrics(dataset, library, context)
    counts = counted(dataset)
    result = IngestResult(
        settings=settings,
        genres=counts,
        left_out={**plan.left_out, **_one_sided(counts)},
        skipped=tuple(skipped),
        passed_over=library.passed_over,
        renamed=library.renamed,
        n_padded=_n_padded(dataset, genred),
        n_fewer_clips=plan.n_fewer_clips,
        n_new_clips=n_new_clips,
        n_untagged=plan.n_untagged,
        loosened=plan.loosened,
        n_shared_artists=_n_shared_artists(dataset),
        lyrics=lyrics,
        seconds=0.0,
        interrupted=monitor.stopped,
        reach=Reach() if monitor.stopped else reach_of(dataset, specs, seen=genred),
    )
    is_same = catalog.n_changes == n_changes and not (monitor.stopped or result.reach.all)
    if found and is_same and again.is_lasting(dataset, found.songs, genred, skipped):
        again.keep(dataset, key, result)
    return result


def _n_padded(dataset: Dataset, genred: Genred) -> int:
    """Songs that are shorter than a clip."""
    clip_s = dataset.settings.clip_s
    own = (track for key, (track, _) in genred.items() if key in dataset.songs)
    return sum(clips.is_padded(track.duration_s, clip_s) for track in own)


def _lyrics(dataset: Dataset, library: intake.Library, context: Context) -> LyricsFound:
    """The lyrics that came with a data set, else those of the library's files."""
    if library.lyrics is not None:
        return give_lyrics(dataset, library.lyrics)
    if context.monitor.stopped:
        return LyricsFound()
    here: dict[str, list[Path]] = defaultdict(list)
    for path, (track, _) in library.tracks.items():
        here[track.id].append(path)
    return update_lyrics(dataset, here, jobs=context.jobs, monitor=context.monitor)


def specs_of(request: IngestRequest, settings: DatasetSettings) -> list[FeatureSpec]:
    """The features to compute now; others follow when a network needs them."""
    names = request.features or (settings.origin.feature,)
    specs = [feature(name, settings.clip_s) for name in names]
    if any(isinstance(spec, LyricsSpec) for spec in specs):
        raise lyrics_are_not_ingested()
    for spec in specs:
        if isinstance(spec, AudioSpec) != settings.origin.has_sound:
            raise feature_of_another_source(spec.name, settings.source)
    return specs


def planned(
    dataset: Dataset, genred: Genred, sides: Mapping[str, str], skipped: Sequence[Rejected]
) -> Plan:
    """The songs and clips that a dataset will have; see `sample_plan`.

    Raises
    ------
    LibraryError
        There are fewer than two genres.
    """
    plan = sample_plan(dataset, genred, sides)
    if len(plan.genres) < 2:
        raise too_few_genres(plan.genres, plan.left_out, [(each.path, each.text) for each in skipped])
    return plan


def _computed(
    dataset: Dataset, plan: Plan, specs: Sequence[FeatureSpec], context: Context
) -> tuple[Dataset, int]:
    """The dataset with the plan's songs and their features, and how many clips had to be tried."""
    dataset.tables.put_settings(dataset.settings)
    songs = [song for song in plan.songs if song.track_id not in dataset.songs]
    there = {(item.clip.track_id, item.clip.index) for item in dataset.clips} if plan.clips else ()
    new_clips = [item for item in plan.clips if (item.clip.track_id, item.clip.index) not in there]
    if songs or new_clips:
        dataset.tables.add_songs(songs, new_clips)
        dataset = dataset.reread()
    done = compute_missing(dataset, specs, jobs=context.jobs, monitor=context.monitor)
    return done.dataset, done.n_clips


def _one_sided_songs(dataset: Dataset, old_genres: Collection[str]) -> list[str]:
    """The usable songs of new genres whose only songs on one side turned out to be unusable.

    Nothing has seen the sides of these yet, so that they may be drawn again.
    """
    if dataset.tables.genres() <= set(old_genres):
        return []
    one_sided = set(_one_sided(counted(dataset))) - set(old_genres)
    unusable = dataset.tables.unusable_songs()
    return [
        song.track_id
        for song in dataset.songs.values()
        if song.genre in one_sided and song.track_id not in unusable
    ]


def settings_of(catalog: Catalog, request: IngestRequest) -> DatasetSettings:
    """The dataset's settings: as they are stored, else as asked for, else the default."""
    checked_name(request.dataset, "dataset")
    names = [f.name for f in fields(DatasetSettings) if f.name != "name"]
    asked: dict[str, Any] = {n: value for n in names if (value := getattr(request, n)) is not None}
    _check_asked(asked)
    stored = Tables(catalog, request.dataset).settings()
    if stored is None:
        clips_per_song = source_called(request.source or DEFAULTS["source"]).clips_per_song
        return DatasetSettings(
            name=request.dataset, **{**DEFAULTS, "clips_per_song": clips_per_song, **asked}
        )
    for name, value in asked.items():
        if name not in _MAY_CHANGE and value != getattr(stored, name):
            option = {"clip_s": "clip-seconds"}.get(name, name.replace("_", "-"))
            raise made_otherwise(stored.name, option, getattr(stored, name), value)
    return replace(stored, **{name: value for name, value in asked.items() if name in _MAY_CHANGE})


def _check_asked(asked: Mapping[str, Any]) -> None:
    """Raise a UsageError at a wrong setting, which would be stored for good."""
    choices = {"split_by": SPLIT_BY, "label_from": LABEL_FROM, "source": tuple(SOURCES)}
    for name, allowed in choices.items():
        if name in asked and asked[name] not in allowed:
            raise no_such_choice(f"--{name.replace('_', '-')}", asked[name], allowed)
    for name in ("clips_per_song", "clips_per_genre"):
        if asked.get(name, 1) < 1:
            raise out_of_range(f"--{name.replace('_', '-')}", "1 or more", asked[name])
    check_seed(asked.get("seed", 0))
    if asked.get("depth", 1) not in DEPTHS:
        raise no_depth(asked["depth"])
    if not 0 < asked.get("test_share", DEFAULTS["test_share"]) < 1:
        raise no_share("--test-share", asked["test_share"])


def usable(
    tracks: Mapping[Path, tuple[Track, str]], dataset: Dataset
) -> tuple[dict[Path, tuple[Track, str]], list[Rejected]]:
    """Leave out songs too short for a clip, copies, and songs that stand in two genres.

    A song in two sub-genres of one parent counts once, in the first of them.
    """
    settings, songs = dataset.settings, dataset.songs
    skipped: list[Rejected] = []
    copied = _copied(tracks)
    usable: dict[Path, tuple[Track, str]] = {}
    for path, pair in tracks.items():
        track, genre = pair
        files = copied.get(track.id, [path])
        others = {tracks[file][1] for file in files} | (
            {songs[track.id].genre} if track.id in songs else set()
        )
        contradict = len({parent_of(other) for other in others} if settings.depth > 1 else others) > 1
        if contradict:
            also = ", ".join(sorted(others - {genre})) or "another genre"
            there = [file for file in files if tracks[file][1] != genre]
            kept = songs[track.id].genre if track.id in songs else None
            skipped.append(Rejected(path, Reason.SAME_AUDIO, _elsewhere(also, there, kept)))
        elif files[0] != path:
            skipped.append(Rejected(path, Reason.SAME_AUDIO, str(files[0])))
        elif not clips.capacity(track.duration_s, settings.clip_s):
            skipped.append(
                Rejected(
                    path,
                    Reason.TOO_SHORT,
                    f"{track.duration_s:.1f} s for clips of {settings.clip_s:g} s",
                )
            )
        else:
            known = songs[track.id].genre if track.id in songs else genre
            usable[path] = pair if known == genre else (track, known)
    return usable, skipped


def _copied(tracks: Mapping[Path, tuple[Track, str]]) -> dict[str, list[Path]]:
    """The files of each song that has several, by track id."""
    n_files = Counter(track.id for track, _ in tracks.values())
    files: dict[str, list[Path]] = defaultdict(list)
    for path, (track, _) in tracks.items():
        if n_files[track.id] > 1:
            files[track.id].append(path)
    return files


def _elsewhere(genres: str, files: Sequence[Path], kept: str | None) -> str:
    """Where a song of several genres is besides; `kept` is its genre in the dataset, where it stays."""
    if not files:
        return f"a song in {genres}"
    left = (
        f"the dataset keeps it in {kept}"
        if kept
        else f"{'both' if len(files) == 1 else 'all'} are left out"
    )
    return f"a song in {genres}: {files[0]}; {left}"


def _problems(dataset: Dataset, paths: Mapping[str, Path]) -> list[Rejected]:
    """Songs of this library with clips that could not be used."""
    bad: dict[str, list[Problem]] = defaultdict(list)
    failed = dataset.tables.failed_clips()
    total = dataset.tables.n_clips() if failed else {}
    for item in failed:
        if item.problem is not None:
            bad[item.clip.track_id].append(item.problem)
    return [
        Rejected.by(paths[track_id], problems[0].but(f"({len(problems)} of {total[track_id]} clips)"))
        for track_id, problems in bad.items()
        if track_id in paths
    ]


def _one_sided(counts: Mapping[str, GenreCount]) -> dict[str, str]:
    """Genres that lost one side because its songs could not be decoded."""
    return {
        genre: "has no usable song in training or in test"
        for genre, count in counts.items()
        if not (count.songs["train"] and count.songs["test"])
    }


def _n_shared_artists(dataset: Dataset) -> int:
    """How many artists stand in training and in test."""
    sides: dict[str, set[str]] = defaultdict(set)
    for track_id, group in dataset.artists.items():
        if group.startswith("artist:"):
            sides[group].add(dataset.songs[track_id].side)
    return sum("both" in artist_sides or len(artist_sides) > 1 for artist_sides in sides.values())
