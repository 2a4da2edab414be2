"""`groove remove-genre`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.errors import ExitCode
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.remove_genre import GenreRemoved


def remove_genre(
    name: Annotated[str, typer.Argument(metavar="GENRE", help="Name of the genre.")],
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    dataset: options.Dataset = "default",
    json: options.Json = False,
) -> None:
    """Take a genre out of a dataset.

    Your music and your models stay as they are.
    """
    from groovecli.actions.context import Context
    from groovecli.actions.remove_genre import RemoveGenreRequest, run

    request, context = RemoveGenreRequest(name, dataset), Context()
    found = run(replace(request, dry_run=True), context)
    what = f"{', '.join(found.genres)} ({words.count(found.n_songs, 'song')})"
    if not dry_run:
        if not yes and not options.is_sure(f"Take {render.shown(what)} out of dataset {dataset}?"):
            render.note("nothing was removed")
            raise typer.Exit(ExitCode.FAILED)
        run(request, context)
    if json:
        _show_json(found, dry_run=dry_run)
        return
    render.answer(f"{'would remove' if dry_run else 'removed'} {what} from dataset {found.dataset}")
    if len(found.left) < 2:
        render.note(
            f"left: {', '.join(found.left) or 'no genre'}; a network needs two to tell apart:"
            " add one with `groove add-genre`"
        )


def _show_json(found: GenreRemoved, *, dry_run: bool) -> None:
    render.as_json(
        {
            "schema": 1,
            "dataset": found.dataset,
            "removed": [] if dry_run else list(found.genres),
            "would_remove": list(found.genres) if dry_run else [],
            "songs": found.n_songs,
            "clips": found.n_clips,
            "left": list(found.left),
        }
    )
