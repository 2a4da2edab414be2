"""`groove between`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.workers.cluster import cluster_of


def between(
    start: Annotated[Path, typer.Argument(metavar="A", help="Song to begin with.")],
    end: Annotated[Path, typer.Argument(metavar="B", help="Song to end with.")],
    count: Annotated[
        int, typer.Option("--count", "-n", min=2, max=500, help="Songs, A and B included.")
    ] = 12,
    out: options.ListOut = None,
    library: options.In = None,
    per_artist: options.PerArtist = 2,
    exclude: options.Exclude = None,
    include: options.IncludeOdd = None,
    absolute: options.Absolute = False,
    force: options.ReplaceList = False,
    places: options.Places = 3,
    model: options.Model = None,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    scheduler: options.Scheduler = "",
    worker_root: options.WorkerRoot = None,
    json: options.Json = False,
) -> None:
    """Lead from one song to another through songs between them."""
    from groovecli.actions.between import BetweenRequest, run
    from groovecli.cli.views import between as views

    request = BetweenRequest(
        start=start,
        end=end,
        n_songs=count,
        library=library,
        per_artist=per_artist,
        exclude=tuple(exclude or ()),
        include=options.names(include),
        out=out,
        absolute=absolute,
        force=force,
        n_clips=places,
        model=model,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library] if library else [start, end], worker_root)
    with working(**machine, cluster=cluster, stages=("scan", "embed")) as context:
        found = run(request, context)
    if json:
        views.show_json(found)
    else:
        views.show(found)
    if found.failed or found.n_damaged:
        raise typer.Exit(ExitCode.PARTIAL)
