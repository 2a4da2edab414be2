"""Settings that need not be typed each time, and where each value comes from.

A flag wins over GROOVE_*, that over groove.toml in the working folder, that over the user's
config file, that over the default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from groovecli.messages.options import no_such_setting, setting_of_another_type, settings_unreadable


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
    """A setting's value and where it was found."""

    name: str
    value: Any
    origin: str


SETTINGS = (
    Setting("dataset", "default", "which dataset of ingested songs to use"),
    Setting("device", "auto", "where networks run: auto, cpu, cuda or mps"),
    Setting("jobs", 0, "worker processes; 0 is one for each core"),
    Setting("seed", 0, "seed of every random draw"),
)


def config_files() -> tuple[Path, ...]:
    """The files that may hold settings, the strongest first."""
    return Path("groove.toml"), platformdirs.user_config_path("groove", False) / "config.toml"


def file_values() -> dict[str, Resolved]:
    """Settings found in the config files.

    Raises
    ------
    UsageError
        A file is no TOML, or holds a setting that does not exist or is of another type.
    """
    resolved: dict[str, Resolved] = {}
    for path in reversed(config_files()):
        if path.is_file():
            resolved.update(_read(path))
    return resolved


def _read(path: Path) -> dict[str, Resolved]:
    known = {setting.name: setting for setting in SETTINGS}
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise settings_unreadable(path, str(error)) from error
    for name, value in table.items():
        if name not in known:
            raise no_such_setting(path, name, known)
        if type(value) is not type(known[name].default):
            raise setting_of_another_type(path, name, value, type(known[name].default).__name__)
    return {name: Resolved(name, value, str(path)) for name, value in table.items()}


def resolve(environ: Mapping[str, str] = os.environ) -> tuple[Resolved, ...]:
    """Every setting's value without flags, and its origin."""
    files = file_values()
    return tuple(
        Resolved(s.name, environ[s.envvar], s.envvar)
        if s.envvar in environ
        else files.get(s.name, Resolved(s.name, s.default, "default"))
        for s in SETTINGS
    )
