"""Commands as rows of a table: each is imported and built when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import typer

from groovecli.cli.group import CommandGroup, GrooveCommand

_PANEL = "Commands"  # of a group's commands


@dataclass(frozen=True)
class Row:
    """A command.

    Parameters
    ----------
    place : str
        Where its function is, below `cli.commands`: `module:function`.
    panel : str
        In which panel of the help it stands.
    about : str
        What it does: the first line of the function's docstring.
    example : str
        One line to type.
    """

    place: str
    panel: str
    about: str
    example: str

    @property
    def function(self) -> Callable[..., Any]:
        """The function that runs it, imported now."""
        module, _, name = self.place.partition(":")
        function: Callable[..., Any] = getattr(import_module(f"groovecli.cli.commands.{module}"), name)
        return function


class Commands(MutableMapping[str, Any]):
    """Commands by name, as typer has them; `rows` says of each what the help lists."""

    def __init__(self, rows: Mapping[str, Row], make: Callable[[str], Any]) -> None:
        self.rows, self._make = rows, make
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.rows:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    def __setitem__(self, name: str, command: Any) -> None:
        raise TypeError(f"{name}: commands are rows of a table")

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"{name}: commands are rows of a table")

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def commands_of(rows: Mapping[str, Row]) -> Commands:
    """The commands of a table; a name of two words is a command of a group, and groups come last."""
    groups = {name.partition(" ")[0] for name in rows if " " in name}
    own = sorted((name for name in rows if " " not in name), key=lambda name: name in groups)

    def make(name: str) -> Any:
        row = rows[name]
        return _group(name, row, rows) if name in groups else _command(name, row)

    return Commands({name: rows[name] for name in own}, make)


def _command(name: str, row: Row) -> Any:
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=GrooveCommand, epilog=row.example, rich_help_panel=row.panel)(row.function)
    return typer.main.get_command(alone)


def _group(name: str, row: Row, rows: Mapping[str, Row]) -> Any:
    """A group; its own function runs where no command follows."""
    alone = typer.Typer(
        cls=CommandGroup,
        name=name,
        epilog=row.example,
        rich_help_panel=row.panel,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    alone.callback(invoke_without_command=True)(row.function)
    group: Any = typer.main.get_command(alone)
    own_rows = ((other.partition(" "), row) for other, row in rows.items())
    below = {own: replace(row, panel=_PANEL) for (of, _, own), row in own_rows if own and of == name}
    group.commands = Commands(below, lambda own: _command(own, below[own]))
    return group
