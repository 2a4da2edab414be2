"""Checks while a network learns: the clock, and whether the loss is still finite."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor

from groovecli.messages.training import exploded

LOOK_EVERY = 20
"""Steps: to look at a loss on a GPU is to wait for it."""
_EXPLODED = 1e6  # times the first loss


class Clock:
    """A limit (in seconds), from now on."""

    def __init__(self, limit_s: float = math.inf) -> None:
        self._limit_s = limit_s
        self._began = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the limit is reached."""
        return time.monotonic() - self._began >= self._limit_s

    def n_steps(self, n_done: int, n_most: int) -> int:
        """How many steps there will be at the pace of those that are done, at most `n_most`."""
        spent_s = time.monotonic() - self._began
        return math.ceil(min(n_done * self._limit_s / spent_s, n_most)) if spent_s else n_most


class Guard:
    """Looks at the losses of an epoch now and then, and says at which step they went wrong.

    `total` sums what several processes lost.
    """

    def __init__(self, total: Callable[[Tensor], Tensor] = lambda own: own) -> None:
        self._total = total
        self.first: float | None = None
        self._losses: Tensor | None = None  # on the device, where they wait
        self.begin(1)

    def begin(self, epoch: int) -> None:
        """Count the steps of another epoch."""
        self.epoch = epoch
        self.n_seen = 0
        self._n_waiting = 0

    def add(self, loss: Tensor) -> None:
        """Take the loss of a step, which may be overwritten by the next one's."""
        if self._losses is None:
            self._losses = torch.zeros(LOOK_EVERY, device=loss.device)
        self._losses[self._n_waiting] = loss
        self._n_waiting += 1
        if self._n_waiting == LOOK_EVERY:
            self.look()

    def look(self) -> None:
        """Check the losses since the last look."""
        waiting = None if self._losses is None else self._losses[: self._n_waiting]
        losses = [] if waiting is None or not len(waiting) else self._total(waiting).tolist()
        for step, loss in enumerate(losses, self.n_seen + 1):
            self.check(loss, f"at step {step} of epoch {self.epoch}")
        self.n_seen += len(losses)
        self._n_waiting = 0

    def check(self, loss: float, where: str) -> None:
        """Raise Diverged unless a loss is a number, and not beyond all comparison with the first."""
        self.first = loss if self.first is None else self.first
        if not (math.isfinite(loss) and abs(loss) <= _EXPLODED * max(abs(self.first), 1.0)):
            raise exploded(loss, where)
