"""A standard error that C libraries can't write to."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class _Stderr:
    """The process's standard error while C code must not write there, and how many ask for that."""

    lock = threading.Lock()
    n_quiet = 0
    duplicate: int | None = None


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep this process from writing to the file that is its standard error.

    libmpg123 prints a message for each damaged file there, and has no switch against it.
    What Python writes meanwhile is lost too, unless it goes to a duplicate of the descriptor.
    """
    with _Stderr.lock, suppress(OSError):
        _Stderr.n_quiet += 1
        if _Stderr.n_quiet == 1:
            _Stderr.duplicate = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
    try:
        yield
    finally:
        with _Stderr.lock:
            _Stderr.n_quiet -= 1
            if not _Stderr.n_quiet and _Stderr.duplicate is not None:
                os.dup2(_Stderr.duplicate, 2)
                os.close(_Stderr.duplicate)
                _Stderr.duplicate = None
