"""`groove models remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.errors import ExitCode


def remove(
    name: Annotated[str, typer.Argument(help="The model to remove.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    json: options.Json = False,
) -> None:
    """Remove a model that was trained or pulled, and all that lies beside it."""
    from groovecli.actions.context import Context

    shelf = Context().shelf

    folder = shelf.removable(name)
    if not yes and not options.is_sure(f"Remove {render.shown(folder)} and all that is in it?"):
        render.note("nothing was removed")
        raise typer.Exit(ExitCode.FAILED)
    removed = shelf.remove(name)
    if json:
        answer = {"name": removed.name, "path": str(removed.folder), "was_in_use": removed.was_chosen}
        render.as_json({"schema": 1, **answer})
        return
    render.answer(f"removed {removed.name}: {removed.folder}")
    if removed.was_chosen:
        now = shelf.serving().embed
        render.note(f"it was the one in use; from now on: {now.name if now else 'none, train one'}")
