"""`groove analyses`, `groove analyses export` and `groove analyses import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def analyses(ctx: typer.Context) -> None:
    """Move analyses from one machine to another."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")],
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", "-d", metavar="NAME", help="Only this dataset.", show_default="all"),
    ] = None,
    no_features: Annotated[
        bool, typer.Option("--no-features", help="Leave out datasets' features, which are large.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Write all analyses into one file, for another machine.

    Songs are named by their sound. The file holds no path and no tag of yours.
    """
    from groovecli.actions.analyses.export import ExportRequest, run
    from groovecli.cli.views import analyses as views

    with working(stages=("features",)) as context:
        done = run(ExportRequest(out, dataset, not no_features), context)
    if json:
        render.as_json(views.exported_json(done))
    else:
        views.show_exported(done)
    if done.failed:
        raise typer.Exit(ExitCode.PARTIAL)


def import_analyses(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File from groove analyses export.")],
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Add another machine's analyses to yours.

    The whole file is checked first. What you have stays as it is.
    """
    from groovecli.actions.analyses.merge import ImportRequest, run
    from groovecli.cli.views import analyses as views

    with working(stages=("verify", "import")) as context:
        done = run(ImportRequest(path, dry_run), context)
    if json:
        render.as_json(views.imported_json(done))
    else:
        views.show_imported(done)
    if done.n_conflicts:
        raise typer.Exit(ExitCode.PARTIAL)
