"""Many files at once, by joblib's processes and threads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from groovecli.monitor import SILENT, Monitor
from groovecli.reasons import Problem
from groovecli.workers import limits
from groovecli.workers.limits import n_workers as n_workers

if TYPE_CHECKING:
    from groovecli.workers.foreman import Work

T = TypeVar("T")
R = TypeVar("R")


def imap(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    n_items: int,
    jobs: int,
    stage: str,
    monitor: Monitor = SILENT,
    n_before: int = 0,
    lost: Callable[[T, Problem], R] | None = None,
    failed: Callable[[R], bool] | None = None,
) -> Generator[R, None, None]:
    """Yield `function(item)` for each item in order, computed by `jobs` processes, never by this one.

    Where the limits name a cluster, its workers compute instead.

    Ends early when `monitor.stopped`, after the items in work. Progress counts the `n_before` items that
    an earlier run did, too, and those whose results `failed`. The limits are those of `limits.current`.

    Parameters
    ----------
    lost : function, optional
        The result of an item that its worker died of, that took it too long, or where it got stuck:
        `Reason.DIED`, `SLOW`, `STUCK` or `LARGE`. All others get their results.

    Raises
    ------
    GrooveError
        No worker can be started; or one is lost, and there is no `lost`.
    """
    monitor.progress(stage, n_before, n_before + n_items)
    if not n_items:
        return
    from groovecli.workers.foreman import Work  # with joblib, which nothing to do does without

    n_failed = 0
    with closing(
        _results(Work(function, lost), _wanted(items, monitor), n_items, jobs, monitor)
    ) as results:
        for done, result in enumerate(results, n_before + 1):
            if failed is not None and failed(result):
                n_failed += 1
                monitor.failures(n_failed)
            monitor.progress(stage, done, n_before + n_items)  # first: who has the last need not ask again
            yield result


def in_worker(function: Callable[[T], R], item: T, *, lost: Callable[[T, Problem], R]) -> R:
    """Return `function(item)`, computed by a worker; what it raises is raised here."""
    [result] = imap(function, [item], n_items=1, jobs=1, stage="", lost=lost)
    return result


def _results(
    work: Work[T, R], items: Iterator[T], n_items: int, jobs: int, monitor: Monitor
) -> Generator[R, None, None]:
    limit = limits.current()
    if limit.cluster is not None:
        from groovecli.workers import dask_backend

        return dask_backend.results(work, items, limit.cluster, limit, monitor)
    from groovecli.workers.foreman import Foreman

    n_workers = min(n_items, limits.n_fitting(jobs, limit.max_memory))
    return Foreman(work, items, n_items, n_workers, limit, monitor).results()


def _wanted(items: Iterable[T], monitor: Monitor) -> Iterator[T]:
    """Items, for as long as the user does not stop."""
    for item in items:
        if monitor.stopped:
            return
        yield item


def in_threads(function: Callable[[T], R], items: Iterable[T], *, n_threads: int) -> Iterator[R]:
    """Yield `function(item)` for each item in order, by threads of this process.

    For functions that release Python's lock, as networks do, and that use one thread each.
    """
    if n_threads == 1:
        yield from map(function, items)
        return
    from joblib import Parallel, delayed

    pool = Parallel(
        n_threads, backend="threading", return_as="generator", pre_dispatch="n_jobs", batch_size=1
    )
    yield from pool(delayed(function)(item) for item in items)
