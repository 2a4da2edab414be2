"""The workers that groove has: those at rest are given work again, since starting one takes a second."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from groovecli.workers.process import Worker

_FOR_SONGS = ("groovecli.audio.mark", "groovecli.audio.tag_reading", "groovecli.features.clip", "scipy.fft")


class _Crew:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.all: set[Worker] = set()
        self.at_rest: list[Worker] = []
        self.is_leaving = False


_crew = _Crew()


def hire(modules: Sequence[str] = ()) -> Worker:
    """Start a worker."""
    worker = Worker(modules)
    with _crew.lock:
        _crew.all.add(worker)
    return worker


def take(modules: Sequence[str] = ()) -> Worker:
    """A worker at rest, else a new one that imports `modules` before its first item."""
    with _crew.lock:
        worker = _crew.at_rest.pop() if _crew.at_rest else None
    return worker or hire(modules)


def is_any_at_rest() -> bool:
    """Whether a worker waits for work."""
    return bool(_crew.at_rest)


def rest(worker: Worker) -> None:
    """Keep a worker for what comes next."""
    with _crew.lock:
        _crew.at_rest.append(worker)


def dismiss(worker: Worker) -> None:
    """End a worker, dead or alive."""
    worker.close()
    with _crew.lock:
        _crew.all.discard(worker)


def prepare() -> None:
    """Start a worker where there is none, which loads what songs need meanwhile."""
    if not _crew.all:
        rest(hire(_FOR_SONGS))


def send_home() -> None:
    """End the workers at rest."""
    with _crew.lock:
        resting, _crew.at_rest = _crew.at_rest, []
    for worker in resting:
        dismiss(worker)


def leave() -> None:
    """End all workers at once: until `stay`, whoever waits for a result gets a KeyboardInterrupt."""
    _crew.is_leaving = True
    for worker in tuple(_crew.all):
        worker.kill()


def stay() -> None:
    """Take back `leave`: what was to end at once has ended, and this process goes on."""
    _crew.is_leaving = False


def is_leaving() -> bool:
    """Whether groove ends at once."""
    return _crew.is_leaving
