"""Training by several processes, as torchrun starts them: each learns from its share of every batch.

The gradients of all shares are summed, so that a step is that of one process with the whole batch.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from groovecli.datasets.sources import Items
from groovecli.errors import Diverged, GrooveError, Interrupted
from groovecli.messages.training import (
    device_for_several,
    other_process_ended,
    process_failed,
    too_few_devices,
)
from groovecli.models.devices import choose_device
from groovecli.monitor import Monitor
from groovecli.networks.shared_norm import share_norms
from groovecli.workers.ranks import Rank, own_rank

T = TypeVar("T")

ONE = Rank()
_WAIT = timedelta(days=30)  # for the first process, which may compute the features of a large library
_COMMON = (Diverged, Interrupted)  # raised by all processes at once


class _Told(Exception):
    """An error that all processes know of."""

    def __init__(self, error: GrooveError) -> None:
        super().__init__(error.what)
        self.error = error


@dataclass(frozen=True)
class Ranks:
    """All processes of a training, seen from one; all of them must call each method but for `share`.

    `patient` is the group of processes that waits for long.
    """

    own: Rank = ONE
    patient: Any = None

    @property
    def n(self) -> int:
        """How many processes there are."""
        return self.own.n

    @property
    def is_first(self) -> bool:
        """Whether this process writes and answers."""
        return self.own.is_first

    def share(self, batch: Items) -> Items:
        """This process's items of a batch; all of them if there are fewer items than processes."""
        return batch[self.own.number :: self.n] if len(batch) >= self.n else batch

    def weight(self, n_items: int) -> float:
        """What each item of a share counts, for a whole batch of `n_items`."""
        return 1.0 if n_items >= self.n else 1 / self.n

    def total(self, own: Tensor) -> Tensor:
        """The sum over all processes, without gradient."""
        if self.n == 1:
            return own
        total = own.detach().clone()
        torch.distributed.all_reduce(total)
        return total

    def any(self, is_so: bool) -> bool:
        """Whether it is so in any process."""
        return is_so if self.n == 1 else bool(self.total(torch.tensor(int(is_so))))

    def parallel(self, network: nn.Module) -> tuple[nn.Module, nn.Module]:
        """The network with the first process's weights, and what to call instead when it learns."""
        if self.n == 1:
            return network, network
        network = share_norms(network)
        return network, nn.parallel.DistributedDataParallel(network, forward_sync_buffers=False)

    def watched(self, monitor: Monitor) -> Monitor:
        """A monitor that says the same in all processes."""
        return monitor if self.n == 1 else _Agreeing(self, monitor)

    def together(self, function: Callable[[], T]) -> T:
        """Call a function in all processes; an error in one of them is raised in all."""
        return function() if self.n == 1 else self._agreed(function)

    def after_first(self, function: Callable[[], T], others: Callable[[], T] | None = None) -> T:
        """Call a function in the first process, then in the others it or `others`."""
        if self.n == 1:
            return function()
        if self.is_first:
            value = self._agreed(function)
            self._agreed(lambda: None)
            return value
        self._agreed(lambda: None)
        return self._agreed(others or function)

    def by_first(self, function: Callable[[], T]) -> T:
        """What a function gives in the first process, known to all."""
        if self.n == 1:
            return function()
        own: Callable[[], Any] = function if self.is_first else lambda: None
        told = [self._agreed(own)]
        torch.distributed.broadcast_object_list(told, group=self.patient)
        answer: T = told[0]
        return answer

    def _agreed(self, function: Callable[[], T]) -> T:
        """What a function gives, or the error that it raised in the first process in which it did."""
        value, error = None, None
        try:
            value = function()
        except Exception as fault:
            error = fault
        errors: list[Any] = [None] * self.n
        torch.distributed.all_gather_object(errors, error and _known(error), group=self.patient)
        failed = next((number for number, each in enumerate(errors) if each is not None), None)
        if failed is None:
            return value  # type: ignore[return-value]
        if failed > 0:
            raise _Told(process_failed(failed, self.n, errors[failed]))
        if error is not None and self.is_first:
            raise error
        raise _Told(errors[0])


ALONE = Ranks()


class _Agreeing(Monitor):
    """Stops all processes once one of them was asked to stop."""

    def __init__(self, ranks: Ranks, monitor: Monitor) -> None:
        self._ranks, self._monitor = ranks, monitor
        self._stopped = False

    def progress(self, stage: str, done: int, total: int) -> None:
        """As this process's own."""
        self._monitor.progress(stage, done, total)

    def note(self, text: str) -> None:
        """As this process's own."""
        self._monitor.note(text)

    @property
    def stopped(self) -> bool:
        """Whether any process was asked to stop; all must ask at the same point."""
        self._stopped = self._stopped or self._ranks.any(self._monitor.stopped)
        return self._stopped


@contextmanager
def joined(device_name: str) -> Iterator[Ranks]:
    """All processes of this training, which end together; one where nobody started several.

    Raises
    ------
    UsageError
        The device can't be shared by several, or there are fewer devices than processes.
    ProcessFailed
        This process failed alone, or another one is gone.
    """
    own = own_rank()
    if own.n == 1:
        yield ALONE
        return
    is_cuda = _prepared(choose_device(device_name), own)
    torch.distributed.init_process_group("cpu:gloo,cuda:nccl" if is_cuda else "gloo")
    warnings.filterwarnings("ignore", "Grad strides do not match")  # as copied, which costs little
    try:
        yield Ranks(own, torch.distributed.new_group(backend="gloo", timeout=_WAIT))
    except _Told as told:
        raise told.error from told
    except (Diverged, Interrupted):  # in all processes at once
        raise
    except Exception as error:
        if _is_of_others(error):
            raise other_process_ended() from error
        if own.is_first:
            raise
        raise process_failed(own.number, own.n, _known(error)) from error
    finally:
        with suppress(Exception):  # another process may be gone
            torch.distributed.destroy_process_group()


def _prepared(device: torch.device, own: Rank) -> bool:
    """Whether the processes have CUDA devices, one each."""
    if device.type == "mps" or device.index is not None:
        raise device_for_several(str(device))
    if device.type != "cuda":
        return False
    if torch.cuda.device_count() < own.n_local:
        raise too_few_devices(own.n_local, torch.cuda.device_count())
    torch.cuda.set_device(own.local)
    return True


def _is_of_others(error: Exception) -> bool:
    """Whether the talk between processes failed."""
    is_talk = isinstance(error, torch.distributed.DistError) or "gloo" in str(error).lower()
    return isinstance(error, RuntimeError) and is_talk


def _known(error: Exception) -> GrooveError:
    """An error that another process can read."""
    if isinstance(error, GrooveError):
        return error
    return GrooveError(f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}")
