"""`groove search`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.workers.cluster import cluster_of


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD", help="Words that songs should fit, in any order.")
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Songs to list.")] = 25,
    out: options.ListOut = None,
    library: options.In = None,
    per_artist: options.PerArtist = 2,
    exclude: options.Exclude = None,
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
    """List the songs that fit words best, such as: slow sad piano."""
    from groovecli.actions.search.run import SearchRequest, run
    from groovecli.cli.views import search as views

    request = SearchRequest(
        words=" ".join(words or ()),
        n_songs=count,
        library=library,
        per_artist=per_artist,
        exclude=tuple(exclude or ()),
        out=out,
        absolute=absolute,
        force=force,
        n_clips=places,
        model=model,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library] if library else [], worker_root)
    with working(**machine, cluster=cluster, stages=("scan", "embed")) as context:
        found = run(request, context)
    if json:
        views.show_json(found)
    else:
        views.show(found)
    if found.is_partial:
        raise typer.Exit(ExitCode.PARTIAL)
