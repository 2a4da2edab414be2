"""Whether another worker is worth its start, which takes processor time that a busy machine lacks."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import psutil

GLANCE_S = 0.1  # over which the machine is looked at
_FREE = 0.5  # of a core: so much a worker needs to start beside others
_WORTH = 10.0  # times its start: so much work must be left where no core is free


@dataclass(frozen=True)
class _Look:
    """Seconds of all cores until a moment: of any kind, and those in which they had nothing to do."""

    all_s: float
    idle_s: float


class Hiring:
    """Counts the workers that may be started: one at once, others as soon as they are of use.

    Where cores are free, so many more may start. Otherwise one takes from the others what its start needs
    (a third of a second of a core), and may bring nothing: a busy system gives all of groove a share of its
    cores, however many processes that are. It then starts once the work that is left is worth it.

    Parameters
    ----------
    n_items : int
        Items of the whole work.
    """

    def __init__(self, n_items: int) -> None:
        self._n_items = n_items
        self._n_free = 0
        self._start_s = self._items_s = 0.0
        self._n_done = 0
        self._before, self._at = _look(), time.monotonic()

    def started(self, seconds: float) -> None:
        """Hear how many seconds a worker took to start."""
        self._start_s = max(self._start_s, seconds)

    def done(self, seconds: float) -> None:
        """Hear how many seconds an item took."""
        self._items_s += seconds
        self._n_done += 1

    def hired(self) -> None:
        """Hear that a worker is started."""
        self._n_free = max(0, self._n_free - 1)

    def may(self, n_given: int, n_workers: int, longest_s: float) -> bool:
        """Whether to start one now.

        Parameters
        ----------
        n_given : int
            Items that are done or in a hand.
        n_workers : int
            Workers with an item.
        longest_s : float
            How long the oldest of these items is in its hand.
        """
        if not n_workers:
            return True
        self._glance()
        return self._n_free > 0 or self._is_worth(self._n_items - n_given, n_workers, longest_s)

    def _glance(self) -> None:
        """Count the cores that are free, now and then."""
        now = time.monotonic()
        if now - self._at < GLANCE_S:
            return
        look = _look()
        all_s, idle_s = look.all_s - self._before.all_s, look.idle_s - self._before.idle_s
        self._before, self._at = look, now
        share = idle_s / all_s if all_s > 0 else 1.0  # where the system does not say
        self._n_free = math.floor(share * (psutil.cpu_count() or 1) + 1 - _FREE)

    def _is_worth(self, n_left: int, n_workers: int, longest_s: float) -> bool:
        if not self._start_s:
            return False
        item_s = max(longest_s, self._items_s / max(1, self._n_done))
        return n_left * item_s / n_workers > _WORTH * self._start_s


def _look() -> _Look:
    times = psutil.cpu_times()
    idle_s = times.idle + getattr(times, "iowait", 0.0)
    # Time of guests is part of user's.
    guests_s = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return _Look(sum(times) - guests_s, idle_s)
