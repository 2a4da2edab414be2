"""A folder of music to a dataset: labelled, split, cut, and its features cached."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from groovecli.actions.context import Context, check_call, check_seed
from groovecli.audio import clips
from groovecli.datasets import intake
from groovecli.datasets.cache import compute_missing
from groovecli.datasets.counts import GenreCount, counted
from groovecli.datasets.dataset import Dataset, read_dataset
from groovecli.datasets.groups import Genred
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.lyrics import LyricsFound, give_lyrics, update_lyrics
from groovecli.datasets.plan import Plan, sample_plan, unusable_songs
from groovecli.datasets.splits import SPLIT_BY
from groovecli.datasets.tables import DEFAULTS, DatasetSettings, Tables
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.registry import feature
from groovecli.features.spec import AudioSpec, FeatureSpec
from groovecli.home import checked_name
from groovecli.library.catalog import Catalog
from groovecli.library.genres import DEPTHS, parent_of
from groovecli.library.labels import LABEL_FROM
from groovecli.library.sources.registry import SOURCES, source_called
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
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
    """What a dataset holds after an ingest, and what was left out; where it was `interrupted`, so far."""

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

    @property
    def n_failed(self) -> int:
        """Files that could not be used, and genres that had to go."""
        return len(self.left_out) + sum(item.reason.is_fault for item in self.skipped)


def run(request: IngestRequest, context: Context) -> IngestResult:
    """Learn a library into a dataset; what is there already is not done again.

    Raises
    ------
    LibraryError
        There is no such folder, no music in it, or fewer than two genres to tell apart.
    UsageError
        A genre, feature or share is wrong.
    DatasetError
        The dataset was made with another split, seed, clip length or source of labels.
    Interrupted
        The user stopped it before the songs were drawn; what was read is remembered.
    """
    check_call("ingest", request, IngestRequest, context)
    started = time.monotonic()
    catalog, jobs, monitor = context.catalog, context.jobs, context.monitor
    settings = _settings(catalog, request)
    specs = _specs(request, settings)
    library = intake.read(catalog, request, settings, jobs=jobs, monitor=monitor)
    if library.sides:
        settings = replace(settings, split_by="official")
    dataset = read_dataset(catalog, context.home, settings)
    tracks, unusable = usable(library.tracks, dataset)
    skipped = [*library.skipped, *unusable]
    genred = {track.id: (track, genre) for track, genre in tracks.values()}
    old_genres = {song.genre for song in dataset.songs.values()}
    plan = planned(dataset, genred, library.sides, skipped)
    dataset, n_new_clips = _computed(dataset, plan, specs, context)
    if not monitor.stopped and (again := _one_sided_songs(dataset, old_genres)):
        dataset.tables.forget_songs(again)
        dataset = dataset.reread()
        plan = planned(dataset, genred, library.sides, skipped)
        dataset, _ = _computed(dataset, plan, specs, context)
    skipped += _problems(dataset, {track.id: path for path, (track, _) in tracks.items()})
    lyrics = _lyrics(dataset, library, context)
    counts = counted(dataset)
    catalog.log_run(
        "ingest", {"dataset": settings.name, "library": str(request.library), "clips": n_new_clips}
    )
    return IngestResult(
        settings=settings,
        genres=counts,
        left_out={**plan.left_out, **_one_sided(counts)},
        skipped=tuple(skipped),
        passed_over=library.passed_over,
        renamed=library.renamed,
        n_padded=sum(
            clips.is_padded(t.duration_s, settings.clip_s)
            for t, _ in tracks.values()
            if t.id in dataset.songs
        ),
        n_fewer_clips=plan.n_fewer_clips,
        n_new_clips=n_new_clips,
        n_untagged=plan.n_untagged,
        loosened=plan.loosened,
        n_shared_artists=_n_shared_artists(dataset),
        lyrics=lyrics,
        seconds=time.monotonic() - started,
        interrupted=monitor.stopped,
    )


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


def _specs(request: IngestRequest, settings: DatasetSettings) -> list[FeatureSpec]:
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
    dataset.tables.add_songs(plan.songs, plan.clips)
    done = compute_missing(dataset.reread(), specs, jobs=context.jobs, monitor=context.monitor)
    return done.dataset, done.n_clips


def _one_sided_songs(dataset: Dataset, old_genres: Collection[str]) -> list[str]:
    """The usable songs of new genres whose only songs on one side turned out to be unusable.

    Nothing has seen the sides of these yet, so that they may be drawn again.
    """
    one_sided = set(_one_sided(counted(dataset))) - set(old_genres)
    unusable = unusable_songs(dataset)
    return [
        song.track_id
        for song in dataset.songs.values()
        if song.genre in one_sided and song.track_id not in unusable
    ]


def _settings(catalog: Catalog, request: IngestRequest) -> DatasetSettings:
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
    genres: dict[str, set[str]] = defaultdict(set)
    first: dict[str, Path] = {}
    for path, (track, genre) in tracks.items():
        genres[track.id].add(genre)
        first.setdefault(track.id, path)
    usable: dict[Path, tuple[Track, str]] = {}
    for path, (track, genre) in tracks.items():
        others = (genres[track.id] | {songs[track.id].genre}) if track.id in songs else genres[track.id]
        contradict = len({parent_of(other) for other in others} if settings.depth > 1 else others) > 1
        if contradict:
            also = ", ".join(sorted(others - {genre})) or "another genre"
            skipped.append(Rejected(path, Reason.SAME_AUDIO, f"a song in {also}"))
        elif first[track.id] != path:
            skipped.append(Rejected(path, Reason.SAME_AUDIO, str(first[track.id])))
        elif not clips.capacity(track.duration_s, settings.clip_s):
            skipped.append(
                Rejected(
                    path,
                    Reason.TOO_SHORT,
                    f"{track.duration_s:.1f} s for clips of {settings.clip_s:g} s",
                )
            )
        else:
            usable[path] = (track, songs[track.id].genre if track.id in songs else genre)
    return usable, skipped


def _problems(dataset: Dataset, paths: Mapping[str, Path]) -> list[Rejected]:
    """Songs of this library with clips that could not be used."""
    bad: dict[str, list[Problem]] = defaultdict(list)
    total = Counter(item.clip.track_id for item in dataset.clips)
    for item in dataset.clips:
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
