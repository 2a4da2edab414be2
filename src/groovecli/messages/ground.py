"""What goes wrong with files, with groove's own folders, and with what is asked for from Python."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from pathlib import Path

from groovecli.errors import DatasetError, FieldError, GrooveError, StorageError, UsageError
from groovecli.messages import words


def cannot_write(path: Path, reason: str) -> StorageError:
    """The system refused a write, for a reason in its words."""
    return StorageError(
        f"cannot write {path}: {reason}",
        "free some space or choose a folder you may write to, then run it again",
    )


HOME_HINT = (
    "that is in groove's own folder: free some space, or set GROOVE_HOME to a folder that you may write to"
)


def cannot_use_home(place: Path, reason: str) -> StorageError:
    """The system refused a place in groove's folder, for a reason in its words."""
    return StorageError(f"cannot use {place}: {reason}", HOME_HINT)


def cannot_answer(reason: str) -> StorageError:
    """The system refused what was written to standard output, for a reason in its words."""
    return StorageError(
        f"cannot write the answer to standard output: {reason}", "send it where there is room for it"
    )


def no_home_folder() -> UsageError:
    """A place lies in the user's home folder, and the system knows of none."""
    return UsageError(
        "this user has no home folder",
        "set GROOVE_HOME to a folder where groove may keep things, and name folders without ~",
    )


def folder_in_use(folder: Path) -> DatasetError:
    """Another process holds the folder's lock."""
    return DatasetError(f"another groove is at work in {folder}", "wait until it is done")


def unfit_name(name: str, kind: str) -> UsageError:
    """A name can't safely be a folder's; `kind` is what was to be named."""
    return UsageError(
        f"{name!r} cannot name a {kind}",
        "use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first",
    )


def nothing_shipped(name: str) -> GrooveError:
    """A folder that ships with groove is not installed."""
    return GrooveError(f"this installation of groove has no {name} folder", "install groove again")


def wrong_field(owner: str, field: str, takes: str, value: object) -> FieldError:
    """A field of a request, or an argument of a function, is not what it takes."""
    return FieldError(owner, field, f"takes {takes}, not {shown(value)}")


def wrong_request(action: str, request: str, value: object) -> UsageError:
    """An action is given something else than its request."""
    hint = f"call {action}({request}(...), context)"
    return UsageError(f"{action} takes {words.a(request)}, not {shown(value)}", hint)


def wrong_context(action: str, value: object) -> UsageError:
    """An action is given something else than a context."""
    hint = "open one: with Context() as context"
    return UsageError(f"{action} takes a Context, not {shown(value)}", hint)


def no_such_hyperparameter(name: object, known: Iterable[str]) -> FieldError:
    """A training is asked for with a hyperparameter that there is not."""
    return FieldError("TrainRequest", "hyper", f"takes {', '.join(known)}, not {shown(name)}")


_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 80


def shown(value: object) -> str:
    """A value in a line: as Python writes it, shortened; of other objects what they are."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if value is None or isinstance(value, str | bytes | int | float | list | tuple | dict | set | Path):
        return " ".join(_REPR.repr(value).splitlines())
    return words.a(type(value).__name__)
