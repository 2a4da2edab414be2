"""What goes wrong with files, with groove's own folders, and with what is asked for from Python."""

from __future__ import annotations

import errno
import reprlib
from collections.abc import Iterable
from pathlib import Path

from groovecli.errors import DatasetError, FieldError, GrooveError, StorageError, UsageError
from groovecli.messages import words

_HINTS = {
    errno.ENOSPC: "free some space on that disk, then run the same command again",
    errno.EDQUOT: "your share of that disk is used up: free some space, then run the same command again",
    errno.EACCES: "you may not write there: choose a folder that you may write to",
    errno.EPERM: "you may not write there: choose a folder that you may write to",
    errno.EROFS: "that disk is read-only: choose a folder on another one",
    errno.ENOTDIR: "a part of that path is a file: choose a path of folders",
    errno.EEXIST: "a part of that path is a file: choose a path of folders",
    errno.EISDIR: "that is a folder: choose the name of a file",
    errno.ENOENT: "that folder does not exist and can't be made: choose another one",
    errno.ENAMETOOLONG: "that name is too long: choose a shorter one",
    errno.EIO: "the disk has a fault: copy what is on it to another one",
    errno.EMFILE: "too many files are open: run it with fewer `--jobs`",
}
_OTHER_PLACE = "choose another folder, then run the same command again"


def hint_for(number: int | None) -> str:
    """What to do where the system refused a write with this error's number."""
    return _HINTS.get(number or 0, _OTHER_PLACE)


def cannot_write(path: Path, reason: str, number: int | None = None) -> StorageError:
    """The system refused a write, for a reason in its words and with an error's number."""
    return StorageError(f"cannot write {path}: {reason}", hint_for(number))


def home_hint(hint: str) -> str:
    """What to do about a place in groove's own folder, where `hint` is what to do about any place."""
    if "space" in hint:
        return "free some space, or set GROOVE_HOME to a folder on another disk"
    return "that is in groove's own folder: set GROOVE_HOME to a folder that you may write to"


def cannot_use_home(place: Path, reason: str, number: int | None = None) -> StorageError:
    """The system refused a place in groove's folder, for a reason in its words."""
    return StorageError(f"cannot use {place}: {reason}", home_hint(hint_for(number)))


def home_is_no_folder(home: Path, kind: str) -> StorageError:
    """What GROOVE_HOME names is a file or another thing that holds none; `kind` says which."""
    return StorageError(f"groove's own folder {home} is {kind}", "set GROOVE_HOME to a folder")


def cannot_answer(reason: str) -> StorageError:
    """The system refused what was written to standard output, for a reason in its words."""
    return StorageError(
        f"cannot write the answer to standard output: {reason}",
        "send the answer to a file or program that takes all of it",
    )


def no_home_folder() -> UsageError:
    """A place lies in the user's home folder, and the system knows of none."""
    return UsageError(
        "this user has no home folder",
        "set GROOVE_HOME to a folder of yours, and write paths without ~",
    )


def folder_in_use(folder: Path) -> DatasetError:
    """Another process holds the folder's lock."""
    return DatasetError(
        f"another groove command is working in {folder}", "wait until it has ended, then run yours again"
    )


def no_workers(reason: str) -> GrooveError:
    """A worker process can't be started, or ended where no file is to blame."""
    return GrooveError(
        f"a worker process failed: {reason}", "free some memory, or run it with fewer `--jobs`"
    )


def ended_at_once(cause: str) -> str:
    """Workers end before they begin, one after the other; `cause` is the signal, if it is known."""
    return f"each one ended before it began ({cause}); what was finished is kept"


def unfit_name(name: str, kind: str) -> UsageError:
    """A name can't safely be a folder's; `kind` is what was to be named."""
    return UsageError(
        f"{name!r} can't be the name of a {kind}",
        "use 1 to 64 letters, digits, dots, dashes and underscores, and begin with a letter or digit",
    )


def nothing_shipped(name: str) -> GrooveError:
    """A folder that comes with groove is not installed."""
    return GrooveError(f"this installation of groove lacks its folder {name}", "install groove again")


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
    if isinstance(value, float):
        return f"{value:g}"
    if value is None or isinstance(value, str | bytes | int | float | list | tuple | dict | set | Path):
        return " ".join(_REPR.repr(value).splitlines())
    return words.a(type(value).__name__)
