"""`groove undo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def undo(
    library: Annotated[
        Path | None,
        typer.Argument(
            metavar="MUSIC", help="Only changes of this library.", show_default="the last of any"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Give up songs that can't be taken back.")] = False,
    json: options.Json = False,
) -> None:
    """Take the last `groove apply` or `groove tag` back.

    Your files are then as before, byte for byte.
    """
    from groovecli.actions.undo import UndoRequest, run
    from groovecli.cli.views import tidy as views

    with working(stages=("undo",), changes_songs=True) as context:
        done = run(UndoRequest(library=library, force=force), context)
    if json:
        views.undone_json(done)
    else:
        views.undone(done)
    if done.left or done.failed or done.given_up:
        raise typer.Exit(ExitCode.PARTIAL)
