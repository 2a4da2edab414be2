"""`groove models remove`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.errors import ExitCode


def remove(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="The model to remove.")],
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Delete a model and everything in its folder."""
    from groovecli.actions.context import Context
    from groovecli.cli.views import models as views

    shelf = Context().shelf

    folder = shelf.removable(name)
    if dry_run:
        _show_dry(folder, json=json)
        return
    if not yes and not options.is_sure(f"Remove {render.shown(folder)} and all that is in it?"):
        render.note("nothing was removed")
        raise typer.Exit(ExitCode.FAILED)
    removed = shelf.remove(name)
    if json:
        answer = {"name": removed.name, "path": str(removed.folder), "was_in_use": removed.was_chosen}
        render.as_json({"schema": 1, **answer})
        return
    views.show_removed(removed, shelf.serving())


def _show_dry(folder: Path, *, json: bool) -> None:
    if json:
        render.as_json({"schema": 1, "name": folder.name, "path": str(folder), "dry_run": True})
    else:
        render.answer(f"would remove {folder.name}: {folder}")
