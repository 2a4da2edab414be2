"""Train a network on a dataset: data, network, loop and model file put together."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import nn

from groovecli import plots
from groovecli.catalog import Catalog, DatasetSettings
from groovecli.checkpoints import (
    WEIGHTS,
    Description,
    StoredModel,
    build_for,
    find_model,
    load_model,
    save_model,
)
from groovecli.datasets import Example, WindowDataset, examples, held_out, part
from groovecli.devices import choose_device, choose_precision, use_threads
from groovecli.errors import DatasetError, Interrupted, ModelError, UsageError
from groovecli.extraction import compute_missing
from groovecli.features.catalog import feature
from groovecli.features.spec import FeatureSpec
from groovecli.figures import training_sides, training_songs, write_figures
from groovecli.models.catalog import Hyperparameters, model_spec
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import checked_name, models_folder
from groovecli.splits import SplitBy, is_leaky
from groovecli.store import fingerprint
from groovecli.training.loop import Epoch, LoopOptions, Trainer
from groovecli.training.states import STATE, State, latest_state, load_state, save_state

CURVE = "curve.png"
_SAVE_EVERY_S = 20.0  # a state is three times a model, and short epochs would only write


@dataclass(frozen=True)
class TrainRequest:
    """What to train; None where the network's own default is meant.

    `hyper` holds what differs from the paper's hyperparameters. `part` is (K, N): the K-th of N
    equal parts of the training clips. `validation_by` None follows the dataset's split. `half`
    stores weights as float16. `base` is the name of a model to start from, whose genres the dataset
    has, and others too.
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

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> TrainRequest:
        """The request that `to_json` gave."""
        return cls(**{**fields, "part": tuple(fields["part"]), "genres": tuple(fields["genres"])})


@dataclass(frozen=True)
class TrainResult:
    """A trained model, where it lies, and how its training went."""

    path: Path
    description: Description
    epochs: tuple[Epoch, ...]
    best_epoch: int
    interrupted: bool
    seconds: float


@dataclass(frozen=True)
class _Data:
    """The clips of a training run."""

    settings: DatasetSettings
    feature: FeatureSpec
    genres: tuple[str, ...]
    train: list[Example]
    validation: list[Example]

    @property
    def key(self) -> str:
        """Changes with the genres and with any clip of either side."""
        sides = [[(clip.key, clip.genre) for clip in side] for side in (self.train, self.validation)]
        return fingerprint([self.genres, *sides])


def train(
    catalog: Catalog,
    request: TrainRequest,
    *,
    device: str = "auto",
    jobs: int = 0,
    resume: bool = False,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
) -> TrainResult:
    """Train a network, or go on with a training that was stopped.

    The model file is written at the end, also when the user stops; the state to go on from then and
    every twenty seconds.

    Raises
    ------
    DatasetError
        There is no such dataset, too little in it, or not what a resumed training learnt from.
    ModelError
        There is nothing to resume, a model of that name is there already, or the loss is no number
        any more.
    UsageError
        The request makes no sense.
    Interrupted
        Stopped before anything was learnt.
    """
    started = time.monotonic()
    chosen = choose_device(device)
    use_threads(jobs)
    state = None
    if resume:
        request, state = _saved(request)
    use_bf16 = choose_precision(request.precision, chosen)
    name = checked_name(request.name or _free_name(request.network), "model")
    folder = models_folder() / name
    if folder.exists() and not (resume or overwrite):
        raise ModelError(
            f"there is a model {name!r} already", "choose another --name, or --resume or --overwrite it"
        )
    hyper = replace(model_spec(request.network).defaults, **request.hyper)
    data = _data(catalog, request, jobs=jobs, monitor=monitor)
    description = _description(name, request, data, hyper)
    trainer = _trainer(request, data, hyper, description, chosen, use_bf16)
    if state is not None:
        if state.data != data.key:
            raise DatasetError(
                f"dataset {request.dataset!r} has changed since {name} was trained", "train anew"
            )
        state.restore(trainer)
    _run(trainer, folder / STATE, request, data, monitor)
    catalog.log_run("train", {"model": name, "dataset": request.dataset, "epochs": len(trainer.history)})
    result = _finished(folder, trainer, description, data, monitor, time.monotonic() - started)
    save_state(folder / STATE, request.to_json(), data.key, trainer)
    return result


def _run(trainer: Trainer, path: Path, request: TrainRequest, data: _Data, monitor: Monitor) -> None:
    """Train to the end or until stopped; now and then save what resuming needs."""
    saved = time.monotonic()
    for epoch in trainer.epochs(monitor):
        monitor.epoch(summary(epoch, trainer.hyper.epochs))
        if time.monotonic() - saved > _SAVE_EVERY_S:
            save_state(path, request.to_json(), data.key, trainer)
            saved = time.monotonic()
    if not trainer.history:
        raise Interrupted("stopped before anything was learnt")


def _data(catalog: Catalog, request: TrainRequest, *, jobs: int, monitor: Monitor) -> _Data:
    spec = model_spec(request.network)
    settings = catalog.existing_dataset(request.dataset)
    if not 0 <= request.validation_share < 1:
        raise UsageError(f"--validation-share {request.validation_share:g} is not between 0 and 1")
    wanted = feature(spec.features[0], settings.clip_s)
    compute_missing(catalog, settings.name, [wanted], jobs=jobs, monitor=monitor)
    if monitor.stopped:
        raise Interrupted("stopped while computing features", "the same command goes on from there")
    clips = examples(catalog, settings.name, wanted, "train")
    old = _known_to(request.base, wanted, {clip.genre for clip in clips})
    clips = _of_genres(clips, request.genres)
    clips = part(clips, *request.part, seed=request.seed)
    by = request.validation_by or settings.split_by
    training, validation = clips, list[Example]()
    if request.validation_share:
        training, validation = held_out(
            catalog,
            settings.name,
            clips,
            by,
            request.validation_share,
            seed=request.seed,
            fixed=training_sides(find_model(request.base).path) if request.base else {},
        )
    genres = (*old, *sorted({clip.genre for clip in training} - set(old)))  # old ones keep their numbers
    if not training or (spec.has_genres and len(genres) < 2):
        raise DatasetError(
            f"dataset {settings.name!r} has clips of {len(genres)} genres to train on; two are needed",
            "ingest more music",
        )
    return _Data(settings, wanted, genres, training, validation)


def _known_to(base: str | None, wanted: FeatureSpec, genres: set[str]) -> tuple[str, ...]:
    """Genres of the model to start from, all of which the dataset must have."""
    if base is None:
        return ()
    description = find_model(base, with_genres=True).description
    if description.feature != wanted:
        raise ModelError(f"{base} eats another feature than the dataset's {wanted.fingerprint}")
    old = description.genres
    lost = set(old) - genres
    if lost:
        raise DatasetError(
            f"the dataset has no clips of {', '.join(sorted(lost))}, which {base} knows and would forget",
            "ingest these genres too, or train a model of your own with `groove train` first",
        )
    return old


def _of_genres(clips: list[Example], genres: Sequence[str]) -> list[Example]:
    unknown = set(genres) - {clip.genre for clip in clips}
    if unknown:
        there = ", ".join(sorted({clip.genre for clip in clips}))
        raise UsageError(f"the dataset has no genre {', '.join(sorted(unknown))}; it has: {there}")
    return [clip for clip in clips if clip.genre in genres] if genres else clips


def _trainer(
    request: TrainRequest,
    data: _Data,
    hyper: Hyperparameters,
    description: Description,
    device: torch.device,
    use_bf16: bool,
) -> Trainer:
    torch.manual_seed(request.seed)
    network = build_for(description)
    if request.base:
        _start_from(network, find_model(request.base))
    return Trainer(
        network.to(device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        description.spec.objective,
        WindowDataset(data.settings.name, data.train, data.feature, data.genres),
        WindowDataset(data.settings.name, data.validation, data.feature, data.genres),
        hyper,
        LoopOptions(request.seed, use_bf16, request.recalibrate, request.class_weights),
        device,
        len(data.genres),
    )


def _start_from(network: nn.Module, base: StoredModel) -> None:
    """Copy a model's weights; its last layer fills the first rows of a taller one."""
    weights = load_model(base, torch.device("cpu")).network.state_dict()
    own = network.state_dict()
    for name, tensor in weights.items():
        if own[name].shape == tensor.shape:
            own[name].copy_(tensor)
        else:
            own[name][: len(tensor)].copy_(tensor)


def _description(name: str, request: TrainRequest, data: _Data, hyper: Hyperparameters) -> Description:
    return Description(
        name=name,
        network=request.network,
        feature=data.feature,
        genres=data.genres if model_spec(request.network).has_genres else (),
        dropout=hyper.dropout,
        created=datetime.now(UTC).isoformat(),
        dataset=data.settings.name,
        split_by=data.settings.split_by,
        licence=request.licence,
        data={
            "leaky": is_leaky(data.settings.split_by),
            "seed": data.settings.seed,
            "test_share": data.settings.test_share,
            "songs": {"train": _n_songs(data.train), "validation": _n_songs(data.validation)},
            "clips": {"train": len(data.train), "validation": len(data.validation)},
            "clips_per_genre": dict(sorted(Counter(clip.genre for clip in data.train).items())),
        },
        training={
            **asdict(hyper),
            **{
                k: v
                for k, v in request.to_json().items()
                if k not in ("hyper", "name", "dataset", "network")
            },
        },
    )


def _n_songs(clips: Sequence[Example]) -> int:
    return len({clip.track_id for clip in clips})


def _finished(
    folder: Path,
    trainer: Trainer,
    description: Description,
    data: _Data,
    monitor: Monitor,
    seconds: float,
) -> TrainResult:
    network = trainer.finish()
    best = trainer.best_epoch
    assert best is not None
    metrics = {
        "epochs": len(trainer.history),
        "best_epoch": best.number,
        "loss": best.loss,
        "train_accuracy": best.train_accuracy,
        "validation_loss": best.validation_loss,
        "validation_accuracy": best.validation_accuracy,
        "validation_by": description.training["validation_by"] or description.split_by,
    }
    description = replace(description, metrics=metrics)
    save_model(folder / WEIGHTS, network, description, half=description.training["half"])
    validated = {clip.track_id for clip in data.validation}
    songs = validated | {clip.track_id for clip in data.train}
    if base := description.training["base"]:
        songs |= training_songs(find_model(base).path)
    write_figures(folder, trainer.history, description, songs=songs, validation_songs=validated)
    plots.training_curve(folder / CURVE, trainer.history, best.number, title=description.name)
    return TrainResult(
        folder / WEIGHTS, description, tuple(trainer.history), best.number, monitor.stopped, seconds
    )


def summary(epoch: Epoch, n_epochs: int) -> str:
    """An epoch in one line."""
    text = f"epoch {epoch.number}/{n_epochs}  loss {epoch.loss:.4f}"
    if epoch.validation_accuracy is not None:
        text += f"  validation accuracy {epoch.validation_accuracy:.1%}"
    elif epoch.validation_loss is not None:
        text += f"  validation loss {epoch.validation_loss:.4f}"
    return f"{text}  {epoch.windows_per_s:.0f} images/s"


def _free_name(network: str) -> str:
    number = 1
    while (models_folder() / f"{network}-{number}").exists():
        number += 1
    return f"{network}-{number}"


def _saved(request: TrainRequest) -> tuple[TrainRequest, State]:
    """The training to go on with; only the number of epochs may be another."""
    if request.name is None:
        state = latest_state(models_folder(), request.network)
    else:
        state = load_state(models_folder() / checked_name(request.name, "model") / STATE)
    epochs = {"epochs": request.hyper["epochs"]} if "epochs" in request.hyper else {}
    try:
        saved = TrainRequest.from_json(state.request)
        return replace(saved, name=state.path.parent.name, hyper={**saved.hyper, **epochs}), state
    except (KeyError, TypeError) as error:
        raise ModelError(f"{state.path} is no training state of groove's", "train anew") from error
