"""A dataset's windows whole on one device, as the bytes that are stored, and gathered there by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from groovecli.datasets.windows import Batch, WindowDataset

_CUDA_SHARE = 0.5  # of the memory that is free: the rest is for the network
_CPU_BYTES = 1 << 27  # files lie in memory anyway: small windows gain, of which this holds many
_READ_TOGETHER = 256


def fits(data: WindowDataset, device: torch.device) -> bool:
    """Whether a dataset can lie on a device, and gains by it."""
    if not len(data):
        return False
    inputs, _ = data.__getitems__([0])
    return len(data) * sum(x.nbytes for x in inputs) <= _room(device)


def _room(device: torch.device) -> int:
    """Bytes that a dataset may take."""
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(_CUDA_SHARE * (torch.cuda.mem_get_info(device)[0] + kept))
    return _CPU_BYTES if device.type == "cpu" else 0


class Resident:
    """All windows of a dataset, on a device.

    Raises
    ------
    DatasetError
        A chunk file is damaged, or not what the catalogue says.
    """

    def __init__(self, data: WindowDataset, device: torch.device) -> None:
        self._device = device
        self._labels = torch.from_numpy(data.labels).to(device)
        self._stored = tuple(_whole(data, device))

    @property
    def n_bytes(self) -> int:
        """Bytes that the windows take."""
        return sum(x.nbytes for x in self._stored)

    def given(self, parts: Sequence[NDArray[np.int64]]) -> Iterator[tuple[Tensor, ...]]:
        """The numbers of each batch's items; all go to the device at once."""
        if not parts:
            return
        items = torch.from_numpy(np.concatenate(parts)).to(self._device)
        for chosen in torch.split(items, [len(part) for part in parts]):
            yield (chosen,)

    def batch(self, given: tuple[Tensor, ...]) -> Batch:
        """The stored windows and the labels of items by number."""
        (chosen,) = given
        windows = tuple(x.index_select(0, chosen) for x in self._stored)
        return windows, self._labels.index_select(0, chosen)


def _whole(data: WindowDataset, device: torch.device) -> list[Tensor]:
    """For each feature the windows of all items, copied a few at a time."""
    whole: list[Tensor] = []
    for start in range(0, len(data), _READ_TOGETHER):
        stop = min(start + _READ_TOGETHER, len(data))
        inputs, _ = data.__getitems__(range(start, stop))
        if not whole:
            whole = [torch.empty(len(data), *x.shape[1:], dtype=x.dtype, device=device) for x in inputs]
        for there, here in zip(whole, inputs, strict=True):
            there[start:stop].copy_(here)
    return whole
