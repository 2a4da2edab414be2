"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from groovecli.cli.settings import MAX_SEED, SETTINGS
from groovecli.errors import FieldError, GrooveError, UsageError
from groovecli.messages.options import no_such_choice, nobody_answered

_HELP = {setting.name: setting.help[0].upper() + setting.help[1:] + "." for setting in SETTINGS}

Dataset = Annotated[str, typer.Option(help=_HELP["dataset"], envvar="GROOVE_DATASET")]
Device = Annotated[str, typer.Option(help=_HELP["device"], envvar="GROOVE_DEVICE")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help=_HELP["jobs"], envvar="GROOVE_JOBS")]
Seed = Annotated[int, typer.Option(min=0, max=MAX_SEED, help=_HELP["seed"], envvar="GROOVE_SEED")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="A model's name, or a network's for its latest training."
        " [default: what `groove models use` chose, else the latest, else the shipped one]",
    ),
]
ModelName = Annotated[
    str, typer.Argument(metavar="NAME", help="A model's name, or a network's for its latest training.")
]


def names(text: str | None) -> tuple[str, ...]:
    """'rock, jazz' -> ("rock", "jazz")."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def choice(option: str, value: str | None, *choices: str) -> Any:
    """Return `value` if it is one of `choices` or None, else raise a UsageError."""
    if value is not None and value not in choices:
        raise no_such_choice(option, value, choices)
    return value


def as_option(error: GrooveError) -> GrooveError:
    """An error of a request's field, which was given as the option of its name."""
    if isinstance(error, FieldError):
        option = error.field.removeprefix("n_").replace("_", "-")
        return UsageError(f"--{option} {error.complaint}", error.hint)
    return error


def is_sure(question: str) -> bool:
    """Ask before something is removed; raise a UsageError where nobody answers."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort as error:
        typer.echo(err=True)  # the question's line ends
        raise nobody_answered() from error
