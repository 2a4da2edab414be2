"""Paths from Python: a string or a Path, with `~` for the user's home folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated

from groovecli.messages.ground import no_home_folder, wrong_field


class PathField(Enum):
    """What a field of a request keeps of a path, and what it takes, in words."""

    ONE = "a path (a string or a Path)"
    SEVERAL = "a path or several (strings or Paths)"
    TEXT = "the path of a file (a string or a Path)"


_Path = str | os.PathLike[str]
StrPath = Annotated[_Path, PathField.ONE]
"""A path; the field of a request holds a Path."""
StrPaths = Annotated[_Path | Iterable[_Path], PathField.SEVERAL]
"""Paths, of which one may stand alone; the field of a request holds a tuple of Paths."""
TextPath = Annotated[_Path, PathField.TEXT]
"""A path that is stored with a model; the field of a request holds the absolute one as a string."""


class Unfit(ValueError):
    """A value is not what it should be."""


def expanded(path: Path) -> Path:
    """A path with the user's home folder for `~`, which no shell replaces in --option=~/folder.

    Raises
    ------
    UsageError
        The user has no home folder.
    """
    return in_home(Path(os.path.expanduser(path)))


def in_home(path: Path) -> Path:
    """Return `path` unless its home folder could not be found, else raise a UsageError."""
    if path.parts[:1] == ("~",):
        raise no_home_folder()
    return path


def as_path(value: object, owner: str, argument: str) -> Path:
    """The path that a string or a Path stands for; `owner` and its `argument` are named in the error.

    Raises
    ------
    UsageError
        It is neither, or empty.
    """
    try:
        return path_of(value)
    except Unfit as error:
        raise wrong_field(owner, argument, PathField.ONE.value, value) from error


def as_paths(value: object, owner: str, argument: str) -> tuple[Path, ...]:
    """The paths that one, or several, stand for; see `as_path`."""
    try:
        return paths_of(value)
    except Unfit as error:
        raise wrong_field(owner, argument, PathField.SEVERAL.value, value) from error


def path_of(value: object) -> Path:
    """A string or a Path as a Path, or an Unfit; "" is one, since Path("") is the working folder."""
    if not isinstance(value, str | os.PathLike):
        raise Unfit
    text = os.fspath(value)
    if not isinstance(text, str) or not text or "\0" in text:
        raise Unfit
    return expanded(Path(text))


def paths_of(value: object) -> tuple[Path, ...]:
    """One or several strings or Paths as Paths, or an Unfit."""
    if isinstance(value, str | os.PathLike):
        return (path_of(value),)
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise Unfit
    return tuple(map(path_of, value))
