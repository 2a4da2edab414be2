"""`groove apply`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def apply(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="Plan that groove audit wrote.")],
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Move or tag songs as a plan says.

    `groove undo` takes it back.
    """
    from groovecli.actions.apply import ApplyRequest, run
    from groovecli.cli.views import tidy as views

    with working(stages=("apply",), changes_songs=True) as context:
        done = run(ApplyRequest(plan=plan, dry_run=dry_run), context)
    if json:
        views.applied_json(done)
    else:
        views.applied(done)
    if done.refused:
        raise typer.Exit(ExitCode.PARTIAL)
