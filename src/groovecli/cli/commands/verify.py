"""`groove verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import say_stopped, working
from groovecli.errors import ExitCode
from groovecli.messages.words import GO_ON


def verify(
    sample: Annotated[
        int, typer.Option(min=0, metavar="N", help="Also analyse N songs again and compare.")
    ] = 0,
    max_minutes: Annotated[
        float | None,
        typer.Option(
            metavar="X", help="Stop after X minutes; the next time goes on.", show_default="to the end"
        ),
    ] = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Check what groove has stored, and repair what is damaged.

    Everything has a checksum. What can't be computed again is restored from a copy.
    """
    from groovecli.actions.verify.run import VerifyRequest, run
    from groovecli.cli.views import verify as views

    request = VerifyRequest(sample, max_minutes)
    with working(jobs=jobs, device=device, seed=seed, stages=("vectors", "chunk files")) as context:
        found = run(request, context)
        monitor = context.monitor
    if json:
        render.as_json(views.to_json(found))
    else:
        views.show(found)
    if monitor.stopped:
        say_stopped(monitor, GO_ON)
        raise typer.Exit(ExitCode.INTERRUPTED)
    if found.damaged or found.rescued:
        raise typer.Exit(ExitCode.PARTIAL)
