"""Batches that one process learns from, or several together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from groovecli.datasets.sources import Given, Items, Source
from groovecli.datasets.windows import Batch

Sized = tuple[Batch, int]
"""A batch, or this process's share of it, and the number of windows in the whole batch."""


@dataclass(frozen=True)
class Batches:
    """Batches of a source: of each, this process's items, and how many windows all processes have."""

    source: Source
    parts: Sequence[Items]
    sizes: Sequence[int]

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Sized]:
        for given, n in self.given():
            yield self.source.batch(given), n

    def given(self) -> Iterator[tuple[Given, int]]:
        """What stands for each batch on the device, of which the source makes the batch."""
        with closing(self.source.given(self.parts)) as given:  # type: ignore[type-var]
            yield from zip(given, self.sizes, strict=True)


def first(batches: Iterable[Sized], n_windows: int) -> Iterator[Sized]:
    """The batches from the start that have so many windows."""
    seen = 0
    for batch, n in batches:
        yield batch, n
        seen += n
        if seen >= n_windows:
            return
