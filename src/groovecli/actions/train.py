"""Train a network on a dataset: data, network, loop and model file put together."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from groovecli.actions.context import Context, check_call
from groovecli.actions.features import featured
from groovecli.actions.order import Order, ordered
from groovecli.actions.own_test import Trained, tested
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.reach import Reach
from groovecli.errors import Diverged
from groovecli.messages.actions import (
    dataset_changed,
    diverged_at_once,
    diverged_later,
    stopped_before_learning,
)
from groovecli.messages.evaluation import share
from groovecli.messages.words import duration, percent
from groovecli.models.devices import choose_precision, placed, torch_threads
from groovecli.models.file import Description
from groovecli.models.loaded import LoadedModel, Ready
from groovecli.models.memory import Memory, forget, write_memory
from groovecli.models.shelf import shipped_model
from groovecli.models.tested import forget_test
from groovecli.models.weights import build_for
from groovecli.monitor import Monitor
from groovecli.networks.inputs import Specs
from groovecli.reports.plots.scores import plot_training_curve
from groovecli.training import transfer
from groovecli.training.data import TrainingData, gather, songs_of, specs_for
from groovecli.training.head import Head
from groovecli.training.loop import Epoch, LoopOptions, Trainer
from groovecli.training.request import TrainRequest
from groovecli.training.result import TrainResult, describe_training, held_out_temperature, write_trained
from groovecli.training.resume import STATE, save_state
from groovecli.training.several import ALONE, Ranks, joined
from groovecli.workers.pool import n_workers

CURVE = "curve.png"
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
    Of several processes (torchrun) the first one writes; all give its result.

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
    with joined(context.device) as ranks, ExitStack() as held:
        order = ranks.by_first(
            lambda: held.enter_context(ordered(request, context, resume=resume, overwrite=overwrite))
        )
        dataset, specs, reach = ranks.after_first(
            lambda: _ready(order, context), lambda: (*_opened(order, context), Reach())
        )
        result = train_on(dataset, specs, order, context, ranks)
        return ranks.by_first(lambda: replace(tested(result, dataset, context, use=use), reach=reach))


def _opened(order: Order, context: Context) -> tuple[Dataset, Specs]:
    """The dataset to learn from, and the network's input."""
    jobs, monitor = context.jobs, context.monitor
    dataset = open_dataset(context.catalog, context.home, order.request.dataset)
    return dataset, specs_for(dataset, order.request, order.base, jobs=jobs, monitor=monitor)


def _ready(order: Order, context: Context) -> tuple[Dataset, Specs, Reach]:
    """The same with all features computed, and which of its songs are out of reach."""
    dataset, specs = _opened(order, context)
    ready = featured(
        dataset,
        specs,
        context,
        needed=None if order.request.protocol else "train",
        genres=order.request.genres,
    )
    return ready.dataset, specs, ready.reach


def train_on(
    dataset: Dataset, specs: Specs, order: Order, context: Context, ranks: Ranks = ALONE
) -> TrainResult:
    """Train on a dataset whose features are all there; see `run` for what is raised."""

    def gathered() -> _Run:
        data = gather(dataset, order.request, order.hyper, specs, order.base)
        description = describe_training(order.folder.name, order.request, data, order.hyper)
        if ranks.n > 1:  # dropout depends on it
            description = replace(description, training={**description.training, "n_processes": ranks.n})
        return _Run(context, dataset, order, data, description, ranks)

    training = ranks.together(gathered)
    with torch_threads(max(1, n_workers(context.jobs) // ranks.own.n_local)):
        result = ranks.by_first(lambda: _fit(training)) if order.is_fitted else _learn(training)
    return replace(result, n_processes=ranks.n)


@dataclass(frozen=True)
class _Run:
    """All that a training is made of."""

    context: Context
    dataset: Dataset
    order: Order
    data: TrainingData
    description: Description
    ranks: Ranks

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
        self,
        network: nn.Module,
        history: Sequence[Epoch],
        best: Epoch,
        temperature: float,
        *,
        is_stopped: bool = False,
    ) -> TrainResult:
        result = write_trained(
            self.folder,
            network,
            history,
            best,
            replace(self.description, temperature=temperature),
            self.data,
            base=self.order.base,
            interrupted=is_stopped or self.monitor.stopped,
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
    model = LoadedModel(training.description, Ready(network, training.device), "")
    memory = transfer.remembered(model, training.data.train, names, monitor=training.monitor)
    head = transfer.head_of(memory, training.data.genres, seed=training.request.seed)
    transfer.give_head(network, head)
    return network, head, memory


def _learn(training: _Run) -> TrainResult:
    """Train by gradient descent, from the start or from a saved state."""
    trainer = _trainer(training)
    training.ranks.together(lambda: _restore(training, trainer))
    diverged = None
    try:
        _train(training, trainer)
    except Diverged as error:
        if trainer.best_epoch is None:
            raise diverged_at_once(error.what) from error
        diverged = error
    network = trainer.finish()
    return training.ranks.by_first(lambda: _kept(training, trainer, network, diverged))


def _restore(training: _Run, trainer: Trainer) -> None:
    """Go on from the saved state, if there is one."""
    state = training.order.state
    if state is None:
        return
    if state.data == training.data.key:
        state.restore(trainer)
    elif not training.order.may_restart:
        raise dataset_changed(training.request.dataset, training.description.name)


def _kept(training: _Run, trainer: Trainer, network: nn.Module, diverged: Diverged | None) -> TrainResult:
    """Write what was learnt; a training that diverged is an error then."""
    training.log(len(trainer.history))
    assert trainer.best_epoch is not None
    temperature = held_out_temperature(network, training.description, training.data, training.device)
    forget(training.folder)
    result = training.written(
        network, trainer.history, trainer.best_epoch, temperature, is_stopped=trainer.is_stopped
    )
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
        if training.ranks.is_first and time.monotonic() - saved > _SAVE_EVERY_S:
            save_state(training.folder / STATE, training.request.to_json(), training.data.key, trainer)
            saved = time.monotonic()
    if not trainer.history:
        raise stopped_before_learning()


def _trainer(training: _Run) -> Trainer:
    request = training.request
    recalibrate = request.recalibrate
    if training.description.spec.starts_from and not request.base:
        network = training.ranks.after_first(
            lambda: _with_head(training)[0], lambda: build_for(training.description)
        )
        recalibrate = False  # its statistics are of more music than these songs
    else:
        torch.manual_seed(request.seed)
        network = build_for(training.description)
        if training.order.base:
            transfer.start_from(network, training.order.base)
    spec = training.description.spec
    gains = spec.bf16_on_cuda and training.ranks.n == 1  # several run without a graph
    use_bf16 = choose_precision(request.precision, training.device, gains=gains)
    return Trainer(
        placed(network, training.device, spec),
        spec,
        training.data.train,
        training.data.validation,
        training.order.hyper,
        LoopOptions(request.seed, use_bf16, recalibrate, request.class_weights, request.by_chunk),
        training.device,
        len(training.data.genres),
        training.ranks,
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
