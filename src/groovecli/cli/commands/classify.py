"""`groove classify`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import say_stopped, working
from groovecli.errors import ExitCode
from groovecli.messages.actions import nothing_to_hear
from groovecli.messages.words import GO_ON, STARTS_AGAIN
from groovecli.workers.cluster import cluster_of


def classify(
    paths: options.Songs,
    count: Annotated[
        int, typer.Option("--count", "-n", "--top", min=1, help="Genres to show for each song.")
    ] = 3,
    min_confidence: Annotated[
        float,
        typer.Option(metavar="P", help="Answer 'unknown' below this probability (0 to 1)."),
    ] = 0.0,
    places: options.Places = 3,
    exclude: options.Exclude = None,
    model: options.Model = None,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    scheduler: options.Scheduler = "",
    worker_root: options.WorkerRoot = None,
    json: options.Json = False,
) -> None:
    """Name the genre of songs."""
    from groovecli.actions.classify import ClassifyRequest, run
    from groovecli.cli.views import classify as views

    request = ClassifyRequest(paths, model, places, min_confidence, exclude=tuple(exclude or ()))
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, paths, worker_root)
    with working(**machine, cluster=cluster, stages=("scan", "classify")) as context:
        classified = run(request, context)
        monitor, goes_on = context.monitor, context.home.catalog.exists()
    if json:
        views.show_json(classified, count)
    elif classified.results or not monitor.stopped:
        views.show(classified, count)
    if monitor.stopped:
        say_stopped(monitor, GO_ON if goes_on else STARTS_AGAIN)
        raise typer.Exit(ExitCode.INTERRUPTED)
    if command := views.next_step(classified, paths):
        render.next_step(command)
    if classified.failed and not classified.results:
        if not json:
            render.error(nothing_to_hear(len(classified.failed)))
        raise typer.Exit(ExitCode.FAILED)
    if classified.failed:
        raise typer.Exit(ExitCode.PARTIAL)
