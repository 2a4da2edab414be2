"""`groove clean`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def clean(
    features: Annotated[
        bool, typer.Option("--features", help="Remove features that no model of yours needs.")
    ] = False,
    comparisons: Annotated[
        bool, typer.Option("--comparisons", help="Remove the models of compare and leakage.")
    ] = False,
    models: Annotated[
        bool, typer.Option("--old-models", help="Remove models that a newer one replaces.")
    ] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="Remove catalogues of older grooves, and damaged ones.")
    ] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Forget songs whose files are gone for good.")
    ] = False,
    insist: Annotated[
        bool, typer.Option("--force", help="With --missing: even if a drive may not be connected.")
    ] = False,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset", "-d", metavar="NAME", help="Only what is this dataset's.", show_default="all"
        ),
    ] = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Free disk space: say what can go, ask, and remove it.

    Your music and the models in use stay as they are.
    """
    from groovecli.actions.clean.run import CleanRequest, run
    from groovecli.cli.views import clean as views

    asked = {
        "features": features,
        "comparisons": comparisons,
        "old-models": models,
        "copies": copies,
        "missing": missing,
    }
    kinds = tuple(name for name, is_wanted in asked.items() if is_wanted)
    request = CleanRequest(kinds, dataset, insist)
    with working(stages=("look",)) as context:
        found = run(replace(request, dry_run=True), context)
        if not json:
            views.show_found(found)
        if not dry_run and found.items:
            if not yes and not options.is_sure(f"Remove {views.in_a_line(found)}?"):
                render.note("nothing was removed")
                raise typer.Exit(ExitCode.FAILED)
            found = run(request, context)
    if json:
        render.as_json(views.to_json(found, dry_run=dry_run))
    else:
        views.show_done(found, dry_run=dry_run)
    if found.failed or found.kept:
        raise typer.Exit(ExitCode.PARTIAL)
