"""Train a network on a dataset: data, network, loop and model file put together."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from groovecli.datasets.windows import artists
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.home import checked_name, free_model_name, models_folder
from groovecli.library.catalog import Catalog
from groovecli.models.devices import choose_device, choose_precision, use_threads
from groovecli.models.file import Description, LoadedModel, build_for, find_model, shipped_model
from groovecli.models.memory import Memory, forget, write_memory
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.registry import trainable_spec
from groovecli.networks.spec import Hyperparameters
from groovecli.training import transfer
from groovecli.training.data import TrainingData, TrainRequest, gather
from groovecli.training.loop import Diverged, Epoch, LoopOptions, Trainer
from groovecli.training.result import TrainResult, describe_training, held_out_temperature, write_trained
from groovecli.training.resume import STATE, State, latest_state, load_state, save_state

_SAVE_EVERY_S = 20.0  # a state is three times a model, and short epochs would only write


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
    choose_precision(request.precision, chosen)
    name = checked_name(request.name or free_model_name(request.network), "model")
    folder = (folder or models_folder()) / name
    if folder.exists() and not (resume or overwrite):
        raise ModelError(
            f"there is a model {name!r} already", "choose another --name, or --resume or --overwrite it"
        )
    row = trainable_spec(request.network)
    is_fitted = bool(row.starts_from) and not request.unfreeze
    if is_fitted:  # by cross-validation, so that all songs can be learnt from
        request = replace(request, validation_share=0.0)
    hyper = replace(row.defaults, **request.hyper)
    data = gather(catalog, request, hyper, jobs=jobs, monitor=monitor)
    description = describe_training(name, request, data, hyper)
    run = _Run(catalog, request, data, hyper, description, chosen, folder, monitor, started)
    return _fit(run) if is_fitted else _learn(run, state)


@dataclass(frozen=True)
class _Run:
    """All that a training is made of."""

    catalog: Catalog
    request: TrainRequest
    data: TrainingData
    hyper: Hyperparameters
    description: Description
    device: torch.device
    folder: Path
    monitor: Monitor
    started: float

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def log(self, n_epochs: int) -> None:
        about = {"model": self.description.name, "dataset": self.request.dataset, "epochs": n_epochs}
        self.catalog.log_run("train", about)

    def written(
        self, network: nn.Module, history: Sequence[Epoch], best: Epoch, temperature: float
    ) -> TrainResult:
        return write_trained(
            self.folder,
            network,
            history,
            best,
            replace(self.description, temperature=temperature),
            self.data,
            interrupted=self.monitor.stopped,
            seconds=self.seconds,
        )


def _fit(run: _Run) -> TrainResult:
    """A head for the genres on the shipped network, which stays as it is."""
    network, head, memory = _with_head(run)
    write_memory(run.folder, memory)
    epoch = Epoch(
        number=1,
        loss=head.training_loss,
        train_accuracy=head.training_accuracy,
        validation_loss=head.loss,
        validation_accuracy=head.accuracy,
        seconds=run.seconds,
        windows_per_s=len(run.data.train) / run.seconds,
    )
    run.log(1)
    return run.written(network, [epoch], epoch, 1.0)


def _with_head(run: _Run) -> tuple[nn.Module, transfer.Head, Memory]:
    """The shipped network with a layer of genres fitted; folds keep artists together if the split does."""
    torch.manual_seed(run.request.seed)
    network = build_for(run.description)
    transfer.take_trunk(network, shipped_model(run.description.spec.starts_from))
    network = network.to(run.device).eval()
    by = run.request.validation_by or run.data.settings.split_by
    names = artists(run.catalog, run.data.settings.name) if by == "artist" else {}
    model = LoadedModel(run.description, network, run.device, "")
    memory = transfer.remembered(model, run.data.train, names, monitor=run.monitor)
    head = transfer.head_of(memory, run.data.genres, seed=run.request.seed)
    transfer.give_head(network, head)
    return network, head, memory


def _learn(run: _Run, state: State | None) -> TrainResult:
    """Train by gradient descent, from the start or from a saved state."""
    trainer = _trainer(run)
    if state is not None:
        if state.data != run.data.key:
            raise DatasetError(
                f"dataset {run.request.dataset!r} has changed since {run.description.name} was trained",
                "train anew",
            )
        state.restore(trainer)
    diverged = None
    try:
        _train(run, trainer)
    except Diverged as error:
        if trainer.best_epoch is None:
            raise Diverged(error.what, "try a smaller --learning-rate") from error
        diverged = error
    run.log(len(trainer.history))
    assert trainer.best_epoch is not None
    network = trainer.finish()
    temperature = held_out_temperature(network, run.description, run.data, run.device)
    forget(run.folder)
    result = run.written(network, trainer.history, trainer.best_epoch, temperature)
    save_state(run.folder / STATE, run.request.to_json(), run.data.key, trainer)
    if diverged is not None:
        raise Diverged(
            f"{diverged.what}; {run.description.name} has the weights of epoch {result.best_epoch}",
            "try a smaller --learning-rate, under another --name",
        ) from diverged
    return result


def _train(run: _Run, trainer: Trainer) -> None:
    """Train to the end or until stopped; now and then save what resuming needs."""
    saved = time.monotonic()
    limit_s = math.inf if run.request.minutes is None else 60 * run.request.minutes
    for epoch in trainer.epochs(run.monitor, limit_s):
        run.monitor.epoch(summary(epoch, trainer.hyper.epochs))
        if time.monotonic() - saved > _SAVE_EVERY_S:
            save_state(run.folder / STATE, run.request.to_json(), run.data.key, trainer)
            saved = time.monotonic()
    if not trainer.history:
        raise Interrupted("stopped before anything was learnt")


def _trainer(run: _Run) -> Trainer:
    request = run.request
    recalibrate = request.recalibrate
    if run.description.spec.starts_from and not request.base:
        network, *_ = _with_head(run)
        recalibrate = False  # its statistics are of more music than these songs
    else:
        torch.manual_seed(request.seed)
        network = build_for(run.description)
        if request.base:
            transfer.start_from(network, find_model(request.base))
    use_bf16 = choose_precision(request.precision, run.device)
    return Trainer(
        network.to(run.device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        run.description.spec,
        run.data.train,
        run.data.validation,
        run.hyper,
        LoopOptions(request.seed, use_bf16, recalibrate, request.class_weights, request.by_chunk),
        run.device,
        len(run.data.genres),
    )


def summary(epoch: Epoch, n_epochs: int) -> str:
    """An epoch in one line."""
    text = f"epoch {epoch.number}/{n_epochs}  loss {epoch.loss:.4f}"
    if epoch.validation_accuracy is not None:
        text += f"  validation accuracy {epoch.validation_accuracy:.1%}"
    elif epoch.validation_loss is not None:
        text += f"  validation loss {epoch.validation_loss:.4f}"
    return f"{text}  {epoch.windows_per_s:.0f} windows/s"


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
