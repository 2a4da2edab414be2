"""`groove status`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.errors import ExitCode, UsageError


def status(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH", help="With --failed or --retry: only files there.", show_default="all"
        ),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="List the files that failed, and why.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Forget failures: the next command tries those files again.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Show what is analysed, what is missing, and disk use."""
    from groovecli.actions.context import Context
    from groovecli.actions.status import failed as failures
    from groovecli.actions.status.run import StatusRequest, run
    from groovecli.cli.views import status as views

    if paths and not (failed or retry):
        raise UsageError("PATH is only for --failed and --retry", "`groove status --failed PATH`")
    with Context() as context:
        if failed or retry:
            request = failures.FailedRequest(tuple(paths or ()), retry)
            listed = failures.run(request, context)
            if json:
                render.as_json(views.failed_json(listed))
            else:
                views.show_failed(listed)
            return
        found = run(StatusRequest(), context)
    if json:
        render.as_json(views.to_json(found))
    else:
        views.show(found)
    if any(each.n_damaged for each in found.models):
        raise typer.Exit(ExitCode.PARTIAL)
