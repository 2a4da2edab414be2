"""Which of several processes this one is, as torchrun and other launchers say."""

from __future__ import annotations

import os
from dataclasses import dataclass

_NAMES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Rank:
    """A process among `n` that train together; `local` counts those on its machine alone."""

    number: int = 0
    n: int = 1
    local: int = 0
    n_local: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes, prints and answers."""
        return self.number == 0


def own_rank() -> Rank:
    """The rank of this process; one of one where nobody started several."""
    if not all(os.environ.get(name) for name in _NAMES):
        return Rank()
    number, n = _number("RANK", 0), _number("WORLD_SIZE", 1)
    if n < 2 or number >= n:
        return Rank()
    return Rank(number, n, _number("LOCAL_RANK", number), _number("LOCAL_WORLD_SIZE", n))


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else default
