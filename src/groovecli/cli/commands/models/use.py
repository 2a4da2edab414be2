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
    uses: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="NAME,...",
            help="Commands to use it for: classify, embed, cluster, all.",
            show_default="classify",
        ),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Use it even if it is no better than guessing.")
    ] = False,
    default: Annotated[bool, typer.Option("--default", help="Go back to the included model.")] = False,
    json: options.Json = False,
) -> None:
    """Choose the model that groove uses."""
    from groovecli.actions.context import Context
    from groovecli.cli.views import models as views
    from groovecli.models.serving import USES

    if name is not None and default:
        raise name_and_default(name)
    shelf = Context().shelf
    notes: tuple[str, ...] = ()
    if name is None:
        now = shelf.use_default()
    else:
        chosen = shelf.use(name, USES if uses == "all" else options.names(uses), force=force)
        now, notes = shelf.serving(), chosen.notes
    if json:
        names = views.uses(now)
        about = {"chosen_for": now.choice.to_json(), "notes": list(notes), "faults": now.faults_json()}
        render.as_json({"schema": 1, "chosen": now.chosen, "in_use_for": names, **about})
    else:
        views.show_serving(now, notes)
