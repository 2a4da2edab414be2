"""What a training learns from: the request, and the windows of a dataset that it stands for."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from groovecli.datasets.cache import compute_missing
from groovecli.datasets.lyrics import word_vectors
from groovecli.datasets.splits import SplitBy
from groovecli.datasets.windows import Example, Specs, WindowDataset, artists, examples, held_out, part
from groovecli.errors import DatasetError, Interrupted, ModelError, UsageError
from groovecli.features.registry import feature
from groovecli.features.spec import LyricsSpec
from groovecli.files import fingerprint, sha256_hex
from groovecli.library import genres as levels
from groovecli.library.catalog import Catalog, DatasetSettings
from groovecli.models.file import find_model
from groovecli.monitor import Monitor
from groovecli.networks.registry import model_spec
from groovecli.networks.spec import Hyperparameters
from groovecli.training.protocols import Protocol, parts
from groovecli.training.record import training_sides


@dataclass(frozen=True)
class TrainRequest:
    """What to train; None where the network's own default is meant.

    `hyper` holds what differs from the paper's hyperparameters. `part` is (K, N): the K-th of N
    equal parts of the training clips. `validation_by` None follows the dataset's split. `half`
    stores weights as float16. `base` is the name of a model to start from, whose genres the dataset
    has, and others too. `word_vectors` is a word2vec or GloVe file; None learns vectors from the
    dataset's lyrics. `by_chunk` reads chunk files one after the other. `minutes` ends
    the training with the epoch in which they are over. `protocol` splits the
    dataset's clips anew, as a paper did. `unfreeze` fine-tunes what a training starts from,
    where else only the genres are learnt.
    """

    network: str = "time-cnn"
    dataset: str = "default"
    name: str | None = None
    genres: tuple[str, ...] = ()
    hyper: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    part: tuple[int, int] = (1, 1)
    validation_by: SplitBy | None = None
    validation_share: float = 0.1
    seed: int = 0
    precision: str = "auto"
    recalibrate: bool = True
    class_weights: bool = False
    half: bool = False
    licence: str = ""
    base: str | None = None
    minutes: float | None = None
    word_vectors: str | None = None
    by_chunk: bool = False
    protocol: Protocol | None = None
    unfreeze: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> TrainRequest:
        """The request that `to_json` gave."""
        hyper, protocol = dict(fields["hyper"]), fields["protocol"]
        return cls(
            **{
                **fields,
                "part": tuple(fields["part"]),
                "genres": tuple(fields["genres"]),
                "hyper": {k: tuple(v) if isinstance(v, list) else v for k, v in hyper.items()},
                "protocol": protocol and Protocol.from_json(protocol),
            }
        )


@dataclass(frozen=True)
class TrainingData:
    """The windows of a training run."""

    settings: DatasetSettings
    genres: tuple[str, ...]
    train: WindowDataset
    validation: WindowDataset

    @property
    def key(self) -> str:
        """Changes with the genres, with what is eaten of a clip and with any window of either side."""
        sides = [
            [[(clip.key, clip.genre) for clip in side.clips], sha256_hex(side.windows.tobytes())]
            for side in (self.train, self.validation)
        ]
        return fingerprint([self.genres, [spec.fingerprint for spec in self.train.specs], *sides])

    def n_without_lyrics(self) -> int | None:
        """Songs that have no lyrics, or no word that the vectors know; None where none are eaten."""
        for number, spec in enumerate(self.train.specs):
            if isinstance(spec, LyricsSpec):
                songs = {
                    side.clips[clip].track_id: bool(side.stored(clip, number).any())
                    for side in (self.train, self.validation)
                    for clip in clip_numbers(side)
                }
                return sum(not has_words for has_words in songs.values())
        return None


def gather(
    catalog: Catalog, request: TrainRequest, hyper: Hyperparameters, *, jobs: int, monitor: Monitor
) -> TrainingData:
    """The windows to learn from and to validate by, their features computed where they were missing.

    Raises
    ------
    DatasetError
        There is no such dataset, or too little in it.
    UsageError
        The request makes no sense.
    Interrupted
        Stopped before all features were computed.
    """
    row = model_spec(request.network)
    if request.unfreeze and not row.starts_from:
        raise UsageError(
            "--unfreeze is for networks that start from a shipped model", "use --model transfer"
        )
    settings = catalog.existing_dataset(request.dataset)
    if not 0 <= request.validation_share < 1:
        raise UsageError(f"--validation-share {request.validation_share:g} is not between 0 and 1")
    specs = specs_for(catalog, request, settings, jobs=jobs, monitor=monitor)
    compute_missing(catalog, settings.name, specs, jobs=jobs, monitor=monitor)
    if monitor.stopped:
        raise Interrupted("stopped while computing features", "the same command goes on from there")
    clips = examples(catalog, settings.name, specs, None if request.protocol else "train")
    old = _known_to(request.base, {clip.genre for clip in clips})
    min_songs = 0 if request.base else hyper.min_songs  # what a model knows already is never dropped
    clips = _of_enough_songs(_of_genres(clips, request.genres, settings.depth), min_songs)
    there = {clip.genre for clip in clips}
    genres = (*old, *sorted(there - set(old)))  # old ones keep their numbers
    if not clips or (row.has_genres and len(there) < 2):
        raise DatasetError(
            f"dataset {settings.name!r} has clips of {len(there)} genres to train on; two are needed",
            "ingest more music" + (", or lower --min-songs" if hyper.min_songs > 1 else ""),
        )
    if request.protocol:
        n_windows = max(spec.n_windows for spec in specs)
        drawn = parts(clips, n_windows, request.protocol, artists(catalog, settings.name))
        train = WindowDataset(settings.name, clips, specs, genres, drawn.train)
        validation = WindowDataset(settings.name, clips, specs, genres, drawn.validation)
    else:
        training, held = _sides(catalog, request, settings, specs, clips)
        train = WindowDataset(settings.name, training, specs, genres)
        validation = WindowDataset(settings.name, held, specs, genres)
    return TrainingData(settings, genres, train, validation)


def _sides(
    catalog: Catalog, request: TrainRequest, settings: DatasetSettings, specs: Specs, clips: list[Example]
) -> tuple[list[Example], list[Example]]:
    """Clips to learn from and to validate by: the data set's own validation songs where it has some."""
    clips = part(clips, *request.part, seed=request.seed)
    official = examples(catalog, settings.name, specs, "validation")
    if official:
        genres = {clip.genre for clip in clips}
        return clips, [clip for clip in official if clip.genre in genres]
    if not request.validation_share:
        return clips, []
    return held_out(
        catalog,
        settings.name,
        clips,
        request.validation_by or settings.split_by,
        request.validation_share,
        seed=request.seed,
        fixed=training_sides(find_model(request.base).path) if request.base else {},
    )


def specs_for(
    catalog: Catalog, request: TrainRequest, settings: DatasetSettings, *, jobs: int, monitor: Monitor
) -> Specs:
    """What the network eats of this dataset; a model that is extended keeps its own word vectors."""
    row = model_spec(request.network)
    if request.base:
        specs = find_model(request.base, with_genres=True).description.features
        if any(spec.for_clips_of(settings.clip_s) != spec for spec in specs):
            raise ModelError(f"{request.base} eats clips of another length than {settings.clip_s:g} s")
        return specs
    specs = tuple(feature(name, settings.clip_s) for name in row.features)
    if any(isinstance(spec, LyricsSpec) for spec in specs):
        path = Path(request.word_vectors) if request.word_vectors else None
        vectors = word_vectors(catalog, settings.name, path, jobs=jobs, monitor=monitor)
        specs = tuple(
            replace(spec, width=vectors.width, vectors=vectors.id) if isinstance(spec, LyricsSpec) else spec
            for spec in specs
        )
    return specs


def _known_to(base: str | None, genres: set[str]) -> tuple[str, ...]:
    """Genres of the model to start from, all of which the dataset must have."""
    if base is None:
        return ()
    old = find_model(base, with_genres=True).description.genres
    lost = set(old) - genres
    if lost:
        raise DatasetError(
            f"the dataset has no clips of {', '.join(sorted(lost))}, which {base} knows and would forget",
            "ingest these genres too, or train a model of your own with `groove train` first",
        )
    return old


def _of_enough_songs(clips: list[Example], n: int) -> list[Example]:
    """Without the genres that have fewer than n songs (Lengyel et al.: 10)."""
    songs = Counter(genre for _, genre in {(clip.track_id, clip.genre) for clip in clips})
    return [clip for clip in clips if songs[clip.genre] >= n]


def _of_genres(clips: list[Example], genres: Sequence[str], depth: int) -> list[Example]:
    """Clips of some genres, or of all; at depth 2 a parent stands for its sub-genres."""
    there = {clip.genre for clip in clips}
    unknown = [genre for genre in genres if not levels.chosen(there, [genre], depth)]
    if unknown:
        raise UsageError(
            f"the dataset has no genre {', '.join(sorted(unknown))}; it has: {', '.join(sorted(there))}"
        )
    wanted = levels.chosen(there, genres, depth)
    return [clip for clip in clips if clip.genre in wanted] if genres else clips


def clip_numbers(data: WindowDataset) -> list[int]:
    """Numbers of the clips that have a window in the data."""
    numbers: list[int] = np.unique(data.clip_numbers).tolist()
    return numbers


def songs_of(data: WindowDataset) -> set[str]:
    """Track ids of the songs that have a window in the data."""
    return {data.clips[number].track_id for number in clip_numbers(data)}
