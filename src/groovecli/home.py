"""Where groove keeps things, and where what ships with it lies."""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

from groovecli.errors import GrooveError, UsageError
from groovecli.files import sha256_hex

PACKAGE = Path(__file__).resolve().parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PLAIN_FOLDER = re.compile(r"[a-z0-9][a-z0-9 _-]{0,59}")


def home() -> Path:
    """groove's own folder: GROOVE_HOME, else the platform's user data folder."""
    chosen = os.environ.get("GROOVE_HOME")
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("groove", False)


def catalog_file() -> Path:
    """The SQLite catalogue."""
    return home() / "catalog.db"


def dataset_folder(name: str) -> Path:
    """Where the chunk files of a dataset lie."""
    return home() / "datasets" / checked_name(name, "dataset")


def models_folder() -> Path:
    """Where trained models lie, one folder each."""
    return home() / "models"


def free_model_name(network: str, folder: Path | None = None) -> str:
    """A name for a new model of a network: the network's with the first number that is not taken."""
    number, folder = 1, folder or models_folder()
    while (folder / f"{network}-{number}").exists():
        number += 1
    return f"{network}-{number}"


def checked_name(name: str, kind: str) -> str:
    """Return `name` if it can safely be a folder's name, else raise a UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a {kind}",
            "use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first",
        )
    return name


def genre_folder(genre: str) -> str:
    """A folder name for any genre, the genre itself where that is harmless everywhere."""
    if _PLAIN_FOLDER.fullmatch(genre) and genre == genre.strip():
        return genre
    slug = re.sub(r"[^a-z0-9]+", "-", genre.lower()).strip("-")[:40] or "genre"
    return f"{slug}-{sha256_hex(genre.encode('utf-8', 'surrogateescape'), 8)}"


def shipped(name: str) -> Path:
    """A folder that ships with groove: in the installed package, else in the repository.

    A wheel carries `pretrained` inside the package; an editable install has it beside `src`.
    """
    for folder in (PACKAGE / name, PACKAGE.parent.parent / name):
        if folder.is_dir():
            return folder
    raise GrooveError(f"this installation of groove has no {name} folder", "install groove again")
