"""`groove models use`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.messages.options import missing, name_and_default


def use(
    name: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="A trained model, or a network (its latest model)."),
    ] = None,
    uses: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            metavar="NAME,...",
            help="Commands to use it for: classify, embed, cluster, all.",
            show_default="classify",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Use the model even if untested, or no better than guessing.")
    ] = False,
    default: Annotated[bool, typer.Option("--default", help="Go back to the included model.")] = False,
    json: options.Json = False,
) -> None:
    """Choose the model that groove uses, or show the choice."""
    from groovecli.actions.context import Context
    from groovecli.cli.views import models as views
    from groovecli.models.serving import USES

    if name is not None and default:
        raise name_and_default(name)
    shelf = Context().shelf
    notes: tuple[str, ...] = ()
    wanted = options.names(uses)
    wanted = tuple(use for each in wanted for use in (USES if each == "all" else (each,)))
    if name is not None:
        notes = shelf.use(name, wanted, force=force).notes
    elif default:
        shelf.use_default(wanted or USES)
    elif uses is not None or force:
        raise missing("MODEL", "groove models use", "groove models use time-cnn-1 --for all")
    now = shelf.serving()
    if json:
        names = views.uses(now)
        about = {"chosen_for": now.choice.to_json(), "notes": list(notes), "faults": now.faults_json()}
        render.as_json({"schema": 1, "chosen": now.chosen, "in_use_for": names, **about})
    else:
        views.show_serving(now, notes)
