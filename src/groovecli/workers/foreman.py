"""One thread that hands items to workers, one each, and watches them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from groovecli.messages.ground import ended_at_once, no_workers
from groovecli.monitor import Monitor
from groovecli.reasons import Problem, Reason
from groovecli.workers import crew
from groovecli.workers.hiring import GLANCE_S, Hiring
from groovecli.workers.limits import MOST_BYTES, Limits
from groovecli.workers.process import DEAD, Pulse, Worker, cause_of

T = TypeVar("T")
R = TypeVar("R")

_LOOK_S = 0.5  # between two looks at the workers
_ASLEEP = 10  # times the limit for work: so long may a worker do nothing
_IDLE_SHARE = 0.05  # of a core: a process that takes less does nothing
_WAITING_S = 5.0  # from then on the file that all wait for is named
_FALSE_STARTS = 5  # in a row, of workers that end before they are ready
_AHEAD = 64  # results that may wait for an earlier one, and two for each worker


@dataclass(frozen=True)
class Work(Generic[T, R]):
    """What is done with each item; `lost` makes the result of one whose worker was lost over it."""

    function: Callable[[T], R]
    lost: Callable[[T, Problem], R] | None = None


@dataclass
class _Hand:
    """An item in a worker's hand: since when, what the process had done before, how long it slept."""

    number: int
    item: Any
    is_alone: bool = False
    since: float = 0.0
    before: Pulse | None = None
    last: Pulse | None = None
    asleep_s: float = 0.0
    fault: Problem | None = None

    def look(self, now: Pulse, spent_s: float, limits: Limits) -> None:
        """See what the process did in `spent_s`; `fault` says why it must end."""
        if self.before is None or self.last is None:
            self.before = self.last = now
        if now.sleeps and now.cpu_s - self.last.cpu_s < _IDLE_SHARE * spent_s:
            self.asleep_s += spent_s
        self.last = now
        if now.cpu_s - self.before.cpu_s > limits.file_timeout_s:
            self.fault = Problem(Reason.SLOW, f"{limits.file_timeout_s:g} s")
        elif self.asleep_s > _ASLEEP * limits.file_timeout_s:
            self.fault = Problem(Reason.STUCK, f"{self.asleep_s:.0f} s")
        elif self.is_alone and self.is_large:
            self.fault = Problem(Reason.LARGE, f"{MOST_BYTES / 1e6:.0f} MB")

    @property
    def must_end(self) -> bool:
        """Whether its worker is to be ended; much memory is the item's only where it is tried alone."""
        return self.fault is not None or self.is_large

    @property
    def is_large(self) -> bool:
        """Whether the process took too much memory since; what its imports take is no file's fault."""
        if self.before is None or self.last is None:
            return False
        return self.last.n_bytes - self.before.n_bytes > MOST_BYTES


_Outcome = tuple[int, Any, BaseException | None]
"""The number of an item, its result, and what it raised."""


class Foreman(Generic[T, R]):
    """Gives `n_items` items to up to `n_workers` processes, and their results back in order.

    An item whose worker dies is tried again alone, by a new worker and with nothing else in hand: the
    memory that lacked may have been another's. Where that worker dies, too, it is the item.
    """

    def __init__(
        self,
        work: Work[T, R],
        items: Iterator[T],
        n_items: int,
        n_workers: int,
        limits: Limits,
        monitor: Monitor,
    ) -> None:
        self._work, self._items, self._n_workers = work, items, n_workers
        self._hiring = Hiring(n_items)
        self._limits, self._monitor = limits, monitor
        module = getattr(work.function, "__module__", "__main__")
        self._modules = () if module == "__main__" else (module,)  # no file's work is to load them
        self._heard: SimpleQueue[tuple[Worker, Future[Any]] | None] = SimpleQueue()
        self._done: SimpleQueue[_Outcome | None] = SimpleQueue()
        self._hands: dict[Worker, _Hand] = {}
        self._suspects: deque[tuple[int, T]] = deque()
        self._n_given = self._n_taken = 0
        self._is_over = self._is_dropped = False
        self._n_false_starts = 0
        self._looked = time.monotonic()

    def results(self) -> Generator[R, None, None]:
        """Each item's result in order; where the caller ends early, what is in hand is dropped."""
        thread = threading.Thread(target=self._run, name="groove-foreman", daemon=True)
        thread.start()
        ready: dict[int, tuple[Any, BaseException | None]] = {}
        try:
            while True:
                while self._n_taken not in ready:
                    outcome = self._done.get()
                    if outcome is None:
                        return
                    ready[outcome[0]] = outcome[1:]
                result, error = ready.pop(self._n_taken)
                if error is not None:
                    raise error
                yield result
                self._n_taken += 1
                self._heard.put(None)
        finally:
            self._is_dropped = True
            self._heard.put(None)
            thread.join()

    def _run(self) -> None:
        try:
            while not self._is_dropped and self._give():
                if crew.is_leaving():
                    raise KeyboardInterrupt
                self._hear()
                self._look()
        except BaseException as error:
            for number in range(self._n_given + 1):  # whichever is waited for
                self._done.put((number, None, error))
        finally:
            for worker in self._hands:
                crew.dismiss(worker)
            self._done.put(None)

    def _give(self) -> bool:
        """Give items to workers that have none; False where nothing is left to wait for."""
        if self._suspects and not self._hands:
            number, suspect = self._suspects.popleft()
            self._start(crew.hire(self._modules), _Hand(number, suspect, is_alone=True))
        while not (self._is_over or self._suspects or self._is_full or self._is_patient):
            try:
                item = next(self._items)
            except StopIteration:
                self._is_over = True
                break
            self._start(self._worker(), _Hand(self._n_given, item))
            self._n_given += 1
        return bool(self._hands or self._suspects or not self._is_over)

    @property
    def _is_full(self) -> bool:
        is_ahead = self._n_given - self._n_taken >= _AHEAD + 2 * self._n_workers
        is_trial = any(hand.is_alone for hand in self._hands.values())
        return is_ahead or is_trial or len(self._hands) >= self._n_workers

    @property
    def _is_patient(self) -> bool:
        """Whether those who work had better do what is left themselves, as far as is known."""
        if crew.is_any_at_rest():
            return False
        began = [hand.since for hand in self._hands.values() if hand.since]
        longest_s = time.monotonic() - min(began) if began else 0.0
        return not self._hiring.may(self._n_given, len(self._hands), longest_s)

    def _worker(self) -> Worker:
        """A worker at rest, else a new one."""
        if not crew.is_any_at_rest():
            self._hiring.hired()
        return crew.take(self._modules)

    def _start(self, worker: Worker, hand: _Hand) -> None:
        self._hands[worker] = hand
        self._listen(worker, worker.ready)

    def _listen(self, worker: Worker, future: Future[Any]) -> None:
        future.add_done_callback(lambda done: self._heard.put((worker, done)))

    def _hear(self) -> None:
        """Wait for news, but not long."""
        waits_to_hire = not (self._is_over or self._is_full)
        try:
            news = self._heard.get(timeout=GLANCE_S if waits_to_hire else _LOOK_S)
        except Empty:
            return
        if news is None:
            return
        worker, future = news
        if future is not worker.ready:
            self._end(worker, future)
        elif (error := future.exception()) is not None:
            self._start_again(worker, error)
        else:
            self._begin(worker)

    def _begin(self, worker: Worker) -> None:
        """Let a worker that is ready do its item; one that died at rest does nothing any more."""
        hand = self._hands[worker]
        try:
            doing = worker.give(self._work.function, hand.item)
        except DEAD as error:
            self._start_again(worker, error)
            return
        self._n_false_starts = 0
        hand.since, hand.before = time.monotonic(), worker.pulse()
        self._hiring.started(worker.start_s)
        hand.last = hand.before
        self._listen(worker, doing)

    def _start_again(self, worker: Worker, error: BaseException) -> None:
        """Give a worker's item to a new one, since it ended before it began; not for ever."""
        hand = self._hands.pop(worker)
        crew.dismiss(worker)
        self._n_false_starts += 1
        if self._n_false_starts > _FALSE_STARTS:
            why = (
                ended_at_once(cause_of(error)) if isinstance(error, DEAD) else str(error).partition("\n")[0]
            )
            raise no_workers(why) from error
        self._start(crew.hire(self._modules), hand)

    def _end(self, worker: Worker, future: Future[Any]) -> None:
        """Take an item from a worker's hand, with its result or without."""
        hand, error = self._hands.pop(worker), future.exception()
        if not isinstance(error, DEAD):
            crew.rest(worker)
            self._hiring.done(time.monotonic() - hand.since)
            self._done.put((hand.number, None if error else future.result(), error))
            return
        crew.dismiss(worker)
        problem = hand.fault or (Problem(Reason.DIED, cause_of(error)) if hand.is_alone else None)
        if problem is None:
            self._suspects.append((hand.number, hand.item))
        elif self._work.lost is None:
            self._done.put((hand.number, None, no_workers(problem.text)))
        else:
            self._done.put((hand.number, self._work.lost(hand.item, problem), None))

    def _look(self) -> None:
        """Now and then end a worker whose item takes too long, and say what all wait for."""
        now = time.monotonic()
        spent_s = now - self._looked
        if spent_s < _LOOK_S:
            return
        self._looked = now
        for worker, hand in self._hands.items():
            if not hand.since:
                continue
            if (pulse := worker.pulse()) is not None:
                # A groove that was stopped itself saw nothing of that time.
                hand.look(pulse, min(spent_s, 2 * _LOOK_S), self._limits)
            if hand.must_end:
                worker.kill()
            elif hand.number == self._n_taken and now - hand.since > _WAITING_S:
                self._monitor.waiting(str(getattr(hand.item, "path", hand.item)), now - hand.since)
