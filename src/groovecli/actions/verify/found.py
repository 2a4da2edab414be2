"""What a verification found, and how long it may look."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from groovecli.monitor import Monitor


@dataclass(frozen=True)
class Damage:
    """Something damaged or missing: of which kind, its name, what is wrong, and what was done about it."""

    kind: str
    name: str
    why: str
    repair: str

    def to_json(self) -> dict[str, str]:
        """Plain values, for `--json`."""
        return vars(self).copy()


@dataclass
class Findings:
    """What was looked at so far: how many of each kind, what of it is damaged, and what is to be said."""

    monitor: Monitor
    end: float | None = None
    n_checked: dict[str, int] = field(default_factory=dict)
    damaged: list[Damage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    is_complete: bool = True

    def checked(self, kind: str, n: int = 1) -> None:
        """Count what was looked at."""
        self.n_checked[kind] = self.n_checked.get(kind, 0) + n

    @property
    def is_over(self) -> bool:
        """Whether there is no more time, or the user stopped it; then it is not complete."""
        over = self.monitor.stopped or (self.end is not None and time.monotonic() >= self.end)
        self.is_complete = self.is_complete and not over
        return over
