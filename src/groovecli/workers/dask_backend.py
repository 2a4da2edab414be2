"""Workers on other machines: a Dask cluster, through joblib's Dask backend.

A worker of the cluster gives each item to a process of its own machine, watched as on one machine. Where
a machine is lost, Dask gives what it had in hand to others.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import platform
import socket
import threading
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import islice, takewhile
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from groovecli.errors import GrooveError
from groovecli.messages.cluster import (
    dask_is_missing,
    no_scheduler,
    no_workers_there,
    not_seen_by_workers,
    other_versions,
    scheduler_lost,
    worker_lacks_groove,
    workers_lost,
)
from groovecli.monitor import SILENT, Monitor
from groovecli.workers import crew
from groovecli.workers.cluster import Cluster
from groovecli.workers.foreman import Foreman, Work
from groovecli.workers.limits import Limits
from groovecli.workers.parcels import opened, packed

T = TypeVar("T")
R = TypeVar("R")

_CONNECT_S = 5.0
_NO_WORKERS_S = 30.0  # so long groove waits for the first worker, and for another one where all are gone
_LOOK_S = 1.0
_DROP_S = 5.0  # for what is in hand where nobody wants it any more
_PER_CORE = 16  # items of a part of the work; results of two parts may wait
# Results are those of one machine where these are the same.
_PACKAGES = ("groovecli", "numpy", "scipy", "soundfile", "soxr", "av")


@dataclass(frozen=True)
class Parcel:
    """An item for a worker, and what must be as it is here."""

    content: bytes
    roots: tuple[Path, ...]
    limits: Limits
    versions: dict[str, str]


def results(
    work: Work[T, R], items: Iterator[T], cluster: Cluster, limits: Limits, monitor: Monitor
) -> Generator[R, None, None]:
    """Each item's result in order, computed by the workers of a cluster.

    Raises
    ------
    GrooveError
        There is no such scheduler, or it has no workers; a worker has other versions, or does not find a
        file that is here.
    """
    with _client(cluster.scheduler) as client:
        run = _Run(client, work, items, cluster, limits, monitor)
        thread = threading.Thread(target=run.work, name="groove-cluster", daemon=True)
        thread.start()
        try:
            yield from run.results()
        finally:
            run.drop()
            thread.join(_DROP_S)


_PART_DONE = None, None


class _Run:
    """The work of a thread that waits for joblib, part by part."""

    def __init__(
        self,
        client: Any,
        work: Work[Any, Any],
        items: Iterator[Any],
        cluster: Cluster,
        limits: Limits,
        monitor: Monitor,
    ) -> None:
        self._client, self._work, self._items = client, work, items
        self._cluster, self._limits, self._monitor = cluster, limits, monitor
        self._done: SimpleQueue[tuple[Any, Any] | BaseException | None] = SimpleQueue()
        self._room = threading.Semaphore(2)
        self._is_dropped = False

    def drop(self) -> None:
        """Want no more results."""
        self._is_dropped = True
        self._room.release()

    def work(self) -> None:
        """Compute all results."""
        from joblib import parallel_config

        try:
            size = _PER_CORE * max(1, sum(self._client.ncores().values()))
            dask = {"client": self._client, "wait_for_workers_timeout": _NO_WORKERS_S}
            with parallel_config(backend="dask", **dask):
                _never_here()
                while self._room.acquire() and not self._is_dropped:
                    part = list(islice(self._items, size))
                    if not part:
                        break
                    self._do(part)
                    self._done.put(_PART_DONE)
            self._done.put(None)
        except BaseException as error:
            self._done.put(error)

    def _do(self, part: list[Any]) -> None:
        from joblib import Parallel, delayed

        pool = Parallel(return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)
        wanted = takewhile(lambda _: not self._monitor.stopped, part)
        answers = pool(delayed(at_worker)(self._parcel(item)) for item in wanted)
        for item, answer in zip(part, answers, strict=False):
            if self._is_dropped:
                return
            self._done.put((item, answer))

    def _parcel(self, item: Any) -> Parcel:
        content = packed((self._work, item), self._cluster.here)
        limits = replace(self._limits, cluster=None)
        return Parcel(content, self._cluster.there, limits, versions())

    def results(self) -> Iterator[Any]:
        """All results, as they come."""
        watch = _Watch(self._client, self._cluster.scheduler, self._monitor)
        while True:
            try:
                news = self._done.get(timeout=_LOOK_S)
            except Empty:
                watch.look()
                continue
            if news is None:
                return
            if isinstance(news, BaseException):
                raise _in_words(news, self._cluster.scheduler) from news
            if news is _PART_DONE:
                self._room.release()
            else:
                yield self._result(*news)

    def _result(self, item: Any, answer: bytes | None) -> Any:
        if answer is not None:
            return opened(answer, self._cluster.here)
        path = _path_of(item)
        if path is not None and os.path.lexists(path):
            raise not_seen_by_workers(opened(packed(path, self._cluster.here), self._cluster.there))
        return self._work.function(item)  # which is gone here, too


def _never_here() -> None:
    """Let joblib's backend claim two cores at least: for one, joblib would work in this process."""
    from joblib.parallel import get_active_backend

    backend, _ = get_active_backend()
    n_cores = backend.effective_n_jobs
    backend.effective_n_jobs = lambda n_jobs=1: max(2, n_cores(n_jobs))


class _Watch:
    """Notices that nobody is left to wait for."""

    def __init__(self, client: Any, scheduler: str, monitor: Monitor) -> None:
        self._client, self._scheduler, self._monitor = client, scheduler, monitor
        self._seen = time.monotonic()

    def look(self) -> None:
        """Say that workers are missing; an error once they are for long."""
        if crew.is_leaving():
            raise KeyboardInterrupt
        if self._client.status == "closed":
            raise scheduler_lost(self._scheduler)
        is_there = self._client.status == "running"
        now = time.monotonic()
        if is_there and self._has_workers():
            self._seen = now
        elif now - self._seen > _NO_WORKERS_S:
            raise workers_lost(self._scheduler) if is_there else scheduler_lost(self._scheduler)
        elif now - self._seen > 2 * _LOOK_S:
            self._monitor.waiting("a worker of the cluster", now - self._seen)

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.scheduler_info()["workers"])
        except OSError:
            return False


def at_worker(parcel: Parcel) -> bytes | None:
    """Do an item's work on a machine of the cluster; None where its file is not there.

    Raises
    ------
    GrooveError
        The versions are others here.
    """
    own = versions()
    if own != parcel.versions:
        raise other_versions(platform.node(), own, parcel.versions)
    work, item = opened(parcel.content, parcel.roots)
    path = _path_of(item)
    if path is not None and not os.path.lexists(path):
        return None
    # Dask's own guard starts a worker so that it may have no processes of its own. They end with it.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    [result] = Foreman(work, iter([item]), 1, 1, parcel.limits, SILENT).results()
    return packed(result, parcel.roots)


def _path_of(item: Any) -> Path | None:
    """The file that an item is about."""
    path = getattr(item, "path", item)
    return path if isinstance(path, Path) else None


@cache
def versions() -> dict[str, str]:
    """What must be the same on all machines, so that all give the same results."""
    return {"python": ".".join(platform.python_version_tuple()[:2])} | {
        name: _version(name) for name in _PACKAGES
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    """A connection to a scheduler."""
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError as error:
        raise dask_is_missing() from error
    for name in ("distributed", "tornado", "asyncio"):  # groove says itself what is wrong
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="distributed")
    warnings.filterwarnings("ignore", "[0-9]+ tasks", module="joblib")  # that were dropped
    try:
        socket.create_connection(get_address_host_port(scheduler), _CONNECT_S).close()
        client: Any = Client(scheduler, timeout=_CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise no_scheduler(scheduler) from error
    try:
        yield client
    finally:
        client.close(timeout=_LOOK_S)


def _in_words(error: BaseException, scheduler: str) -> BaseException:
    """An error of a worker, of joblib or of Dask, as groove says it."""
    kind = type(error).__name__
    if isinstance(error, GrooveError):
        return error
    if isinstance(error, ImportError):
        return worker_lacks_groove(str(error))
    if isinstance(error, TimeoutError):
        return no_workers_there(scheduler)
    if kind == "KilledWorker":
        return workers_lost(scheduler)
    if kind in ("CancelledError", "FutureCancelledError", "CommClosedError"):
        return scheduler_lost(scheduler)
    return error
