"""A dataset's windows read a batch at a time, on CUDA ahead by threads, from memory that it copies from."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from groovecli.datasets.windows import Batch, WindowDataset

T = TypeVar("T")
R = TypeVar("R")

_N_THREADS = 3
_N_AHEAD = 6  # batches that are read before they are needed


class Streamed:
    """Batches of a dataset, read as they are needed.

    Parameters
    ----------
    n_threads : int, optional
        How many threads read ahead; by default some for CUDA, where the cores have nothing else to do, and
        none for the processor.
    """

    def __init__(self, data: WindowDataset, device: torch.device, n_threads: int | None = None) -> None:
        is_cuda = device.type == "cuda"
        self._data, self._device, self._is_pinned = data, device, is_cuda
        self._n_threads = _N_THREADS * is_cuda if n_threads is None else n_threads

    def given(self, parts: Sequence[NDArray[np.int64]]) -> Iterator[tuple[Tensor, ...]]:
        """Each batch's stored windows and its labels, last."""
        for tensors in _ahead(self._read, parts, self._n_threads):
            yield tuple(x.to(self._device, non_blocking=self._is_pinned) for x in tensors)

    def batch(self, given: tuple[Tensor, ...]) -> Batch:
        """The same, taken apart."""
        *windows, labels = given
        return tuple(windows), labels

    def _read(self, part: NDArray[np.int64]) -> tuple[Tensor, ...]:
        inputs, labels = self._data.__getitems__(part)
        # PyTorch gives a pinned buffer to another batch once it was copied.
        return tuple(x.pin_memory() if self._is_pinned else x for x in (*inputs, labels))


def _ahead(function: Callable[[T], R], items: Sequence[T], n_threads: int) -> Iterator[R]:
    """`function(item)` of each item in order, a few ahead; what it raises is raised in its place."""
    if not n_threads:
        yield from map(function, items)
        return
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(n_threads, "groove-reader") as threads:
        try:
            for item in items:
                waiting.append(threads.submit(function, item))
                if len(waiting) > _N_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
