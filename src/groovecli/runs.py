"""Train a network on a dataset: data, network, loop and model file put together."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import nn

from groovecli import plots
from groovecli.catalog import Catalog
from groovecli.checkpoints import (
    WEIGHTS,
    Description,
    StoredModel,
    build_for,
    find_model,
    load_model,
    save_model,
)
from groovecli.devices import choose_device, choose_precision, use_threads
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.figures import training_songs, write_figures
from groovecli.models.catalog import model_spec, trainable_spec
from groovecli.models.spec import Hyperparameters
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import checked_name, models_folder
from groovecli.splits import is_leaky
from groovecli.training.loop import Diverged, Epoch, LoopOptions, Trainer
from groovecli.training.states import STATE, State, latest_state, load_state, save_state
from groovecli.training_data import TrainingData, TrainRequest, clip_numbers, gather, songs_of

CURVE = "curve.png"
_SAVE_EVERY_S = 20.0  # a state is three times a model, and short epochs would only write


@dataclass(frozen=True)
class TrainResult:
    """A trained model, where it lies, and how its training went.

    `n_without_lyrics` counts songs, None where the network eats no lyrics.
    """

    path: Path
    description: Description
    epochs: tuple[Epoch, ...]
    best_epoch: int
    interrupted: bool
    seconds: float
    n_without_lyrics: int | None = None


def train(
    catalog: Catalog,
    request: TrainRequest,
    *,
    device: str = "auto",
    jobs: int = 0,
    resume: bool = False,
    overwrite: bool = False,
    folder: Path | None = None,
    monitor: Monitor = SILENT,
) -> TrainResult:
    """Train a network, or go on with a training that was stopped.

    The model file is written at the end, also when the user stops; the state to go on from then and
    every twenty seconds. `folder` holds the models' folders, groove's own unless another is given.

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
        request, state = _saved(request, folder or models_folder())
    use_bf16 = choose_precision(request.precision, chosen)
    name = checked_name(request.name or _free_name(request.network), "model")
    folder = (folder or models_folder()) / name
    if folder.exists() and not (resume or overwrite):
        raise ModelError(
            f"there is a model {name!r} already", "choose another --name, or --resume or --overwrite it"
        )
    hyper = replace(trainable_spec(request.network).defaults, **request.hyper)
    data = gather(catalog, request, hyper, jobs=jobs, monitor=monitor)
    description = _description(name, request, data, hyper)
    trainer = _trainer(request, data, hyper, description, chosen, use_bf16)
    if state is not None:
        if state.data != data.key:
            raise DatasetError(
                f"dataset {request.dataset!r} has changed since {name} was trained", "train anew"
            )
        state.restore(trainer)
    diverged = None
    try:
        _run(trainer, folder / STATE, request, data, monitor)
    except Diverged as error:
        if trainer.best_epoch is None:
            raise Diverged(error.what, "try a smaller --learning-rate") from error
        diverged = error
    catalog.log_run("train", {"model": name, "dataset": request.dataset, "epochs": len(trainer.history)})
    result = _finished(folder, trainer, description, data, monitor, time.monotonic() - started)
    save_state(folder / STATE, request.to_json(), data.key, trainer)
    if diverged is not None:
        raise Diverged(
            f"{diverged.what}; {name} has the weights of epoch {result.best_epoch}",
            "try a smaller --learning-rate, under another --name",
        ) from diverged
    return result


def _run(trainer: Trainer, path: Path, request: TrainRequest, data: TrainingData, monitor: Monitor) -> None:
    """Train to the end or until stopped; now and then save what resuming needs."""
    saved = time.monotonic()
    limit_s = math.inf if request.minutes is None else 60 * request.minutes
    for epoch in trainer.epochs(monitor, limit_s):
        monitor.epoch(summary(epoch, trainer.hyper.epochs))
        if time.monotonic() - saved > _SAVE_EVERY_S:
            save_state(path, request.to_json(), data.key, trainer)
            saved = time.monotonic()
    if not trainer.history:
        raise Interrupted("stopped before anything was learnt")


def _trainer(
    request: TrainRequest,
    data: TrainingData,
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
        description.spec,
        data.train,
        data.validation,
        hyper,
        LoopOptions(request.seed, use_bf16, request.recalibrate, request.class_weights, request.by_chunk),
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


def _description(
    name: str, request: TrainRequest, data: TrainingData, hyper: Hyperparameters
) -> Description:
    split_by = request.protocol.split_by if request.protocol else data.settings.split_by
    sides = {"train": data.train, "validation": data.validation}
    clips_per_genre = Counter(data.train.clips[number].genre for number in clip_numbers(data.train))
    return Description(
        name=name,
        network=request.network,
        features=data.train.specs,
        genres=data.genres if model_spec(request.network).has_genres else (),
        dropout=hyper.dropout,
        created=datetime.now(UTC).isoformat(),
        dataset=data.settings.name,
        split_by=split_by,
        licence=request.licence,
        data={
            "leaky": is_leaky(split_by),
            "seed": data.settings.seed,
            "test_share": data.settings.test_share,
            "songs": {name: len(songs_of(side)) for name, side in sides.items()},
            "clips": {name: len(clip_numbers(side)) for name, side in sides.items()},
            "clips_per_genre": dict(sorted(clips_per_genre.items())),
            "depth": data.settings.depth,
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


def _finished(
    folder: Path,
    trainer: Trainer,
    description: Description,
    data: TrainingData,
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
    validated = songs_of(data.validation)
    songs = validated | songs_of(data.train)
    if base := description.training["base"]:
        songs |= training_songs(find_model(base).path)
    write_figures(folder, trainer.history, description, songs=songs, validation_songs=validated)
    plots.training_curve(folder / CURVE, trainer.history, best.number, title=description.name)
    return TrainResult(
        folder / WEIGHTS,
        description,
        tuple(trainer.history),
        best.number,
        monitor.stopped,
        seconds,
        data.n_without_lyrics(),
    )


def summary(epoch: Epoch, n_epochs: int) -> str:
    """An epoch in one line."""
    text = f"epoch {epoch.number}/{n_epochs}  loss {epoch.loss:.4f}"
    if epoch.validation_accuracy is not None:
        text += f"  validation accuracy {epoch.validation_accuracy:.1%}"
    elif epoch.validation_loss is not None:
        text += f"  validation loss {epoch.validation_loss:.4f}"
    return f"{text}  {epoch.windows_per_s:.0f} windows/s"


def _free_name(network: str) -> str:
    number = 1
    while (models_folder() / f"{network}-{number}").exists():
        number += 1
    return f"{network}-{number}"


def _saved(request: TrainRequest, folder: Path) -> tuple[TrainRequest, State]:
    """The training to go on with; only its epochs and minutes may be others."""
    if request.name is None:
        state = latest_state(folder, request.network)
    else:
        state = load_state(folder / checked_name(request.name, "model") / STATE)
    epochs = {"epochs": request.hyper["epochs"]} if "epochs" in request.hyper else {}
    try:
        saved = TrainRequest.from_json(state.request)
        hyper = {**saved.hyper, **epochs}
        return replace(saved, name=state.path.parent.name, hyper=hyper, minutes=request.minutes), state
    except (KeyError, TypeError) as error:
        raise ModelError(f"{state.path} is no training state of groove's", "train anew") from error
