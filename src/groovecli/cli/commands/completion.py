"""`groove completion`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options

SHELLS = {"bash": "groove.bash", "zsh": "_groove", "fish": "groove.fish"}


def completion(shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]) -> None:
    """Print the completion script of your shell."""
    options.choice("SHELL", shell, *SHELLS)
    typer.echo(script(shell), nl=False)


def script(shell: str) -> str:
    """The completion script of a shell."""
    from typer._completion_shared import get_completion_script

    text = get_completion_script(prog_name="groove", complete_var="_GROOVE_COMPLETE", shell=shell)
    return text.strip() + "\n"
