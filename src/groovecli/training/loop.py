"""The training loop: epochs that can be stopped after any batch and gone on with later."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, Optimizer
from torch.optim.swa_utils import update_bn

from groovecli.datasets import Batch, WindowDataset, to_input
from groovecli.errors import ModelError
from groovecli.models.catalog import Hyperparameters, Objective
from groovecli.models.output import Output
from groovecli.monitor import SILENT, Monitor
from groovecli.training.objectives import balanced_weights, loss_of

_N_BN_WINDOWS = 1024  # enough to estimate BatchNorm's statistics well before each validation
_EVALUATION_BATCH = 128


@dataclass(frozen=True)
class Epoch:
    """How an epoch went; accuracies are None for networks that name no genres."""

    number: int
    loss: float
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float
    windows_per_s: float


@dataclass(frozen=True)
class LoopOptions:
    """Choices of the loop that are not the network's."""

    seed: int = 0
    bf16: bool = False
    recalibrate: bool = True
    class_weights: bool = False


class Trainer:
    """Trains a network and keeps the best epoch.

    Parameters
    ----------
    model : nn.Module
        On `device` already.
    train, validation : WindowDataset
        What to learn from and what to choose the best epoch by; validation may be empty.
    """

    def __init__(
        self,
        model: nn.Module,
        objective: Objective,
        train: WindowDataset,
        validation: WindowDataset,
        hyper: Hyperparameters,
        options: LoopOptions,
        device: torch.device,
        n_genres: int,
    ) -> None:
        self.model = model
        self.objective = objective
        self.train, self.validation = train, validation
        self.hyper, self.options, self.device = hyper, options, device
        weights = None
        if options.class_weights and objective == "classify":
            weights = balanced_weights(torch.from_numpy(train.labels), n_genres).to(device)
        self._loss = loss_of(objective, weights)
        self.optimizer = _optimizer(model, hyper)
        self.history: list[Epoch] = []
        self.best = _copied(model)
        self.best_epoch: Epoch | None = None
        self._state = self._snapshot()

    def epochs(self, monitor: Monitor = SILENT) -> Iterator[Epoch]:
        """Train until `hyper.epochs` are done; stop after the batch in hand when asked to.

        An epoch that was cut short counts only if it is the first: then it is all there is.
        """
        while len(self.history) < self.hyper.epochs and not monitor.stopped:
            epoch = self._epoch(len(self.history) + 1, monitor)
            if monitor.stopped and self.history:
                break
            self.history.append(epoch)
            if self.best_epoch is None or self._score(epoch) > self._score(self.best_epoch):
                self.best_epoch, self.best = epoch, _copied(self.model)
            self._state = self._snapshot()
            yield epoch

    def finish(self) -> nn.Module:
        """The network of the best epoch, its BatchNorm statistics estimated anew."""
        self.model.load_state_dict(self.best)
        if self.options.recalibrate:
            self._recalibrate(len(self.train))
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
        self.optimizer.load_state_dict(state["optimizer"])
        self.history = [Epoch(**epoch) for epoch in state["history"]]
        self.best = state["best"]
        self.best_epoch = self.history[state["best_epoch"] - 1] if state["best_epoch"] else None
        self._state = self._snapshot()

    def _epoch(self, number: int, monitor: Monitor) -> Epoch:
        torch.manual_seed(self.options.seed * 100_003 + number)  # so that a resumed run is the same
        started = time.monotonic()
        loss, accuracy, n_windows = self._learn(number, monitor)
        seconds = time.monotonic() - started
        if self.options.recalibrate and len(self.validation):
            self._recalibrate(_N_BN_WINDOWS)
        validation_loss, validation_accuracy = self._validate()
        rate = n_windows / seconds
        return Epoch(number, loss, accuracy, validation_loss, validation_accuracy, seconds, rate)

    def _learn(self, number: int, monitor: Monitor) -> tuple[float, float | None, int]:
        self.model.train()
        loader = self._loader(self.train, self.hyper.batch_size, self.options.seed + number)
        total, right, seen = torch.zeros((), device=self.device), torch.zeros((), device=self.device), 0
        for step, batch in enumerate(loader, 1):
            x, labels = self._to_device(batch)
            self.optimizer.zero_grad(set_to_none=True)
            output = self._forward(x)
            loss = self._loss(output, x, labels)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            total += loss.detach() * len(x)
            right += _n_right(output, labels)
            seen += len(x)
            monitor.progress(f"epoch {number}", step, len(loader))
            if monitor.stopped:
                break
        mean = float(total) / seen
        if not math.isfinite(mean):
            raise ModelError(f"the loss is {mean} in epoch {number}", "try a smaller --learning-rate")
        return mean, float(right) / seen if self.objective == "classify" else None, seen

    @torch.no_grad()
    def _validate(self) -> tuple[float | None, float | None]:
        if not len(self.validation):
            return None, None
        self.model.eval()
        total = right = 0.0
        for batch in self._loader(self.validation, _EVALUATION_BATCH):
            x, labels = self._to_device(batch)
            output = self._forward(x)
            total += float(self._loss(output, x, labels)) * len(x)
            right += float(_n_right(output, labels))
        n = len(self.validation)
        return total / n, right / n if self.objective == "classify" else None

    def _recalibrate(self, n_windows: int) -> None:
        """Estimate BatchNorm's statistics over training windows; no weight changes.

        The running averages lag behind the weights when steps are few.
        """
        if not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in self.model.modules()):
            return
        # Batches of one size, as far as that goes: a last one of a single window would count the same.
        n_batches = math.ceil(len(self.train) / _EVALUATION_BATCH)
        loader = self._loader(self.train, math.ceil(len(self.train) / n_batches), self.options.seed)
        inputs = (self._to_device(batch)[0] for batch in _first(loader, n_windows))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.bf16):
            update_bn(inputs, self.model)

    def _forward(self, x: Tensor) -> Output:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.bf16):
            output: Output = self.model(x)
        return output

    def _to_device(self, batch: Batch) -> Batch:
        codes, labels = (tensor.to(self.device, non_blocking=True) for tensor in batch)
        return to_input(codes, self.train.spec), labels

    def _loader(self, data: WindowDataset, batch_size: int, shuffle_seed: int | None = None) -> Any:
        return data.loader(batch_size, shuffle_seed=shuffle_seed, pin=self.device.type == "cuda")

    def _score(self, epoch: Epoch) -> tuple[float, float]:
        """Larger is better: validation accuracy, then validation loss; else the later epoch."""
        if epoch.validation_loss is None:
            return float(epoch.number), 0.0
        return epoch.validation_accuracy or 0.0, -epoch.validation_loss


def _optimizer(model: nn.Module, hyper: Hyperparameters) -> Optimizer:
    if hyper.optimizer == "adam":
        return Adam(model.parameters(), lr=hyper.learning_rate, weight_decay=hyper.weight_decay)
    return SGD(
        model.parameters(), lr=hyper.learning_rate, momentum=hyper.momentum, weight_decay=hyper.weight_decay
    )


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def _n_right(output: Output, labels: Tensor) -> Tensor:
    if output.logits is None:
        return torch.zeros((), device=labels.device)
    return (output.logits.argmax(dim=1) == labels).sum()


def _first(loader: Any, n_windows: int) -> Iterator[Batch]:
    seen = 0
    for batch in loader:
        yield batch
        seen += len(batch[1])
        if seen >= n_windows:
            return
