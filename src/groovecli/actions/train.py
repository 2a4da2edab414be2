"""Train a network on a dataset: data, network, loop and model file put together."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from groovecli.actions.context import Context, check_call, check_seed
from groovecli.actions.own_test import Trained, tested
from groovecli.datasets.cache import with_features
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.errors import Diverged, UsageError
from groovecli.home import checked_name
from groovecli.messages.actions import (
    dataset_changed,
    diverged_at_once,
    diverged_later,
    name_taken,
    stopped_before_learning,
)
from groovecli.messages.evaluation import share
from groovecli.messages.training import no_training_state
from groovecli.messages.words import duration, percent
from groovecli.models.devices import choose_device, choose_precision, torch_threads
from groovecli.models.file import Description, LoadedModel, StoredModel, build_for
from groovecli.models.memory import Memory, forget, write_memory
from groovecli.models.shelf import shipped_model
from groovecli.models.tested import forget_test
from groovecli.monitor import Monitor
from groovecli.networks.inputs import Specs
from groovecli.networks.registry import model_spec, trainable_spec
from groovecli.networks.spec import Hyperparameters
from groovecli.reports.evaluation import CURVE
from groovecli.reports.plots.scores import plot_training_curve
from groovecli.training import transfer
from groovecli.training.data import TrainingData, check_request, gather, songs_of, specs_for
from groovecli.training.head import Head
from groovecli.training.loop import Epoch, LoopOptions, Trainer
from groovecli.training.request import TrainRequest
from groovecli.training.result import TrainResult, describe_training, held_out_temperature, write_trained
from groovecli.training.resume import STATE, State, latest_state, load_state, save_state
from groovecli.workers.pool import n_workers

_SAVE_EVERY_S = 20.0  # a state is three times as large as a model, and short epochs would only write


def run(
    request: TrainRequest,
    context: Context,
    *,
    resume: bool = False,
    overwrite: bool = False,
    use: bool = False,
) -> Trained:
    """Train a network, or go on with a training that was stopped; then measure the model.

    The model file is written at the end, also when the user stops; the state to go on from then and
    every twenty seconds. `use` lets `classify` use the model if it is better than guessing.

    Raises
    ------
    DatasetError
        There is no such dataset, too little in it, or not what a resumed training learnt from.
    ModelError
        There is nothing to resume, a model of that name is there already, or the loss became NaN
        or exploded.
    UsageError
        The request is wrong.
    Interrupted
        Stopped before anything was learnt.
    """
    check_call("train", request, TrainRequest, context)
    order = ordered(request, context, resume=resume, overwrite=overwrite)
    jobs, monitor = context.jobs, context.monitor
    dataset = open_dataset(context.catalog, context.home, order.request.dataset)
    specs = specs_for(dataset, order.request, order.base, jobs=jobs, monitor=monitor)
    dataset = with_features(dataset, specs, jobs=jobs, monitor=monitor)
    result = train_on(dataset, specs, order, context)
    return tested(result, dataset, context, use=use)


@dataclass(frozen=True)
class Order:
    """A training that can begin: its request checked, its folder free, what it starts from found.

    `state` is what it goes on from, `base` the model whose genres it extends.
    """

    request: TrainRequest
    hyper: Hyperparameters
    folder: Path
    device: torch.device
    state: State | None
    base: StoredModel | None
    started: float

    @property
    def is_fitted(self) -> bool:
        """Whether only a layer of genres is learnt, which is solved for."""
        return bool(model_spec(self.request.network).starts_from) and not self.request.unfreeze


def ordered(
    request: TrainRequest,
    context: Context,
    *,
    resume: bool = False,
    overwrite: bool = False,
    folder: Path | None = None,
) -> Order:
    """Check a request before anything is computed for it; see `run` for what is raised.

    `folder` holds the models' folders, groove's own unless another is given.
    """
    started = time.monotonic()
    check_seed(request.seed)
    trainable_spec(request.network)
    folder = folder or context.home.models
    device = choose_device(context.device)
    state = None
    if resume:
        request, state = _saved(request, folder)
    choose_precision(request.precision, device)
    name = checked_name(
        request.name if request.name is not None else context.shelf.free_name(request.network, folder),
        "model",
    )
    if (folder / name).exists() and not (resume or overwrite):
        raise name_taken(name)
    row = trainable_spec(request.network)
    check_request(request)
    base = context.shelf.find(request.base, with_genres=True) if request.base else None
    hyper = replace(row.defaults, **request.hyper)
    order = Order(request, hyper, folder / name, device, state, base, started)
    if order.is_fitted:  # by cross-validation, so that all songs can be learnt from
        return replace(order, request=replace(request, validation_share=0.0))
    return order


def train_on(dataset: Dataset, specs: Specs, order: Order, context: Context) -> TrainResult:
    """Train on a dataset whose features are all there; see `run` for what is raised."""
    data = gather(dataset, order.request, order.hyper, specs, order.base)
    description = describe_training(order.folder.name, order.request, data, order.hyper)
    training = _Run(context, dataset, order, data, description)
    with torch_threads(n_workers(context.jobs)):
        return _fit(training) if order.is_fitted else _learn(training, order.state)


@dataclass(frozen=True)
class _Run:
    """All that a training is made of."""

    context: Context
    dataset: Dataset
    order: Order
    data: TrainingData
    description: Description

    @property
    def request(self) -> TrainRequest:
        return self.order.request

    @property
    def folder(self) -> Path:
        return self.order.folder

    @property
    def device(self) -> torch.device:
        return self.order.device

    @property
    def monitor(self) -> Monitor:
        return self.context.monitor

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.order.started

    def log(self, n_epochs: int) -> None:
        about = {"model": self.description.name, "dataset": self.request.dataset, "epochs": n_epochs}
        self.context.catalog.log_run("train", about)

    def written(
        self, network: nn.Module, history: Sequence[Epoch], best: Epoch, temperature: float
    ) -> TrainResult:
        result = write_trained(
            self.folder,
            network,
            history,
            best,
            replace(self.description, temperature=temperature),
            self.data,
            base=self.order.base,
            interrupted=self.monitor.stopped,
            seconds=self.seconds,
        )
        forget_test(self.folder)
        plot_training_curve(self.folder / CURVE, history, best.number, title=result.description.name)
        return result


def _fit(training: _Run) -> TrainResult:
    """A head for the genres on the included network, which stays as it is."""
    network, head, memory = _with_head(training)
    write_memory(training.folder, memory)
    epoch = Epoch(
        number=1,
        loss=head.training_loss,
        train_accuracy=head.training_accuracy,
        validation_loss=head.loss,
        validation_accuracy=head.accuracy,
        seconds=training.seconds,
        windows_per_s=len(training.data.train) / training.seconds,
    )
    training.log(1)
    return training.written(network, [epoch], epoch, 1.0)


def _with_head(training: _Run) -> tuple[nn.Module, Head, Memory]:
    """The included network with a fitted layer of genres; folds keep artists together if the split does."""
    torch.manual_seed(training.request.seed)
    network = build_for(training.description)
    transfer.take_trunk(network, shipped_model(training.description.spec.starts_from))
    network = network.to(training.device).eval()
    by = training.request.validation_by or training.data.settings.split_by
    names = training.dataset.artists if by == "artist" else {}
    model = LoadedModel(training.description, network, training.device, "")
    memory = transfer.remembered(model, training.data.train, names, monitor=training.monitor)
    head = transfer.head_of(memory, training.data.genres, seed=training.request.seed)
    transfer.give_head(network, head)
    return network, head, memory


def _learn(training: _Run, state: State | None) -> TrainResult:
    """Train by gradient descent, from the start or from a saved state."""
    trainer = _trainer(training)
    if state is not None:
        if state.data != training.data.key:
            raise dataset_changed(training.request.dataset, training.description.name)
        state.restore(trainer)
    diverged = None
    try:
        _train(training, trainer)
    except Diverged as error:
        if trainer.best_epoch is None:
            raise diverged_at_once(error.what) from error
        diverged = error
    training.log(len(trainer.history))
    assert trainer.best_epoch is not None
    network = trainer.finish()
    temperature = held_out_temperature(network, training.description, training.data, training.device)
    forget(training.folder)
    result = training.written(network, trainer.history, trainer.best_epoch, temperature)
    result = replace(result, is_out_of_time=trainer.is_out_of_time)
    save_state(training.folder / STATE, training.request.to_json(), training.data.key, trainer)
    if diverged is not None:
        raise diverged_later(diverged.what, training.description.name, result.best_epoch) from diverged
    return result


def _train(training: _Run, trainer: Trainer) -> None:
    """Train to the end or until stopped; now and then save what resuming needs."""
    started = saved = time.monotonic()
    n_before, n_songs = len(trainer.history), len(songs_of(training.data.validation))
    limit_s = math.inf if training.request.minutes is None else 60 * training.request.minutes
    for epoch in trainer.epochs(training.monitor, limit_s):
        n_left = trainer.n_expected(limit_s) - epoch.number
        left_s = n_left * (time.monotonic() - started) / (epoch.number - n_before)
        is_best = trainer.chooses and epoch is trainer.best_epoch
        training.monitor.epoch(
            summary(epoch, trainer.hyper.epochs, n_songs, left_s=left_s, is_best=is_best)
        )
        if time.monotonic() - saved > _SAVE_EVERY_S:
            save_state(training.folder / STATE, training.request.to_json(), training.data.key, trainer)
            saved = time.monotonic()
    if not trainer.history:
        raise stopped_before_learning()


def _trainer(training: _Run) -> Trainer:
    request = training.request
    recalibrate = request.recalibrate
    if training.description.spec.starts_from and not request.base:
        network, *_ = _with_head(training)
        recalibrate = False  # its statistics are of more music than these songs
    else:
        torch.manual_seed(request.seed)
        network = build_for(training.description)
        if training.order.base:
            transfer.start_from(network, training.order.base)
    use_bf16 = choose_precision(request.precision, training.device)
    return Trainer(
        network.to(training.device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        training.description.spec,
        training.data.train,
        training.data.validation,
        training.order.hyper,
        LoopOptions(request.seed, use_bf16, recalibrate, request.class_weights, request.by_chunk),
        training.device,
        len(training.data.genres),
    )


def summary(
    epoch: Epoch, n_epochs: int, n_songs: int, *, left_s: float = 0.0, is_best: bool = False
) -> str:
    """An epoch in one line of a screen, with the time that the training still takes; the best is marked.

    `n_songs` is how many are held out: of few it is said how many are right, as near as their clips tell.
    """
    cut = f", cut short at {percent(epoch.share)}" if epoch.share < 1 else ""
    text = f"epoch {epoch.number}/{n_epochs}{cut}  loss {epoch.loss:.4f}"
    if epoch.validation_accuracy is not None:
        text += f"  held out: {share(epoch.validation_accuracy, n_songs)} right"
    elif epoch.validation_loss is not None:
        text += f"  held out: loss {epoch.validation_loss:.4f}"
    text += " (best)" if is_best else ""
    return f"{text}  {duration(left_s)} left" if left_s else text


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
    except (KeyError, TypeError, UsageError) as error:
        raise no_training_state(state.path) from error
