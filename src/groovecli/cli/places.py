"""Folders that every command needs: the one it runs in, and groove's own, which a user may not know."""

from __future__ import annotations

import os
from pathlib import Path

from groovecli.errors import GrooveError, StorageError
from groovecli.files import A_FOLDER, other_kind
from groovecli.home import Home
from groovecli.messages.ground import cannot_use_home, home_hint, home_is_no_folder
from groovecli.messages.options import folder_is_gone


def check_working_folder() -> None:
    """Raise a UsageError where the working folder was removed: paths mean nothing there."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise folder_is_gone() from None


def about_home(error: GrooveError) -> GrooveError:
    """An error of the disk that names a place in groove's folder, with a hint to GROOVE_HOME."""
    home = _home()
    if isinstance(error, StorageError) and home is not None and str(home) in error.what:
        kind = "a file" if home.is_file() else other_kind(home) if home.exists() else None
        if kind not in (None, A_FOLDER):
            return home_is_no_folder(home, str(kind))
        return StorageError(error.what, home_hint(error.hint))
    return error


def home_refused(error: PermissionError) -> StorageError | None:
    """What to say where the system refuses a place in groove's folder; None where it is another."""
    home, place = _home(), error.filename
    if home is None or not isinstance(place, str) or not Path(place).is_relative_to(home):
        return None
    return cannot_use_home(Path(place), str(error.strerror), error.errno)


def _home() -> Path | None:
    try:
        return Home.default().folder
    except GrooveError:
        return None
