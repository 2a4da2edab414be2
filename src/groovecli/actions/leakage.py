"""One recipe under three splits, by clip, song and artist: how much a leak adds to the accuracy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from groovecli.actions.compare import trained_row
from groovecli.actions.context import Context, check_call
from groovecli.actions.features import featured
from groovecli.checked import Checked, Minutes
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.examples import Example
from groovecli.datasets.lyrics import lyrics_key
from groovecli.datasets.tables import DatasetSettings
from groovecli.evaluation.results import RECIPE, SPLITS, Leakage, SplitRow
from groovecli.features.lyrics import eats_lyrics
from groovecli.files import key_of
from groovecli.library import copies
from groovecli.messages.actions import (
    no_genres_to_flatter,
    no_recipe_to_repeat,
    recipe_of_a_network,
    stopped_between_splits,
)
from groovecli.messages.options import model_and_network
from groovecli.messages.words import behind_names
from groovecli.models.file import Description
from groovecli.networks.inputs import Specs
from groovecli.networks.registry import model_spec, trainable_spec
from groovecli.training.data import TrainingData, gather, specs_for
from groovecli.training.protocols import Protocol, Unit
from groovecli.training.request import TrainRequest

_LEAST_TAGGED = 0.5  # share of songs with an artist: below that a split by artist is one by song
_VALIDATION_SHARE = 0.1
_USUAL = "time-cnn"  # the network that is taken where no model can be trained again


def recipe_of(description: Description, dataset: str | None = None) -> TrainRequest:
    """The training that a model's file describes, from scratch, on its own dataset or another."""
    recipe, is_own = description.recipe, dataset in (None, description.dataset)
    return TrainRequest(
        network=description.network,
        dataset=dataset or description.dataset,
        genres=recipe.genres if is_own else (),
        hyper=recipe.hyper,
        **recipe.chosen(*RECIPE),
    )


@dataclass(frozen=True)
class LeakageRequest(Checked):
    """Whose recipe to train under several splits, and on which dataset.

    The recipe of a model, on its own dataset unless another is named, or a network's own; of time-cnn
    where neither is named and the model in use came with groove. `minutes`
    ends each training with the step in which they are over.
    """

    model: str | None = None
    network: str | None = None
    dataset: str | None = None
    minutes: Minutes | None = None


def run(request: LeakageRequest, context: Context) -> Leakage:
    """Train and measure a recipe under each split; see `measured_splits`.

    Raises
    ------
    UsageError
        A model and a network are given.
    """
    check_call("leakage", request, LeakageRequest, context)
    if request.model is not None and request.network is not None:
        raise model_and_network(request.model, request.network)
    recipe, notes = _recipe(request, context)
    measured = measured_splits(replace(recipe, minutes=request.minutes, seed=context.seed), context)
    return replace(measured, notes=(*notes, *measured.notes))


def _recipe(request: LeakageRequest, context: Context) -> tuple[TrainRequest, tuple[str, ...]]:
    """What is trained, and what to know of it: of a network where the user has no model."""
    if request.network is not None:
        return TrainRequest(network=request.network, dataset=request.dataset or "default"), ()
    if request.model is not None:
        stored = context.shelf.find(request.model, with_genres=True)
        if stored.is_shipped:
            raise no_recipe_to_repeat(stored.name)
        return recipe_of(stored.description, request.dataset), ()
    stored = context.shelf.measurable()
    if stored.is_shipped:
        recipe = TrainRequest(network=_USUAL, dataset=request.dataset or "default")
        return recipe, (recipe_of_a_network(stored.name, _USUAL),)
    return recipe_of(stored.description, request.dataset), ()


def measured_splits(request: TrainRequest, context: Context) -> Leakage:
    """Train and measure a recipe under each split; what is done is not done again.

    The models have a folder of their own and are never used by other commands.

    Raises
    ------
    DatasetError
        There is no such dataset, or too little in it.
    ModelError
        The network names no genres.
    Interrupted
        The user stopped it; the same request goes on from there.
    """
    if not trainable_spec(request.network).has_genres:
        raise no_genres_to_flatter(request.network)
    jobs, monitor = context.jobs, context.monitor
    dataset = open_dataset(context.catalog, context.home, request.dataset)
    settings = dataset.settings
    songs = dataset.tracks if settings.origin.has_sound else {}
    replicas = copies.find(context.catalog, songs, jobs=jobs, monitor=monitor)
    specs = specs_for(dataset, request, jobs=jobs, monitor=monitor)
    ready = featured(dataset, specs, context, genres=request.genres)
    dataset = ready.dataset
    clips = _gathered(dataset, _split(request, settings, "song"), specs).train.clips
    skipped, notes = _limits(clips, dataset.artists)
    folder = context.home.comparisons / f"honest-{settings.name}-{_key(dataset, request, specs)}"
    rows = []
    for split_by in SPLITS:
        if split_by in skipped:
            continue
        if monitor.stopped:
            raise stopped_between_splits()
        drawn = _split(request, settings, split_by)
        row = trained_row(dataset, drawn, specs, folder, context)
        rows.append(SplitRow(split_by, row, _sides(_gathered(dataset, drawn, specs))))
    own = {song.track_id: song.side for song in dataset.songs.values()}
    of_rows = ((f"by {row.split_by}", note) for row in rows for note in row.figures.notes)
    notes = (*notes, *_untested(rows), *behind_names(of_rows))
    return Leakage(settings, request, tuple(rows), own, replicas, notes, ready.reach)


def _split(request: TrainRequest, settings: DatasetSettings, split_by: Unit) -> TrainRequest:
    """The recipe under one split, the validation drawn as the test is."""
    share = request.validation_share or _VALIDATION_SHARE
    protocol = Protocol(split_by, settings.test_share, split_by, share, request.seed)
    return replace(request, name=f"by-{split_by}", protocol=protocol)


def _key(dataset: Dataset, request: TrainRequest, specs: Specs) -> str:
    """Changes with the recipe, the dataset's clips, its artists, and its lyrics where these are read."""
    clips = [(c.clip.track_id, c.clip.index, c.problem is None) for c in dataset.clips]
    genres = sorted((song.track_id, song.genre) for song in dataset.songs.values())
    artists = sorted(dataset.artists.items())
    words = [lyrics_key(dataset, dataset.songs)] if eats_lyrics(specs) else []
    return key_of([request.to_json(), dataset.settings.test_share, clips, genres, artists, *words], 8)


def _gathered(dataset: Dataset, request: TrainRequest, specs: Specs) -> TrainingData:
    hyper = replace(model_spec(request.network).defaults, **request.hyper)
    return gather(dataset, request, hyper, specs)


def _sides(data: TrainingData) -> dict[str, str]:
    """The side of each song under a split: what validates was chosen by, and counts as training."""
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
            " the split by song under another name; with artists in both sides, the figure by song"
            " is still too high; tag your files and ingest again"
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
        genres = row.figures.evaluation.per_genre if row.figures.evaluation else {}
        whole = [genre for genre, score in genres.items() if not score.support]
        if whole:
            yield f"by {row.split_by}: no test song of {', '.join(whole)}, which can't be divided so"
