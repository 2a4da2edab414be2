"""`groove help`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.messages.options import no_help_for


def help_command(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="Command, such as models use.")
    ] = None,
) -> None:
    """Show the help of a command."""
    shown = ctx.find_root()
    for name in command or []:
        below = getattr(shown.command, "commands", {}).get(name)
        if below is None:
            raise no_help_for(" ".join(command or []))
        shown = type(shown)(below, info_name=name, parent=shown)
    typer.echo(shown.command.get_help(shown))
