"""Settings that need not be typed each time, and where each value comes from.

A flag wins over GROOVE_*, that over groove.toml in the working folder, that over the user's
config file, that over the default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groovecli.errors import UsageError
from groovecli.home import checked_name
from groovecli.messages.options import (
    no_size,
    no_such_setting,
    setting_of_another_type,
    settings_unreadable,
)


@dataclass(frozen=True)
class Setting:
    """One setting: its name as an option and in the files, its default, its meaning."""

    name: str
    default: str | int
    help: str

    @property
    def envvar(self) -> str:
        """The environment variable that sets it."""
        return f"GROOVE_{self.name.upper()}"


@dataclass(frozen=True)
class Resolved:
    """A setting's value, where it was found, and why no command can use it."""

    name: str
    value: Any
    origin: str
    problem: str | None = None


MAX_SEED = 2**32 - 1  # as in the actions, whose modules `--help` does without
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT])?(i)?B?", re.IGNORECASE)
_DEVICE = re.compile(r"auto|(cpu|cuda|mps)(:[0-9]+)?")


SETTINGS = (
    Setting("dataset", "default", "Dataset of ingested songs."),
    Setting("device", "auto", "Where networks run: auto, cpu, cuda or mps (Apple)."),
    Setting("jobs", 0, "Worker processes; 0 is one for each core."),
    Setting("file_timeout", 60, "Seconds of work on one file, at most."),
    Setting("max_memory", "", "Memory for all of groove, such as 2G."),
    Setting("scheduler", "", "Dask cluster that reads the files: tcp://HOST:8786."),
    Setting("seed", 0, "Number behind random choices; same number, same result."),
)


def n_bytes(size: str) -> int | None:
    """'500M' -> 500,000,000; '1.5GiB' -> 1,610,612,736; '' -> None, no limit.

    Raises
    ------
    UsageError
        It is no size.
    """
    if not size:
        return None
    found = _SIZE.fullmatch(size.strip())
    if found is None or not (number := float(found[1])):
        raise no_size(size)
    return int(number * (1024 if found[3] else 1000) ** " KMGT".index((found[2] or " ").upper()))


def config_files() -> tuple[Path, ...]:
    """The files that may hold settings, the strongest first; a user without a home has none of theirs."""
    own = Path("groove.toml")
    try:
        import platformdirs

        folder = platformdirs.user_config_path("groove", False)
    except RuntimeError:
        return (own,)
    return (own, folder / "config.toml") if folder.is_absolute() else (own,)


def file_values() -> dict[str, Resolved]:
    """Settings found in the config files.

    Raises
    ------
    UsageError
        A file is no TOML, or holds a setting that does not exist or is of another type.
    """
    resolved: dict[str, Resolved] = {}
    for path in reversed(config_files()):
        if os.path.isfile(path):  # nor is one in a folder that the user may not enter
            resolved.update(_read(path))
    return resolved


def _read(path: Path) -> dict[str, Resolved]:
    known = {setting.name: setting for setting in SETTINGS}
    import tomllib  # slow, and most have no such file

    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise settings_unreadable(path, str(error)) from error
    for name, value in table.items():
        if name not in known:
            raise no_such_setting(path, name, known)
        if type(value) is not type(known[name].default):
            raise setting_of_another_type(path, name, value, type(known[name].default).__name__)
    return {name: Resolved(name, value, str(path)) for name, value in table.items()}


def resolve(environ: Mapping[str, str] = os.environ) -> tuple[Resolved, ...]:
    """Every setting's value without flags, its origin and its problem; an empty variable sets nothing."""
    files = file_values()
    return tuple(
        _checked(Resolved(s.name, _value(environ[s.envvar], s.default), s.envvar))
        if environ.get(s.envvar)
        else _checked(files.get(s.name, Resolved(s.name, s.default, "default")))
        for s in SETTINGS
    )


def _value(text: str, default: str | int) -> str | int:
    """What a variable says, as a number where the setting is one; text that is none as it is."""
    with suppress(ValueError):
        return int(text) if isinstance(default, int) else text
    return text


def _checked(setting: Resolved) -> Resolved:
    """A setting with what the commands would find wrong with it."""
    value, problem = setting.value, None
    if setting.name == "dataset":
        try:
            checked_name(value, "dataset")
        except UsageError as error:
            problem = error.hint
    elif setting.name == "device":
        problem = None if _DEVICE.fullmatch(value) else "choose from auto, cpu, cuda, mps"
    elif setting.name == "max_memory":
        try:
            n_bytes(value)
        except UsageError as error:
            problem = error.hint
    elif setting.name == "scheduler":
        problem = None if not value or "://" in str(value) else "give an address such as tcp://HOST:8786"
    elif not isinstance(value, int):
        problem = "give a whole number"
    elif value < 0:
        problem = "give 0 or more"
    elif setting.name == "file_timeout" and value < 1:
        problem = "give 1 or more"
    elif setting.name == "seed" and value > MAX_SEED:
        problem = f"give {MAX_SEED} or less"
    return replace(setting, problem=problem)
