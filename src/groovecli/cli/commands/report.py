"""`groove report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import prepare_worker, working
from groovecli.errors import ExitCode
from groovecli.workers.cluster import cluster_of


def report(
    library: Annotated[Path, typer.Argument(metavar="MUSIC", help="Folder of songs.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Page to write, .html.")] = Path(
        "report.html"
    ),
    genres: options.Genres = None,
    exclude: options.Exclude = None,
    label_from: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Where genres are from: folder or tag.",
            show_default="whatever is known",
        ),
    ] = None,
    describe: options.Describe = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is no report.")] = False,
    places: options.Places = 3,
    model: options.Model = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    scheduler: options.Scheduler = "",
    worker_root: options.WorkerRoot = None,
    json: options.Json = False,
) -> None:
    """Say how well near songs match, and what your music holds."""
    prepare_worker(scheduler)
    from groovecli.actions.report.run import ReportRequest, run
    from groovecli.cli.views import report as views
    from groovecli.library.labels import LABEL_FROM

    request = ReportRequest(
        library=library,
        out=out,
        genres=options.names(genres),
        exclude=tuple(exclude or ()),
        label_from=options.choice("--label-from", label_from, *LABEL_FROM) if label_from else "",
        describe=describe,
        force=force,
        seed=seed,
        n_clips=places,
        model=model,
    )
    wanted = {"scan": True, "embed": True, "describe": describe, "read tags": True, "measure": True}
    stages = tuple(stage for stage, is_wanted in wanted.items() if is_wanted)
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library], worker_root)
    with working(**machine, cluster=cluster, seed=seed, stages=stages) as context:
        found = run(request, context)
    if json:
        views.show_json(found)
    else:
        views.show(found)
    if found.failed or found.undescribed:
        raise typer.Exit(ExitCode.PARTIAL)
