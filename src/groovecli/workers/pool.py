"""Many files at once, through joblib: one way on one machine and on a cluster."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from joblib import Parallel, cpu_count, delayed, parallel_config

from groovecli.monitor import SILENT, Monitor

T = TypeVar("T")
R = TypeVar("R")

# Two-thread BLAS or OpenMP on a busy machine is 10-30 times slower than one thread a worker.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_FEW = 4


def n_workers(jobs: int) -> int:
    """How many worker processes `--jobs` asks for; 0 is one for each core."""
    return jobs if jobs > 0 else int(cpu_count())


def imap(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    n_items: int,
    jobs: int,
    stage: str,
    monitor: Monitor = SILENT,
    n_before: int = 0,
) -> Generator[R, None, None]:
    """Yield `function(item)` for each item in order, computed by `jobs` processes.

    Ends early when `monitor.stopped`, after the items in work. A handful of items, or one
    job, runs in this process: starting workers takes longer. Progress counts the `n_before` items
    that an earlier run did, too.
    """
    wanted = _Wanted(monitor)
    results: Iterator[R]
    if n_workers(jobs) == 1 or n_items <= _FEW:
        results = map(function, wanted.of(items))
    else:
        results = _in_workers(function, wanted.of(items), jobs)
    monitor.progress(stage, n_before, n_before + n_items)
    try:
        for done, result in enumerate(results, n_before + 1):
            monitor.progress(stage, done, n_before + n_items)  # first: who has the last need not ask again
            yield result
    finally:
        wanted.no_more = True
        for _ in results:  # workers that are cut off complain on standard error
            pass


def in_threads(function: Callable[[T], R], items: Iterable[T], *, n_threads: int) -> Iterator[R]:
    """Yield `function(item)` for each item in order, by threads of this process.

    For functions that release Python's lock, as networks do, and that use one thread each.
    """
    if n_threads == 1:
        yield from map(function, items)
        return
    pool = Parallel(
        n_threads, backend="threading", return_as="generator", pre_dispatch="n_jobs", batch_size=1
    )
    yield from pool(delayed(function)(item) for item in items)


class _Wanted:
    """Hands out items for as long as anyone wants their results."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.no_more = False

    def of(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            if self.no_more or self.monitor.stopped:
                return
            yield item


def _in_workers(function: Callable[[T], R], items: Iterable[T], jobs: int) -> Iterator[R]:
    with parallel_config(backend="loky", n_jobs=n_workers(jobs), inner_max_num_threads=1):
        pool = Parallel(return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)
    with _deaf_children():  # the workers start here
        results: Iterator[R] = pool(delayed(_undisturbed)(function, item) for item in items)
    return results


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Let processes that start meanwhile ignore Ctrl-C for good; this one does for milliseconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _undisturbed(function: Callable[[Any], Any], item: Any) -> Any:
    """Run in a worker; Ctrl-C reaches the whole process group, but only the parent decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(ONE_THREAD)
    return function(item)
