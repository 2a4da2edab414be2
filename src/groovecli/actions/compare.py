"""Every network on the same songs with the same split: trained, measured, and put side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from groovecli.actions.train import train
from groovecli.datasets.cache import compute_missing
from groovecli.datasets.splits import is_leaky
from groovecli.datasets.windows import Specs
from groovecli.errors import DatasetError, Interrupted
from groovecli.evaluation.measure import Measured, measure, scored
from groovecli.evaluation.measure import to_json as evaluation_json
from groovecli.evaluation.neighbours import space
from groovecli.files import fingerprint, read_json, write_json
from groovecli.home import home
from groovecli.library.catalog import Catalog, DatasetSettings
from groovecli.library.tracks import Track
from groovecli.models.devices import choose_device
from groovecli.models.file import LoadedModel, StoredModel, load_model
from groovecli.models.listen import CLIPS_PER_SONG, over
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.registry import MODELS, model_spec, trainable_spec
from groovecli.training.data import TrainRequest, specs_for
from groovecli.training.protocols import Protocol
from groovecli.training.record import training_songs
from groovecli.training.result import TrainResult
from groovecli.training.resume import STATE

_ROW = "row.json"
_N_TIMED = 8


@dataclass(frozen=True)
class CompareRequest:
    """Which networks to compare on which dataset, and how long they may train.

    `epochs` and `subset` are the most that a network gets, its paper's own where that is less.
    `minutes` ends each training with the epoch in which they are over. `by_paper` also runs each
    network that names genres under its paper's own split.
    """

    networks: tuple[str, ...] = tuple(MODELS)
    dataset: str = "default"
    genres: tuple[str, ...] = ()
    epochs: int | None = None
    subset: int | None = None
    minutes: float | None = None
    word_vectors: str | None = None
    class_weights: bool = False
    precision: str = "auto"
    by_paper: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Row:
    """A network's figures under one split.

    Parameters
    ----------
    evaluation : dict or None
        What `groove evaluate --json` gives; None for networks that name no genres.
    song_s : float, optional
        From a file to the answer, the median over some songs (in seconds).
    """

    network: str
    protocol: str
    split_by: str
    leaky: bool
    n_genres: int
    n_songs: int
    n_parameters: int
    epochs: int
    best_epoch: int
    training_s: float
    song_s: float | None
    space: Mapping[str, Any]
    evaluation: Mapping[str, Any] | None
    n_without_lyrics: int | None
    notes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Comparison:
    """All rows, in the order of the networks, and why some have none."""

    dataset: DatasetSettings
    seed: int
    rows: tuple[Row, ...]
    failed: Mapping[str, str]


def compare(
    catalog: Catalog,
    request: CompareRequest,
    *,
    device: str = "auto",
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Comparison:
    """Train and measure networks on one dataset and one split; what is done is not done again.

    Features are computed once for all. A row that was finished with the same settings and data is
    read back; a training that was stopped goes on. The models lie apart from the user's own, which
    serve as before.

    Raises
    ------
    DatasetError
        There is no such dataset.
    UsageError
        A network's name is unknown, or it can't be trained.
    Interrupted
        The user stopped it; the same request goes on from there.
    """
    rows = [trainable_spec(name) for name in request.networks]
    settings = catalog.existing_dataset(request.dataset)
    features = _features(catalog, request, settings, jobs=jobs, monitor=monitor)
    compute_missing(catalog, settings.name, features, jobs=jobs, monitor=monitor)
    folder = home() / "comparisons" / f"{settings.name}-{_key(catalog, request, settings)}"
    done, failed = [], dict[str, str]()
    for row in rows:
        for train_request in _requests(request, row.name):
            if monitor.stopped:
                raise Interrupted("stopped before all networks were compared", "the same command goes on")
            assert train_request.name is not None
            try:
                done.append(
                    trained_row(catalog, train_request, folder, device=device, jobs=jobs, monitor=monitor)
                )
            except DatasetError as error:
                failed[train_request.name] = error.what
    return Comparison(settings, request.seed, tuple(done), failed)


def _features(
    catalog: Catalog, request: CompareRequest, settings: DatasetSettings, *, jobs: int, monitor: Monitor
) -> Specs:
    """All features that the networks eat, each once; of a dataset without sound, those it can give."""
    found = {}
    for name in request.networks:
        train_request = TrainRequest(name, settings.name, word_vectors=request.word_vectors)
        for spec in specs_for(catalog, train_request, settings, jobs=jobs, monitor=monitor):
            if settings.source != "msd" or spec.per_song:
                found[spec.fingerprint] = spec
    return tuple(found.values())


def _key(catalog: Catalog, request: CompareRequest, settings: DatasetSettings) -> str:
    """Changes with the settings and with the dataset's songs, not with which networks are asked for."""
    asked = {k: v for k, v in asdict(request).items() if k not in ("networks", "by_paper")}
    songs = sorted((song.track_id, song.genre, song.side) for song in catalog.songs(settings.name).values())
    return fingerprint([asked, songs], 8)


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
    )
    yield own
    if request.by_paper and row.has_genres:
        yield replace(own, name=f"{network}-paper", protocol=Protocol.of_paper(row.published, request.seed))


def trained_row(
    catalog: Catalog, request: TrainRequest, folder: Path, *, device: str, jobs: int, monitor: Monitor
) -> Row:
    """Train a request in a folder of its own name and measure it, or read back the row that is there.

    Raises
    ------
    DatasetError
        There is too little to learn from, or nothing to measure on.
    Interrupted
        The user stopped it; the same call goes on from there.
    """
    assert request.name is not None
    path = folder / request.name / _ROW
    stored = read_json(path)
    if isinstance(stored, dict):
        return Row(**stored)
    monitor.epoch(f"{request.name}:")
    result = train(
        catalog,
        request,
        device=device,
        jobs=jobs,
        resume=(folder / request.name / STATE).exists(),
        overwrite=True,
        folder=folder,
        monitor=monitor,
    )
    if result.interrupted:
        raise Interrupted(f"stopped while training {request.name}", "the same command goes on from there")
    return _measured(catalog, request, result, path, device=device, jobs=jobs, monitor=monitor)


def _measured(
    catalog: Catalog,
    request: TrainRequest,
    result: TrainResult,
    path: Path,
    *,
    device: str,
    jobs: int,
    monitor: Monitor,
) -> Row:
    """Measure a trained network and write its row."""
    description = result.description
    model = load_model(StoredModel(result.path, description), choose_device(device))
    seen = training_songs(result.path)
    measured = measure(catalog, model, trained_on=seen, jobs=jobs, monitor=monitor)
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
        song_s=_song_s(catalog, model, measured),
        space=asdict(space(catalog, model, measured, seed=request.seed)),
        evaluation=evaluation_json(evaluation) if evaluation else None,
        n_without_lyrics=result.n_without_lyrics,
        notes=list(measured.notes),
    )
    write_json(path, asdict(row))
    return row


def _protocol_name(request: TrainRequest) -> str:
    """Whose split it is: the dataset's, the paper's, or another one that was drawn."""
    if request.protocol is None:
        return "dataset"
    published = model_spec(request.network).published
    return "paper" if request.protocol == Protocol.of_paper(published, request.seed) else "drawn"


def _song_s(catalog: Catalog, model: LoadedModel, measured: Measured) -> float | None:
    """Seconds from a file to the answer, the median over some test songs that are still there."""
    tracks = catalog.tracks(measured.settings.name)
    songs = [tracks[song][0] for song in np.unique(measured.songs).tolist() if song in tracks]
    there = [track for track in songs if track.path.exists()][: _N_TIMED + 1]
    seconds = [_answer_s(model, track) for track in there]
    return statistics.median(seconds[1:]) if len(seconds) > 1 else None  # the first one warms up


def _answer_s(model: LoadedModel, track: Track) -> float:
    started = time.monotonic()
    for _ in over(model, [track], CLIPS_PER_SONG, jobs=1, stage="time", monitor=SILENT):
        pass
    return time.monotonic() - started
