"""What goes wrong with files and with groove's own folders."""

from __future__ import annotations

from pathlib import Path

from groovecli.errors import DatasetError, GrooveError, StorageError, UsageError


def cannot_write(path: Path, reason: str) -> StorageError:
    """The system refused a write, for a reason in its words."""
    return StorageError(
        f"cannot write {path}: {reason}",
        "free some space or choose a folder you may write to, then run it again",
    )


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
