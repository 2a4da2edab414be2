"""`groove remove-genre`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.errors import ExitCode


def remove_genre(
    genres: Annotated[list[str], typer.Argument(metavar="GENRE", help="Genres, such as metal.")],
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    dataset: options.Dataset = "default",
    json: options.Json = False,
) -> None:
    """Take genres out of a dataset.

    Your music and your models stay as they are.
    """
    from groovecli.actions.context import Context
    from groovecli.actions.remove_genre import RemoveGenreRequest, run
    from groovecli.cli.views import remove_genre as views

    request = RemoveGenreRequest(options.names(genres), dataset)
    with Context() as context:
        found = run(replace(request, dry_run=True), context)
        if not dry_run:
            if not yes and not options.is_sure(
                f"Take {render.shown(views.what(found))} out of dataset {dataset}?"
            ):
                render.note("nothing was removed")
                raise typer.Exit(ExitCode.FAILED)
            run(request, context)
    if json:
        render.as_json(views.to_json(found, dry_run=dry_run))
    else:
        views.show(found, dry_run=dry_run)
