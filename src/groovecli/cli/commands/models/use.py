"""`groove models use`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.views import models as views
from groovecli.messages.options import name_and_default


def use(
    name: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="Trained model, or a network for its latest training."),
    ] = None,
    default: Annotated[bool, typer.Option("--default", help="Go back to the included model.")] = False,
    json: options.Json = False,
) -> None:
    """Choose the model that groove uses."""
    from groovecli.actions.context import Context

    if name is not None and default:
        raise name_and_default(name)
    shelf = Context().shelf
    if name is None:
        now = shelf.use_default()
    else:
        shelf.use(name)
        now = shelf.serving()
    if json:
        render.as_json({"schema": 1, "chosen": now.chosen, "in_use_for": views.uses(now)})
    else:
        views.show_serving(now)
