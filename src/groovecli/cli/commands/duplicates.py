"""`groove duplicates`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.workers.cluster import cluster_of


def duplicates(
    library: Annotated[Path, typer.Argument(metavar="MUSIC", help="Folder of songs.")],
    out: options.ListOut = None,
    exclude: options.Exclude = None,
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
    """List files of one recording, and which is the best.

    Nothing is deleted.
    """
    from groovecli.actions.duplicates import DuplicatesRequest, run
    from groovecli.cli.views import duplicates as views

    request = DuplicatesRequest(
        library=library,
        out=out,
        model=model,
        n_clips=places,
        exclude=tuple(exclude or ()),
        force=force,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library], worker_root)
    with working(**machine, cluster=cluster, stages=("scan", "embed", "compare songs")) as context:
        found = run(request, context)
    if json:
        views.show_json(found)
    else:
        views.show(found)
    if found.failed:
        raise typer.Exit(ExitCode.PARTIAL)
