"""One recipe under three splits, by clip, by song and by artist, so that one sees what a leak flatters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from groovecli.actions.compare import Row, trained_row
from groovecli.datasets import windows as datasets
from groovecli.datasets.windows import Example
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.files import fingerprint
from groovecli.home import home
from groovecli.library import copies as replicas
from groovecli.library.catalog import Catalog, DatasetSettings
from groovecli.library.copies import Replica, Replicas
from groovecli.models.file import Description
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.registry import model_spec
from groovecli.networks.spec import Hyperparameters
from groovecli.training.data import TrainingData, TrainRequest, gather
from groovecli.training.protocols import Protocol, Unit

SPLITS: tuple[Unit, ...] = ("clip", "song", "artist")
"""From the one that flatters most to the one that does least."""

_LEAST_TAGGED = 0.5  # share of songs with an artist: below that a split by artist is one by song
_VALIDATION_SHARE = 0.1
# What is kept of a training besides its hyperparameters.
_RECIPE = ("precision", "recalibrate", "class_weights", "word_vectors", "by_chunk", "validation_share")


@dataclass(frozen=True)
class Gap:
    """By how much the accuracy per song under one split is above that under another, in [-1, 1].

    The interval takes the two figures for independent (Newcombe 1998, method 10).
    """

    split_by: str
    than: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SplitRow:
    """The figures under one split, and the side of each song by track id: train, test or both."""

    split_by: Unit
    figures: Row
    sides: Mapping[str, str]


@dataclass(frozen=True)
class Honesty:
    """A recipe's figures under several splits, and the recordings that the dataset has twice.

    Parameters
    ----------
    own_sides : dict
        The side of each song in the dataset's own split, by track id.
    notes : tuple of str
        What a reader of the figures has to know.
    """

    dataset: DatasetSettings
    request: TrainRequest
    rows: tuple[SplitRow, ...]
    own_sides: Mapping[str, str]
    replicas: Replicas
    notes: tuple[str, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """How far each split lies above the most honest one there is."""
        *others, last = self.rows
        return tuple(_gap(row, last) for row in others)


def recipe_of(description: Description, dataset: str | None = None) -> TrainRequest:
    """The training that a model's file describes, from scratch, on its own dataset or another."""
    values = description.training
    hyper = {f.name: values[f.name] for f in fields(Hyperparameters) if f.name in values}
    kept = {name: values[name] for name in _RECIPE if name in values}
    is_own = dataset in (None, description.dataset)
    return TrainRequest(
        network=description.network,
        dataset=dataset or description.dataset,
        genres=tuple(values.get("genres") or ()) if is_own else (),
        hyper={name: tuple(v) if isinstance(v, list) else v for name, v in hyper.items()},
        **kept,
    )


def honest(
    catalog: Catalog,
    request: TrainRequest,
    *,
    device: str = "auto",
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Honesty:
    """Train and measure a recipe under each split; what is done is not done again.

    The models lie apart from the user's own, which serve as before.

    Raises
    ------
    DatasetError
        There is no such dataset, or too little in it.
    ModelError
        The network names no genres.
    Interrupted
        The user stopped it; the same request goes on from there.
    """
    if not model_spec(request.network).has_genres:
        raise ModelError(
            f"{request.network} names no genres, so that no split can flatter it", "choose another network"
        )
    settings = catalog.existing_dataset(request.dataset)
    found = replicas.find(catalog, settings.name, jobs=jobs, monitor=monitor)
    clips = _clips(catalog, _split(request, settings, "song"), jobs=jobs, monitor=monitor)
    skipped, notes = _limits(clips, datasets.artists(catalog, settings.name))
    folder = home() / "comparisons" / f"honest-{settings.name}-{_key(catalog, request, settings)}"
    rows = []
    for split_by in SPLITS:
        if split_by in skipped:
            continue
        if monitor.stopped:
            raise Interrupted("stopped before all splits were measured", "the same command goes on")
        drawn = _split(request, settings, split_by)
        row = trained_row(catalog, drawn, folder, device=device, jobs=jobs, monitor=monitor)
        rows.append(SplitRow(split_by, row, _sides(catalog, drawn, jobs=jobs, monitor=monitor)))
    own = {song.track_id: song.side for song in catalog.songs(settings.name).values()}
    notes = (*notes, *_untested(rows))
    return Honesty(settings, request, tuple(rows), own, found, notes)


def across(sides: Mapping[str, str], pair: Replica) -> bool:
    """Whether of two files of one recording something is in training and something in test."""
    there = {sides.get(pair.first.id, ""), sides.get(pair.second.id, "")}
    return "both" in there or {"train", "test"} <= there or {"validation", "test"} <= there


def _split(request: TrainRequest, settings: DatasetSettings, split_by: Unit) -> TrainRequest:
    """The recipe under one split, the validation drawn as the test is."""
    share = request.validation_share or _VALIDATION_SHARE
    protocol = Protocol(split_by, settings.test_share, split_by, share, request.seed)
    return replace(request, name=f"by-{split_by}", protocol=protocol)


def _key(catalog: Catalog, request: TrainRequest, settings: DatasetSettings) -> str:
    """Changes with the recipe, the dataset's clips, and the artists that are drawn."""
    clips = [(c.clip.track_id, c.clip.index, c.problem is None) for c in catalog.clips(settings.name)]
    genres = sorted((song.track_id, song.genre) for song in catalog.songs(settings.name).values())
    artists = sorted(datasets.artists(catalog, settings.name).items())
    return fingerprint([request.to_json(), settings.test_share, clips, genres, artists], 8)


def _gathered(catalog: Catalog, request: TrainRequest, *, jobs: int, monitor: Monitor) -> TrainingData:
    hyper = replace(model_spec(request.network).defaults, **request.hyper)
    return gather(catalog, request, hyper, jobs=jobs, monitor=monitor)


def _clips(catalog: Catalog, request: TrainRequest, *, jobs: int, monitor: Monitor) -> Sequence[Example]:
    """All clips that take part, on whichever side."""
    return _gathered(catalog, request, jobs=jobs, monitor=monitor).train.clips


def _sides(catalog: Catalog, request: TrainRequest, *, jobs: int, monitor: Monitor) -> dict[str, str]:
    """The side of each song under a split: what validates was chosen by, and counts as training."""
    data = _gathered(catalog, request, jobs=jobs, monitor=monitor)
    n_windows = data.train.n_windows
    seen = np.concatenate([data.train.windows, data.validation.windows]) // n_windows
    n_seen = np.bincount(seen, minlength=len(data.train.clips))
    sides: dict[str, str] = {}
    for clip, n in zip(data.train.clips, n_seen.tolist(), strict=True):
        side = {0: "test", n_windows: "train"}.get(n, "both")
        sides[clip.track_id] = side if sides.get(clip.track_id, side) == side else "both"
    return sides


def _limits(clips: Sequence[Example], groups: Mapping[str, str]) -> tuple[set[str], tuple[str, ...]]:
    """Splits that would be another one under a false name, and what is to say of the others."""
    skipped, notes = set(), []
    n_clips = Counter(clip.track_id for clip in clips)
    if max(n_clips.values()) == 1:
        skipped.add("clip")
        notes.append("no split by clip: every song gives one clip, so that it would be the split by song")
    artists = [group for song in n_clips if (group := groups.get(song, "")).startswith("artist:")]
    n_songs, n_untagged = len(n_clips), len(n_clips) - len(artists)
    if len(artists) < _LEAST_TAGGED * n_songs:
        skipped.add("artist")
        notes.append(
            f"no split by artist: {n_untagged} of {n_songs} songs have no artist tag, so that it would be"
            " the split by song under another name; with artists in both sides, the figure by song still"
            " flatters; tag your files and ingest again"
        )
    elif len(set(artists)) == len(artists):
        skipped.add("artist")
        notes.append("no split by artist: no artist has two songs, so that it would be the split by song")
    elif n_untagged:
        notes.append(
            f"by artist: {n_untagged} of {n_songs} songs have no artist tag; each stands for itself"
        )
    return skipped, tuple(notes)


def _untested(rows: Sequence[SplitRow]) -> Iterator[str]:
    """Genres that a split could not divide."""
    for row in rows:
        genres = row.figures.evaluation["genres"] if row.figures.evaluation else {}
        whole = [genre for genre, score in genres.items() if not score["support"]]
        if whole:
            yield f"by {row.split_by}: no test song of {', '.join(whole)}, which can't be divided so"


def _gap(row: SplitRow, than: SplitRow) -> Gap:
    (p, low, high), (q, q_low, q_high) = (_accuracy(each.figures) for each in (row, than))
    below = math.hypot(p - low, q_high - q)
    above = math.hypot(high - p, q - q_low)
    return Gap(row.split_by, than.split_by, p - q, p - q - below, p - q + above)


def _accuracy(figures: Row) -> tuple[float, float, float]:
    """The accuracy per song and its interval."""
    if figures.evaluation is None:
        raise DatasetError(f"{figures.network} was measured without genres")
    per_song = figures.evaluation["per_song"]
    low, high = per_song["accuracy_interval"]
    return per_song["accuracy"], low, high


def recipe_json(request: TrainRequest) -> dict[str, Any]:
    """The recipe as plain values."""
    hyper = asdict(replace(model_spec(request.network).defaults, **request.hyper))
    keep = ("network", "dataset", "genres", "seed", "minutes", *_RECIPE)
    return {**{name: value for name, value in request.to_json().items() if name in keep}, "hyper": hyper}
