"""`groove map`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.workers.cluster import cluster_of


def map_library(
    library: Annotated[Path, typer.Argument(metavar="MUSIC", help="Folder of songs.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Page to write, .html.")] = Path(
        "map.html"
    ),
    playlists: Annotated[
        list[Path] | None,
        typer.Option(
            "--playlists",
            metavar="DIR",
            help="Draw these playlists as areas; repeatable.",
            show_default="those that `groove cluster` would make",
        ),
    ] = None,
    exclude: options.Exclude = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Don't start from the last map.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is no map.")] = False,
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
    """Draw your music as a map that you can play."""
    from groovecli.actions.map.run import MapRequest, run
    from groovecli.cli.views import map as views

    request = MapRequest(
        library=library,
        out=out,
        playlists=playlists or [],
        exclude=tuple(exclude or ()),
        fresh=fresh,
        force=force,
        seed=seed,
        n_clips=places,
        model=model,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library], worker_root)
    stages = ("scan", "embed", "lay out", "read tags")
    with working(**machine, cluster=cluster, seed=seed, stages=stages) as context:
        found = run(request, context)
    if json:
        views.show_json(found)
    else:
        views.show(found)
    if found.failed:
        raise typer.Exit(ExitCode.PARTIAL)
