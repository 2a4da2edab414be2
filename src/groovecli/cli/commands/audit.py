"""`groove audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.workers.cluster import cluster_of


def audit(
    library: Annotated[Path, typer.Argument(metavar="MUSIC", help="Folder of genre folders.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Songs to list.")] = 20,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Plan to write, for `groove apply`.")
    ] = None,
    out: options.ListOut = None,
    label_from: Annotated[
        str, typer.Option(metavar="WHAT", help="What says a song's genre: folder or tag.")
    ] = "folder",
    genres: options.Genres = None,
    exclude: options.Exclude = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take folders that look like artists.")] = False,
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
    """List songs that are likely in the wrong genre folder.

    Nothing is changed.
    """
    from groovecli.actions.audit.run import AuditRequest, run
    from groovecli.cli.views import audit as views
    from groovecli.library.labels import LABEL_FROM

    request = AuditRequest(
        library=library,
        label_from=options.choice("--label-from", label_from, *LABEL_FROM),
        genres=options.names(genres),
        n_songs=count,
        out=out,
        plan=plan,
        force=force,
        insist=yes,
        exclude=tuple(exclude or ()),
        n_clips=places,
        model=model,
        seed=seed,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library], worker_root)
    with working(**machine, cluster=cluster, seed=seed, stages=("scan", "embed")) as context:
        found = run(request, context)
    if json:
        views.show_json(found)
    else:
        views.show(found, request)
    if found.failed:
        raise typer.Exit(ExitCode.PARTIAL)
