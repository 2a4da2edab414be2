"""Batches that one process learns from, or several together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from groovecli.datasets.windows import Batch

Sized = tuple[Batch, int]
"""A batch, or this process's share of it, and the number of windows in the whole batch."""


@dataclass(frozen=True)
class Batches:
    """Batches of `size` windows, the last of what is left of `n_windows`."""

    loader: Any
    n_windows: int
    size: int

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Sized]:
        for number, batch in enumerate(self.loader):
            yield batch, min(self.size, self.n_windows - number * self.size)


def first(batches: Iterable[Sized], n_windows: int) -> Iterator[Sized]:
    """The batches from the start that have so many windows."""
    seen = 0
    for batch, n in batches:
        yield batch, n
        seen += n
        if seen >= n_windows:
            return
