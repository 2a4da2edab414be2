"""The model that the user chose to serve, kept in a file of its own in groove's home."""

from __future__ import annotations

from pathlib import Path

from groovecli.files import read_json, storage_errors, write_json
from groovecli.home import checked_name, home


def choice_file() -> Path:
    """Where the choice is kept; no such file is no choice."""
    return home() / "model-in-use.json"


def chosen_model() -> str | None:
    """Name of the model that was chosen; None where none was, or the file can't be read."""
    found = read_json(choice_file())
    name = found.get("model") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None


def choose_model(name: str) -> None:
    """Let this model serve until another is chosen.

    Raises
    ------
    StorageError
        groove's home can't be written.
    """
    write_json(choice_file(), {"model": checked_name(name, "model")})


def forget_choice() -> None:
    """Let the default model serve again.

    Raises
    ------
    StorageError
        groove's home can't be written.
    """
    with storage_errors(choice_file()):
        choice_file().unlink(missing_ok=True)
