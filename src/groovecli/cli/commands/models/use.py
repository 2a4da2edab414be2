"""`groove models use`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options, render
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
    serves = {"classify": now.classify, "embed": now.embed, "cluster": now.embed}
    if json:
        names = {command: model.name if model else None for command, model in serves.items()}
        render.as_json({"schema": 1, "chosen": now.chosen, "in_use_for": names})
        return
    render.answer(f"in use: {now.chosen or 'the default'}")
    for command, model in serves.items():
        render.answer(f"  {command}: {model.name if model else 'none; name one that can with --model'}")
