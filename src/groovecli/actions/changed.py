"""What runs that change songs have in common: how they stop, and what they say of a disk that is full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from groovecli.actions.context import Context
from groovecli.errors import Interrupted, StorageError
from groovecli.library.changes.run import Run
from groovecli.messages.tidy import disk_refused, stopped_changing
from groovecli.messages.words import GO_ON

T = TypeVar("T")


def until_stopped(stage: str, tasks: Sequence[T], run: Run, context: Context) -> Iterator[T]:
    """The tasks of a run, with its progress.

    Raises
    ------
    Interrupted
        The user stopped it.
    """
    for number, task in enumerate(tasks):
        if context.monitor.stopped:
            run.is_stopped = True
            raise Interrupted(stopped_changing(stage, number, len(tasks)), GO_ON)
        yield task
        context.monitor.progress(stage, number + 1, len(tasks))


@contextmanager
def put_in_words(run: Run) -> Iterator[None]:
    """Say in an error of the disk how many songs were done before it."""
    try:
        yield
    except StorageError as error:
        raise StorageError(disk_refused(error.what, run.n_changed), error.hint) from error
