"""Where a training's batches come from: whole on the device, or read on the way there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from groovecli.datasets.resident import Resident, fits
from groovecli.datasets.streamed import Streamed
from groovecli.datasets.windows import Batch, WindowDataset

Items = NDArray[np.int64]
"""Numbers of items of a dataset [shape=(n,)]."""
Given = tuple[Tensor, ...]
"""Tensors on the device that stand for a batch."""


class Source(Protocol):
    """Gives batches of a dataset on a device.

    What stands for a batch comes first, and `batch` makes the batch of it by what runs on the device alone:
    so a CUDA graph can hold it.
    """

    def given(self, parts: Sequence[Items]) -> Iterator[Given]:
        """What stands for each batch of items, on the device."""

    def batch(self, given: Given) -> Batch:
        """The stored windows and the labels, on the device."""


def source_of(data: WindowDataset, device: torch.device) -> Source:
    """The quickest way for a dataset to a device: whole where it fits."""
    return Resident(data, device) if fits(data, device) else Streamed(data, device)


def item_batches(
    n_items: int, size: int, *, order: Items | None = None, shuffle_seed: int | None = None
) -> list[Items]:
    """All items, or those in `order`, in batches of `size`; shuffled by a seed where one is given.

    They are as torch's DataLoader gives them, and as many random numbers are drawn: a training gives
    the same weights whichever of both makes the batches.
    """
    generator = None if shuffle_seed is None else torch.Generator().manual_seed(shuffle_seed)
    torch.empty((), dtype=torch.int64).random_(generator=generator)  # for workers that are not there
    if order is None:
        shuffled = generator is not None
        order = torch.randperm(n_items, generator=generator).numpy() if shuffled else np.arange(n_items)
    return [order[start : start + size] for start in range(0, len(order), size)]
