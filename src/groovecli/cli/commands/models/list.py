"""`groove models list`, and `groove models` alone."""

from __future__ import annotations

import typer

from groovecli.cli import options, render
from groovecli.errors import ExitCode


def models(
    ctx: typer.Context,
    json: options.Json = False,
) -> None:
    """List, choose, download and export models."""
    if ctx.invoked_subcommand is None:
        list_models(json)


def list_models(json: options.Json = False) -> None:
    """List your models, and the networks you can train."""
    from groovecli.actions.context import Context
    from groovecli.cli.views import models as views
    from groovecli.models.shelf import shipped_models

    shelf = Context().shelf
    stored, now = shelf.trained() + shipped_models(), shelf.serving()
    damaged = shelf.damaged()
    if json:
        render.as_json(views.list_json(stored, now, damaged))
    else:
        views.show_list(stored, now, damaged)
    if damaged:
        raise typer.Exit(ExitCode.PARTIAL)
