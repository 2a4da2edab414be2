"""What can go wrong, as one tree with an exit code for each branch.

GrooveError                1   the command failed
├── UsageError             2   a wrong option or argument
│   └── FieldError         2   so does a field of a request, or an argument of a function
├── LibraryError           1   a folder of music can't be used
├── AudioError             1   one file can't be used
├── DatasetError           1   the feature cache or the catalogue can't serve
│   └── NothingToMeasure   1   no test song is left that a model has not seen
├── ModelError             1   a model is missing, damaged or unsuitable
│   └── Diverged           1   the loss of a training is NaN, or exploded
├── ProcessFailed          1   one of several processes of a training failed
├── StorageError           1   the disk refused a write
└── Interrupted          130   Ctrl-C; what was finished is kept (129 after SIGHUP, 143 after SIGTERM)

Exit code 3 is no error: the command is done, some files failed and were listed.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from groovecli.reasons import Reason


class ExitCode(enum.IntEnum):
    """Every exit code that groove uses."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class GrooveError(Exception):
    """Root of everything groove raises on purpose.

    Parameters
    ----------
    what : str
        What went wrong, with which file and why, in one line.
    hint : str
        What to do about it.
    """

    exit_code = ExitCode.FAILED

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    @property
    def in_a_line(self) -> str:
        """What went wrong and what to do about it, for a list of failures."""
        return f"{self.what}; {self.hint}" if self.hint else self.what

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the trip home from a worker process."""
        return type(self), (self.what, self.hint)


class UsageError(GrooveError):
    """An option or argument is wrong."""

    exit_code = ExitCode.USAGE


class FieldError(UsageError):
    """A field of a request, or an argument of a function, is not what it takes.

    Parameters
    ----------
    owner : str
        The request or the function.
    field : str
        The field or the argument.
    complaint : str
        What it takes, and what it got.
    """

    def __init__(self, owner: str, field: str, complaint: str) -> None:
        super().__init__(f"{owner}: {field} {complaint}")
        self.owner, self.field, self.complaint = owner, field, complaint

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the trip home from a worker process."""
        return type(self), (self.owner, self.field, self.complaint)


class LibraryError(GrooveError):
    """A folder of music can't be used."""


class AudioError(GrooveError):
    """One audio file can't be used.

    Parameters
    ----------
    path : Path
        The file.
    reason : Reason
        Why not.
    detail : str
        What is special to the case.
    """

    def __init__(self, path: Path, reason: Reason, detail: str = "") -> None:
        from groovecli.reasons import Problem  # `--help` does without

        self.path = path
        self.problem = Problem(reason, detail)
        super().__init__(f"{path} {self.problem.text}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the trip home from a worker process."""
        return type(self), (self.path, self.problem.reason, self.problem.detail)


class DatasetError(GrooveError):
    """The feature cache or the catalogue can't serve."""


class NothingToMeasure(DatasetError):
    """No test song is left to measure a model on."""


class ModelError(GrooveError):
    """A model is missing, damaged or unsuitable."""


class Diverged(ModelError):
    """The loss became NaN or exploded."""


class ProcessFailed(GrooveError):
    """One of several processes that train together failed."""


class StorageError(GrooveError):
    """The disk refused a write."""


class Interrupted(GrooveError):
    """The user pressed Ctrl-C; what was finished is kept."""

    exit_code = ExitCode.INTERRUPTED
