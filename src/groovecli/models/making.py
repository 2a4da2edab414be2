"""A place for a model that is being made: one process makes it, and no other takes its name meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from groovecli.errors import DatasetError, StorageError
from groovecli.files import exclusive, key_of, read_json, write_json
from groovecli.messages.models import is_being_made
from groovecli.models.file import WEIGHTS

_BUSY = ".busy"  # beside the models: a folder for each name that was ever made, with a lock
_BEGUN = "begun.json"  # there, what is being made, until that is over


@dataclass(frozen=True)
class Making:
    """A model in the making; `goes_on` says that a process that was killed had begun the same."""

    name: str
    goes_on: bool


@contextmanager
def making(folder: Path, network: str, name: str | None, what: Any) -> Iterator[Making]:
    """A model to make below `folder`, whose name nobody else gets while the block runs.

    Parameters
    ----------
    name : str, optional
        Without it: the network's, with the first number that is not taken, or where the same was begun.
    what : JSON-able value
        Equal for what would make the same model.

    Raises
    ------
    ModelError
        Another process is making a model of this name.
    """
    begun = {"schema": 1, "what": key_of(what)}
    with ExitStack() as held:
        if name is None:
            numbered = (f"{network}-{number}" for number in count(1))
            name = next(each for each in numbered if _is_ours(folder, each, begun, held))
        elif not _is_locked(folder, name, held):
            raise is_being_made(name)
        mark = _mark(folder, name)
        goes_on = read_json(mark) == begun
        write_json(mark, begun)
        try:
            yield Making(name, goes_on)
        except BaseException as error:  # a model that could not be written is still in the making
            if (folder / name / WEIGHTS).exists() and not isinstance(error, StorageError):
                mark.unlink(missing_ok=True)
            raise
        mark.unlink(missing_ok=True)


def _mark(folder: Path, name: str) -> Path:
    return folder / _BUSY / name / _BEGUN


def _is_ours(folder: Path, name: str, begun: dict[str, Any], held: ExitStack) -> bool:
    """Take a name that is free: no model has it, but for one whose making was killed and is this one."""

    def is_free() -> bool:
        return not (folder / name).exists() or read_json(_mark(folder, name)) == begun

    return is_free() and _is_locked(folder, name, held) and is_free()


def _is_locked(folder: Path, name: str, held: ExitStack) -> bool:
    try:
        held.enter_context(exclusive(folder / _BUSY / name))
    except DatasetError:
        return False
    return True
