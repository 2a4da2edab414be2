"""What workers may use: seconds of work for one file, memory for all of groove, and other machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from groovecli.workers.cluster import Cluster

WORKER_BYTES = 250_000_000  # the most that one takes, for any file; `benchmarks/memory.py` measures it
MOST_BYTES = 400_000_000  # a worker that takes more over a file is ended: what is sound never does
MAIN_BYTES = 700_000_000  # groove itself with PyTorch and a model


@dataclass(frozen=True)
class Limits:
    """Limits of a run.

    Parameters
    ----------
    file_timeout_s : float > 0
        Processor time that a worker may spend on one file (in seconds).
    max_memory : int, optional
        Bytes that groove and its workers may take together.
    cluster : Cluster, optional
        Workers on other machines, to be used instead of own ones.
    """

    file_timeout_s: float = 60.0
    max_memory: int | None = None
    cluster: Cluster | None = None


class _Current:
    limits = Limits()


def current() -> Limits:
    """The limits that hold now."""
    return _Current.limits


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Let other limits hold for the block, in all threads."""
    before, _Current.limits = _Current.limits, limits
    try:
        yield
    finally:
        _Current.limits = before


def n_workers(jobs: int) -> int:
    """How many worker processes `--jobs` asks for; 0 is one for each core that groove may use."""
    if jobs > 0:
        return jobs
    from joblib import cpu_count  # slow to import

    return int(cpu_count())


def n_fitting(jobs: int, max_memory: int | None) -> int:
    """As many of them as the memory is enough for; one at least."""
    if max_memory is None:
        return n_workers(jobs)
    return max(1, min(n_workers(jobs), (max_memory - MAIN_BYTES) // WORKER_BYTES))
