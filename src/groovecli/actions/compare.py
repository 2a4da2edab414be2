"""Every network on the same songs with the same split: trained, measured, and put side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from groovecli.actions.context import Context, check_call, check_seed
from groovecli.actions.features import featured
from groovecli.actions.order import ordered
from groovecli.actions.train import train_on
from groovecli.checked import Checked, Count, Minutes
from groovecli.datasets.cache import check_has_sound
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.lyrics import lyrics_key
from groovecli.datasets.splits import is_leaky
from groovecli.errors import DatasetError, Diverged, NothingToMeasure
from groovecli.evaluation.measure import Measured, measure, scored
from groovecli.evaluation.neighbours import space
from groovecli.evaluation.results import Comparison, Row
from groovecli.features.lyrics import eats_lyrics
from groovecli.features.spec import AudioSpec
from groovecli.files import key_of, read_json, write_json
from groovecli.library.tracks import Track
from groovecli.messages.actions import (
    row_failed,
    row_failed_before,
    stopped_between_networks,
    stopped_training,
)
from groovecli.models.file import StoredModel
from groovecli.models.listen import over
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.monitor import SILENT
from groovecli.networks.inputs import Specs
from groovecli.networks.registry import MODELS, model_spec, trainable_spec
from groovecli.paths import TextPath
from groovecli.training.data import specs_for
from groovecli.training.protocols import Protocol
from groovecli.training.record import training_songs
from groovecli.training.request import TrainRequest
from groovecli.training.result import TrainResult
from groovecli.training.resume import STATE

_ROW, _FAILURE = "row.json", "failure.json"
_N_TIMED = 8


@dataclass(frozen=True)
class CompareRequest(Checked):
    """Which networks to compare on which dataset, and how long they may train.

    `epochs` and `subset` are the most that a network gets, its paper's own where that is less.
    `minutes` ends each training with the step in which they are over. Without `lyrics` networks that read
    them hear sound alone. `by_paper` also runs each network that names genres under its paper's own split.
    """

    networks: tuple[str, ...] = tuple(MODELS)
    dataset: str = "default"
    genres: tuple[str, ...] = ()
    epochs: Count | None = None
    subset: Count | None = None
    minutes: Minutes | None = None
    word_vectors: TextPath | None = None
    lyrics: bool = True
    class_weights: bool = False
    precision: str = "auto"
    by_paper: bool = False
    seed: int = 0


def run(request: CompareRequest, context: Context) -> Comparison:
    """Train and measure networks on one dataset and one split; what is done is not done again.

    Features are computed once for all. A row that was finished with the same settings and data is
    read back; a training that was stopped goes on. The models have a
    folder of their own and are never used by other commands.

    Raises
    ------
    DatasetError
        There is no such dataset.
    UsageError
        A network's name is unknown, or it can't be trained.
    Interrupted
        The user stopped it; the same request goes on from there.
    """
    check_call("compare", request, CompareRequest, context)
    check_seed(request.seed)
    for name in request.networks:
        trainable_spec(name)
    dataset = open_dataset(context.catalog, context.home, request.dataset)
    specs = {name: _specs(dataset, request, name, context) for name in request.networks}
    features = _features(dataset, specs.values())
    ready = featured(dataset, features, context, genres=request.genres)
    dataset = ready.dataset
    done, failed, hints = [], dict[str, str](), dict[str, str]()
    for name in request.networks:
        folder = context.home.comparisons / f"{dataset.name}-{_key(dataset, request, specs[name])}"
        for train_request in _requests(request, name):
            if context.monitor.stopped:
                raise stopped_between_networks()
            assert train_request.name is not None
            try:
                done.append(trained_row(dataset, train_request, specs[name], folder, context))
            except DatasetError as error:
                failed[train_request.name] = error.in_a_line
                if error.hint:
                    hints[train_request.name] = error.hint
    return Comparison(
        dataset.settings, request.seed, tuple(done), failed, request.by_paper, hints, ready.reach
    )


def _specs(dataset: Dataset, request: CompareRequest, network: str, context: Context) -> Specs:
    train_request = TrainRequest(
        network, dataset.name, word_vectors=request.word_vectors, lyrics=request.lyrics
    )
    return specs_for(dataset, train_request, jobs=context.jobs, monitor=context.monitor)


def _features(dataset: Dataset, specs: Iterable[Specs]) -> Specs:
    """All input features of the networks, each once; of a dataset without sound, those it can give."""
    has_sound = dataset.settings.origin.has_sound
    wanted = (spec for each in specs for spec in each if has_sound or not isinstance(spec, AudioSpec))
    features = {spec.key: spec for spec in wanted}
    return tuple(features.values())


def _key(dataset: Dataset, request: CompareRequest, specs: Specs) -> str:
    """Changes with the settings, with the dataset's songs, and with their lyrics where these are read.

    Which networks are asked for does not matter.
    """
    asked = {k: v for k, v in asdict(request).items() if k not in ("networks", "by_paper")}
    songs = sorted((song.track_id, song.genre, song.side) for song in dataset.songs.values())
    words = [lyrics_key(dataset, dataset.songs)] if eats_lyrics(specs) else []
    return key_of([asked, songs, *words], 8)


def _requests(request: CompareRequest, network: str) -> Iterator[TrainRequest]:
    """The dataset's own split, then the paper's where that is asked for."""
    row = model_spec(network)
    epochs, subset = row.defaults.epochs, row.defaults.subset
    if request.epochs:
        epochs = min(epochs, request.epochs)
    if request.subset:
        subset = min(subset or request.subset, request.subset)
    own = TrainRequest(
        network=network,
        dataset=request.dataset,
        name=network,
        genres=request.genres,
        hyper={"epochs": epochs, "subset": subset},
        seed=request.seed,
        class_weights=request.class_weights,
        precision=request.precision,
        minutes=request.minutes,
        word_vectors=request.word_vectors,
        lyrics=request.lyrics or "lyrics" not in row.features,
    )
    yield own
    if request.by_paper and row.has_genres and row.published:
        yield replace(own, name=f"{network}-paper", protocol=Protocol.of_paper(row.published, request.seed))


def trained_row(
    dataset: Dataset, request: TrainRequest, specs: Specs, folder: Path, context: Context
) -> Row:
    """Train a request in a folder of its own name and measure it, or read back what is there.

    A training that diverged, or gave nothing to measure, is kept as a failure beside the row's place:
    the same would come of it again.

    Raises
    ------
    DatasetError
        There is too little to learn from, nothing to measure on, or the loss became NaN.
    Interrupted
        The user stopped it; the same call goes on from there.
    """
    assert request.name is not None
    own_folder = folder / request.name
    stored, failure = read_json(own_folder / _ROW), read_json(own_folder / _FAILURE)
    if isinstance(stored, dict):
        return Row.from_json(stored)
    check_has_sound(dataset, specs)
    if isinstance(failure, dict):
        raise row_failed_before(str(failure.get("why")), str(failure.get("day")), own_folder)
    context.monitor.epoch(f"{request.name}:")
    resume = (own_folder / STATE).exists()
    try:
        with ordered(request, context, resume=resume, overwrite=True, folder=folder) as order:
            result = train_on(dataset, specs, order, context)
        if result.interrupted:
            raise stopped_training(request.name)
        return _measured(dataset, request, result, own_folder / _ROW, context)
    except (Diverged, NothingToMeasure) as error:
        day = datetime.now(UTC).date().isoformat()
        write_json(own_folder / _FAILURE, {"why": error.what, "day": day})
        raise row_failed(error.what, own_folder) from error


def _measured(
    dataset: Dataset, request: TrainRequest, result: TrainResult, path: Path, context: Context
) -> Row:
    """Measure a trained network and write its row."""
    description = result.description
    model = context.loaded(StoredModel(result.path, description))
    seen = training_songs(result.path)
    measured = measure(dataset, model, trained_on=seen, monitor=context.monitor)
    evaluation = scored(model, measured, seed=request.seed) if description.genres else None
    row = Row(
        network=description.network,
        protocol=_protocol_name(request),
        split_by=measured.split_by,
        leaky=is_leaky(measured.split_by),
        n_genres=len(description.genres),
        n_songs=len(np.unique(measured.songs)),
        n_parameters=sum(p.numel() for p in model.network.parameters()),
        epochs=len(result.epochs),
        best_epoch=result.best_epoch,
        training_s=sum(epoch.seconds for epoch in result.epochs),
        song_s=_song_s(model, measured),
        space=space(model, measured, seed=request.seed),
        evaluation=evaluation,
        n_without_lyrics=result.n_without_lyrics,
        notes=[*measured.notes, *result.notes],
    )
    write_json(path, row.to_json())
    return row


def _protocol_name(request: TrainRequest) -> str:
    """Whose split it is: the dataset's, the paper's, or another one that was drawn."""
    if request.protocol is None:
        return "dataset"
    published = model_spec(request.network).published
    is_papers = published and request.protocol == Protocol.of_paper(published, request.seed)
    return "paper" if is_papers else "drawn"


def _song_s(model: LoadedModel, measured: Measured) -> float | None:
    """Seconds from a file to the answer, the median over some test songs that are still there."""
    tracks = measured.dataset.tracks
    songs = [tracks[song][0] for song in np.unique(measured.songs).tolist() if song in tracks]
    songs_here = [track for track in songs if track.path.exists()][: _N_TIMED + 1]
    seconds = [_answer_s(model, track) for track in songs_here]
    return statistics.median(seconds[1:]) if len(seconds) > 1 else None  # the first one warms up


def _answer_s(model: LoadedModel, track: Track) -> float:
    started = time.monotonic()
    for _ in over(model, [track], CLIPS_PER_SONG, jobs=1, stage="time", monitor=SILENT):
        pass
    return time.monotonic() - started
