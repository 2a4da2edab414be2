"""How far a stage of a command's work is, how fast it goes, and the time that it still takes."""

from __future__ import annotations

import time
from dataclasses import dataclass


def rate_in_words(steps_per_s: float) -> str:
    """2.5 -> '2.5/s'; 0.05 -> '3.0/min'."""
    return f"{steps_per_s:.1f}/s" if steps_per_s >= 1 else f"{60 * steps_per_s:.1f}/min"


def left_in_words(seconds: float) -> str:
    """34.2 -> '34 s left'; 1900 -> '32 min left'; 3725 -> '1 h 2 min left'."""
    if seconds < 99.5:
        return f"{seconds:.0f} s left"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min left" if minutes >= 60 else f"{minutes} min left"


@dataclass
class Stage:
    """A stage of a command's work, since it began."""

    name: str
    total: int
    n_before: int  # done by earlier runs
    began: float
    done: int = 0
    n_failed: int = 0

    @property
    def counts(self) -> str:
        """What is done of how many, and what of it failed: '30 of 971, 2 failed'."""
        failed = f", {self.n_failed:,} failed" if self.n_failed else ""
        return f"{self.done:,} of {self.total:,}{failed}"

    @property
    def rate(self) -> float:
        """Steps a second; 0 before anything is done."""
        spent_s = time.monotonic() - self.began
        return (self.done - self.n_before) / spent_s if spent_s else 0.0

    @property
    def left(self) -> str:
        """The time that it still takes, if it can be told."""
        return left_in_words((self.total - self.done) / self.rate) if self.rate else ""
