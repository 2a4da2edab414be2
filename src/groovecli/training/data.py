"""The data of a training: windows of a dataset, from a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from groovecli.datasets.dataset import Dataset
from groovecli.datasets.examples import Example, examples, held_out, part
from groovecli.datasets.lyrics import lyrics_key, words_of
from groovecli.datasets.tables import DatasetSettings
from groovecli.datasets.windows import WindowDataset
from groovecli.datasets.word_vectors import word_vectors
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.registry import feature
from groovecli.features.word_vectors import Coverage
from groovecli.features.word_vectors import stored as stored_vectors
from groovecli.files import key_of, sha256_hex
from groovecli.library.genres import chosen_genres
from groovecli.messages.datasets import no_such_part
from groovecli.messages.options import no_lyrics_to_leave_out, no_share, nothing_to_unfreeze
from groovecli.messages.training import too_few_genres, would_forget
from groovecli.models.file import StoredModel, check_fits
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.inputs import Specs
from groovecli.networks.registry import model_spec
from groovecli.networks.spec import Hyperparameters
from groovecli.training.protocols import parts
from groovecli.training.record import training_sides
from groovecli.training.request import TrainRequest


@dataclass(frozen=True)
class TrainingData:
    """The windows of a training run.

    `lyrics_key` changes with the songs' lyrics, and `lyrics` says how many there are, and how many of their
    words have a vector; None if lyrics are not an input.
    """

    settings: DatasetSettings
    genres: tuple[str, ...]
    train: WindowDataset
    validation: WindowDataset
    lyrics_key: str = ""
    lyrics: Coverage | None = None

    @property
    def key(self) -> str:
        """Changes with the genres, with the input of a clip and with any window of either side."""
        sides = [
            [[(clip.key, clip.genre) for clip in side.clips], sha256_hex(side.windows.tobytes())]
            for side in (self.train, self.validation)
        ]
        words = [self.lyrics_key] if self.lyrics_key else []
        return key_of([self.genres, [spec.key for spec in self.train.specs], *sides, *words])

    @property
    def songs(self) -> set[str]:
        """Track ids of the songs on both sides."""
        return songs_of(self.train) | songs_of(self.validation)


def gather(
    dataset: Dataset,
    request: TrainRequest,
    hyper: Hyperparameters,
    specs: Specs,
    base: StoredModel | None = None,
) -> TrainingData:
    """The windows for training and validation, with all their features computed.

    `base` is the model to start from, whose genres come first.

    Raises
    ------
    DatasetError
        There is too little in the dataset.
    UsageError
        The request is wrong.
    """
    row, settings = model_spec(request.network), dataset.settings
    clips = examples(dataset, specs, None if request.protocol else "train")
    old = known_to(base, {clip.genre for clip in clips})
    min_songs = 0 if base else hyper.min_songs  # genres that a model has already are never dropped
    all_clips = _of_genres(clips, request.genres, settings.depth)
    clips = _of_enough_songs(all_clips, min_songs)
    clip_genres = {clip.genre for clip in clips}
    genres = (*old, *sorted(clip_genres - set(old)))  # old ones keep their numbers
    if not clips or (row.has_genres and len(clip_genres) < 2):
        raise too_few_genres(settings.name, sorted(clip_genres), _n_songs(all_clips), min_songs)
    if request.protocol:
        n_windows = max(spec.n_windows for spec in specs)
        drawn = parts(clips, n_windows, request.protocol, dataset.artists)
        train = WindowDataset(dataset.folder, clips, specs, genres, drawn.train)
        validation = WindowDataset(dataset.folder, clips, specs, genres, drawn.validation)
    else:
        training, held = _sides(dataset, request, specs, clips, base)
        train = WindowDataset(dataset.folder, training, specs, genres)
        validation = WindowDataset(dataset.folder, held, specs, genres)
    return _with_lyrics(TrainingData(settings, genres, train, validation), dataset, specs)


def _with_lyrics(data: TrainingData, dataset: Dataset, specs: Specs) -> TrainingData:
    """The same, with a note on the songs' lyrics if these are an input."""
    for spec in specs:
        if isinstance(spec, LyricsSpec) and spec.vectors:
            vectors = stored_vectors(dataset.home.vectors, spec.vectors)
            coverage = vectors.coverage(words_of(dataset, data.songs).values())
            return replace(data, lyrics_key=lyrics_key(dataset, data.songs), lyrics=coverage)
    return data


def _sides(
    dataset: Dataset, request: TrainRequest, specs: Specs, clips: list[Example], base: StoredModel | None
) -> tuple[list[Example], list[Example]]:
    """Clips for training and validation: the data set's own validation songs if it has some."""
    clips = part(clips, *request.part, seed=request.seed)
    official = examples(dataset, specs, "validation")
    if official:
        genres = {clip.genre for clip in clips}
        return clips, [clip for clip in official if clip.genre in genres]
    if not request.validation_share:
        return clips, []
    return held_out(
        dataset,
        clips,
        request.validation_by or dataset.settings.split_by,
        request.validation_share,
        seed=request.seed,
        fixed=training_sides(base.path) if base else {},
    )


def check_request(request: TrainRequest) -> None:
    """Raise a UsageError at a request that is wrong for every dataset."""
    if request.unfreeze and not model_spec(request.network).starts_from:
        raise nothing_to_unfreeze()
    k, n = request.part
    if not 1 <= k <= n:
        raise no_such_part(k, n)
    reads = "lyrics" in model_spec(request.network).features
    if not request.lyrics and (request.word_vectors or not reads):
        raise no_lyrics_to_leave_out(request.network, reads=reads)
    if not 0 <= request.validation_share < 1:
        raise no_share("--validation-share", request.validation_share)


def specs_for(
    dataset: Dataset,
    request: TrainRequest,
    base: StoredModel | None = None,
    *,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Specs:
    """The network's input from this dataset; a model that is extended keeps its own word vectors."""
    clip_s = dataset.settings.clip_s
    if base:
        check_fits(base.description, dataset.settings)
        return base.description.features
    instead = dataset.settings.origin.instead
    names = (instead.get(name, name) for name in model_spec(request.network).features)
    specs = tuple(feature(name, clip_s) for name in names)
    if request.lyrics and any(isinstance(spec, LyricsSpec) for spec in specs):
        path = Path(request.word_vectors) if request.word_vectors else None
        vectors = word_vectors(dataset, path, jobs=jobs, monitor=monitor)
        specs = tuple(
            replace(spec, width=vectors.width, vectors=vectors.id) if isinstance(spec, LyricsSpec) else spec
            for spec in specs
        )
    return specs


def known_to(base: StoredModel | None, genres: set[str]) -> tuple[str, ...]:
    """Genres of the model to start from, all of which the dataset must have."""
    if base is None:
        return ()
    old = base.description.genres
    lost = set(old) - genres
    if lost:
        raise would_forget(lost, base.name)
    return old


def _n_songs(clips: list[Example]) -> Counter[str]:
    """How many songs each genre has."""
    return Counter(genre for _, genre in {(clip.track_id, clip.genre) for clip in clips})


def _of_enough_songs(clips: list[Example], n: int) -> list[Example]:
    """Without the genres that have fewer than n songs (Lengyel et al.: 10)."""
    songs = _n_songs(clips)
    return [clip for clip in clips if songs[clip.genre] >= n]


def _of_genres(clips: list[Example], genres: Sequence[str], depth: int) -> list[Example]:
    """Clips of some genres, or of all; at depth 2 a parent stands for its sub-genres."""
    if not genres:
        return clips
    wanted = chosen_genres({clip.genre for clip in clips}, genres, depth)
    return [clip for clip in clips if clip.genre in wanted]


def clip_numbers(data: WindowDataset) -> list[int]:
    """Numbers of the clips that have a window in the data."""
    numbers: list[int] = np.unique(data.clip_numbers).tolist()
    return numbers


def songs_of(data: WindowDataset) -> set[str]:
    """Track ids of the songs that have a window in the data."""
    return {data.clips[number].track_id for number in clip_numbers(data)}
