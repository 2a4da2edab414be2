"""The training loop: epochs that can be stopped after any batch and resumed later."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from groovecli.datasets.sources import Given, Source, item_batches, source_of
from groovecli.datasets.windows import Batch, WindowDataset
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.inputs import Inputs, to_inputs
from groovecli.networks.output import Output
from groovecli.networks.spec import Hyperparameters, ModelSpec
from groovecli.training.batches import Batches, Sized, first
from groovecli.training.graph import Captured, CudaRecorder, Figures, is_capturable
from groovecli.training.objectives import balanced_weights, loss_of, penalty
from groovecli.training.optimizers import optimizer_of, restore_optimizer
from groovecli.training.sampling import epoch_order
from groovecli.training.several import ALONE, Ranks
from groovecli.training.watch import LOOK_EVERY, Clock, Guard

_N_BN_WINDOWS = 1024  # enough to estimate BatchNorm's statistics well before each validation
_EVALUATION_BATCH = 128
_OF_OTHER_RANKS = 1_000_000_007  # between the seeds of processes, which draw dropout for other windows
_TICK_S = 1e-3  # a clock may show no time between two looks


@dataclass(frozen=True)
class Epoch:
    """How an epoch went; accuracies are None for networks that name no genres.

    `seconds` is all that it took, its validation too; `share` of its steps were done, in (0, 1].
    """

    number: int
    loss: float
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float
    windows_per_s: float
    share: float = 1.0


@dataclass(frozen=True)
class LoopOptions:
    """Choices of the loop that are not the network's.

    `graph` lets CUDA run a step as one graph where it can.
    """

    seed: int = 0
    bf16: bool = False
    recalibrate: bool = True
    class_weights: bool = False
    by_chunk: bool = False
    graph: bool = True


class Trainer:
    """Trains a network and keeps the best epoch.

    Parameters
    ----------
    model : nn.Module
        On `device` already.
    train, validation : WindowDataset
        What to learn from and what to choose the best epoch by; validation may be empty.
    ranks : Ranks
        The processes that share every batch; each has a trainer that is called as the others are.
    """

    def __init__(
        self,
        model: nn.Module,
        row: ModelSpec,
        train: WindowDataset,
        validation: WindowDataset,
        hyper: Hyperparameters,
        options: LoopOptions,
        device: torch.device,
        n_genres: int,
        ranks: Ranks = ALONE,
    ) -> None:
        self.ranks = ranks
        self.model, self._learner = ranks.parallel(model)
        self.row = row
        self.train, self.validation = train, validation
        self.hyper, self.options, self.device = hyper, options, device
        weights = None
        if options.class_weights and row.has_genres:
            weights = balanced_weights(torch.from_numpy(train.labels), n_genres).to(device)
        self._loss = loss_of(row, hyper, weights, ranks.total)
        is_captured = options.graph and device.type == "cuda" and ranks.n == 1
        is_captured = is_captured and is_capturable(model, train.specs)
        self.optimizer = optimizer_of(self.model, hyper, capturable=is_captured)
        self._graph = Captured(self._learn_from, CudaRecorder(device)) if is_captured else None
        self._sources: dict[int, Source] = {}
        self.history: list[Epoch] = []
        self.is_out_of_time = False  # whether the limit ended it before its last epoch was over
        self.is_stopped = False  # whether the user did, here or in another process
        self._limit_s, self._clock = math.inf, Clock()
        self._guard = Guard(ranks.total)
        self.best = _copied(self.model)
        self.best_epoch: Epoch | None = None
        self._state = self._snapshot()

    def epochs(self, monitor: Monitor = SILENT, limit_s: float = math.inf) -> Iterator[Epoch]:
        """Train until `hyper.epochs` are done; stop after the step in hand when asked to.

        So it does when the epochs, those of earlier runs included, have taken `limit_s` seconds. An epoch
        that was cut short counts only if it is the first, being all there is: it is kept, but a run that
        goes on begins it again.
        """
        self._limit_s, self._clock = limit_s, Clock(limit_s - self._spent_s)
        self.is_out_of_time = self.is_stopped = False
        if self._graph:
            self._graph.say = monitor.note
        monitor = self.ranks.watched(monitor)
        while len(self.history) < self.hyper.epochs and not monitor.stopped:
            epoch = self._epoch(len(self.history) + 1, monitor)
            is_cut = epoch is None or epoch.share < 1
            self.is_stopped = monitor.stopped
            self.is_out_of_time = is_cut and not self.is_stopped
            if epoch is None:
                break
            self.history.append(epoch)
            if self.best_epoch is None or self._score(epoch) > self._score(self.best_epoch):
                self.best_epoch, self.best = epoch, _copied(self.model)
            if not is_cut:
                self._state = self._snapshot()
            yield epoch
            if is_cut:
                break

    @property
    def chooses(self) -> bool:
        """Whether the best epoch is kept instead of the last one: only if songs were held out."""
        return len(self.validation) > 0

    def n_expected(self, limit_s: float = math.inf) -> float:
        """How many epochs there will be, as far as can be told; a limit may end the last one in its midst.

        Before the first epoch under a limit only that one is sure.
        """
        if math.isinf(limit_s):
            return self.hyper.epochs
        n_done = len(self.history)
        if not n_done:
            return 1
        return min(max(n_done, limit_s * n_done / self._spent_s), self.hyper.epochs)

    @property
    def _spent_s(self) -> float:
        """Time of the epochs that count."""
        return sum(epoch.seconds for epoch in self.history)

    def finish(self) -> nn.Module:
        """The network of the best epoch, its BatchNorm statistics estimated again."""
        self.model.load_state_dict(self.best)
        if self.options.recalibrate:
            share = self.best_epoch.share if self.best_epoch else 1.0
            self._recalibrate(math.ceil(share * (self.hyper.subset or len(self.train))))
        self._sources.clear()  # memory of the device, which what comes next may need
        if self._graph:
            self._graph.forget()
        return self.model.eval()

    def state(self) -> dict[str, Any]:
        """Everything needed to go on after the last epoch that counts, as tensors and plain values."""
        return self._state

    def _snapshot(self) -> dict[str, Any]:
        return {
            "model": _copied(self.model),
            "optimizer": copy.deepcopy(self.optimizer.state_dict()),
            "history": [asdict(epoch) for epoch in self.history],
            "best": self.best,
            "best_epoch": self.best_epoch.number if self.best_epoch else 0,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.model.load_state_dict(state["model"])
        restore_optimizer(self.optimizer, state["optimizer"])
        if self._graph:
            self._graph.forget()
        self.history = [Epoch(**epoch) for epoch in state["history"]]
        self._guard.first = self.history[0].loss if self.history else None
        self.best = state["best"]
        self.best_epoch = self.history[state["best_epoch"] - 1] if state["best_epoch"] else None
        self._state = self._snapshot()

    def _epoch(self, number: int, monitor: Monitor) -> Epoch | None:
        """Learn and validate; None of an epoch that was cut short and is not the first."""
        if self.history and self._is_over():
            return None
        seed = self.options.seed * 100_003 + number  # so that a resumed run is the same
        torch.manual_seed(seed + _OF_OTHER_RANKS * self.ranks.own.number)
        started = time.monotonic()
        learnt = self._learn(number, monitor)
        learning_s = time.monotonic() - started
        if learnt.share < 1 and self.history:
            return None
        if self.options.recalibrate and len(self.validation):
            self._recalibrate(min(_N_BN_WINDOWS, learnt.n_windows) if learnt.share < 1 else _N_BN_WINDOWS)
        validation_loss, validation_accuracy = self._validate()
        self._check_end(number, validation_loss)
        return Epoch(
            number,
            learnt.loss,
            learnt.accuracy,
            validation_loss,
            validation_accuracy,
            seconds=max(time.monotonic() - started, _TICK_S),
            windows_per_s=learnt.n_windows / max(learning_s, _TICK_S),
            share=learnt.share,
        )

    def _is_over(self) -> bool:
        """Whether the time limit is reached, in any process."""
        return math.isfinite(self._limit_s) and self.ranks.any(self._clock.is_over)

    def _learn(self, number: int, monitor: Monitor) -> _Learnt:
        self.model.train()
        loader = self._training_loader(number)
        n_before, n_most = (number - 1) * len(loader), self.hyper.epochs * len(loader)
        n_steps = math.ceil(self.n_expected(self._limit_s) * len(loader))
        learn = self._graph or self._learn_from
        self._guard.begin(number)
        total, right, seen = torch.zeros((), device=self.device), torch.zeros((), device=self.device), 0
        for step, (given, n) in enumerate(loader.given(), 1):
            loss, n_right = learn(given, n)
            self._guard.add(loss)
            total += loss * n
            right += n_right
            seen += n
            if step == LOOK_EVERY and not self.history:  # now it can be told under a limit
                n_steps = self._clock.n_steps(step, n_most)
            monitor.progress(f"epoch {number}", n_before + step, n_steps)
            if monitor.stopped or self._is_over():
                break
        self._guard.look()
        total, right = self.ranks.total(torch.stack([total, right]))
        accuracy = float(right) / seen if self.row.has_genres else None
        return _Learnt(float(total) / seen, accuracy, seen, step / len(loader))

    def _learn_from(self, given: Given, n: int) -> Figures:
        """One step, from this process's share of a batch of `n` windows."""
        inputs, labels = self._inputs(self._source(self.train).batch(given))
        self.optimizer.zero_grad(set_to_none=True)
        output = self._forward(inputs, self._learner)
        loss, n_right = self._figures(output, inputs, labels, n)
        extra = penalty(self.model, self.hyper)
        own = loss * self.ranks.n  # of the gradients of all processes, the mean is taken
        (own if extra is None else own + extra).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach(), n_right

    def _figures(self, output: Output, inputs: Inputs, labels: Tensor, n: int) -> tuple[Tensor, Tensor]:
        """What a share of a batch of `n` windows adds to the batch's mean loss, and to its right genres."""
        weight = self.ranks.weight(n)
        loss = self._loss(output, inputs[0], labels, weight * len(labels) / n)
        return loss, _n_right(output, labels) * weight

    def _training_loader(self, number: int) -> Batches:
        order = epoch_order(
            self.train, self.hyper, seed=self.options.seed, epoch=number, by_chunk=self.options.by_chunk
        )
        shuffle_seed = self.options.seed + number if order is None else None
        return self._loader(self.train, self.hyper.batch_size, shuffle_seed, order)

    @torch.no_grad()
    def _validate(self) -> tuple[float | None, float | None]:
        if not len(self.validation):
            return None, None
        loss, accuracy = self._measured(self._loader(self.validation, _EVALUATION_BATCH))
        return loss, accuracy if self.row.has_genres else None

    @torch.no_grad()
    def _check_end(self, number: int, validation_loss: float | None) -> None:
        """Raise Diverged if an epoch's last steps ruined the network, which no later step could show."""
        if validation_loss is None:
            validation_loss, _ = self._measured(first(self._loader(self.train, _EVALUATION_BATCH), 1))
        self._guard.check(validation_loss, f"after epoch {number}")

    def _measured(self, batches: Iterable[Sized]) -> tuple[float, float]:
        """Mean loss over batches, and the share of right genres."""
        self.model.eval()
        sums = torch.zeros(2, dtype=torch.float64)
        n_seen = 0
        for batch, n in batches:
            inputs, labels = self._inputs(batch)
            loss, n_right = self._figures(self._forward(inputs), inputs, labels, n)
            sums += torch.tensor([float(loss) * n, float(n_right)], dtype=torch.float64)
            n_seen += n
        total, right = self.ranks.total(sums).tolist()
        return total / n_seen, right / n_seen

    @torch.no_grad()
    def _recalibrate(self, n_windows: int) -> None:
        """Estimate BatchNorm's statistics over training windows; no weight changes.

        The running averages lag behind the weights when steps are few.
        """
        norms = [m for m in self.model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        if not norms:
            return
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over the batches
        self.model.train()
        for batch, _ in self._even_batches(n_windows):
            self._forward(self._inputs(batch)[0])
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum

    def _even_batches(self, n_windows: int) -> Iterator[Sized]:
        """Batches of one size, as far as that goes: a last one of a single window would count the same."""
        n_batches = math.ceil(len(self.train) / _EVALUATION_BATCH)
        loader = self._loader(self.train, math.ceil(len(self.train) / n_batches), self.options.seed)
        return first(loader, n_windows)

    def _forward(self, inputs: Inputs, network: nn.Module | None = None) -> Output:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.bf16):
            output: Output = (network or self.model)(*inputs)
        return output

    def _inputs(self, batch: Batch) -> Batch:
        stored, labels = batch
        return to_inputs(stored, self.train.specs), labels

    def _loader(
        self,
        data: WindowDataset,
        batch_size: int,
        shuffle_seed: int | None = None,
        order: NDArray[np.int64] | None = None,
    ) -> Batches:
        whole = item_batches(len(data), batch_size, order=order, shuffle_seed=shuffle_seed)
        return Batches(
            self._source(data), [self.ranks.share(part) for part in whole], list(map(len, whole))
        )

    def _source(self, data: WindowDataset) -> Source:
        """Where a dataset's batches come from; found out when it is first needed."""
        if id(data) not in self._sources:
            self._sources[id(data)] = source_of(data, self.device)
        return self._sources[id(data)]

    def _score(self, epoch: Epoch) -> tuple[float, float]:
        """Larger is better: validation accuracy, then validation loss; else the later epoch."""
        if epoch.validation_loss is None:
            return float(epoch.number), 0.0
        return epoch.validation_accuracy or 0.0, -epoch.validation_loss


@dataclass(frozen=True)
class _Learnt:
    """What an epoch's steps gave; `share` of them were done."""

    loss: float
    accuracy: float | None
    n_windows: int
    share: float


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def _n_right(output: Output, labels: Tensor) -> Tensor:
    if output.logits is None:
        return torch.zeros((), device=labels.device)
    return (output.logits.argmax(dim=1) == labels).sum()
