"""`groove tag`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.workers.cluster import cluster_of


def tag(
    songs: options.Songs,
    dry_run: options.DryRun = False,
    min_precision: Annotated[
        float,
        typer.Option(metavar="P", min=0, max=1, help="Least share of right answers, in the model's test."),
    ] = 0.9,
    genre: Annotated[bool, typer.Option("--genre/--no-genre", help="Write genres.")] = True,
    tempo: Annotated[bool, typer.Option("--tempo", help="Also write the tempo.")] = False,
    key: Annotated[bool, typer.Option("--key", help="Also write the key.")] = False,
    playlists: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also write the names of playlists from there."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace values that are there.")] = False,
    add: Annotated[bool, typer.Option("--add", help="Add genres behind those that are there.")] = False,
    preserve: Annotated[bool, typer.Option("--preserve", help="Keep the files' times of change.")] = False,
    exclude: options.Exclude = None,
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
    """Write genres into songs' tags where they are sure enough.

    Tags that are there stay; `groove undo` takes back the new ones.
    """
    from groovecli.actions.tag.request import TagRequest
    from groovecli.actions.tag.run import run
    from groovecli.cli.views import tidy as views

    request = TagRequest(
        paths=songs,
        genre=genre,
        tempo=tempo,
        key=key,
        playlists=playlists,
        min_precision=min_precision,
        replace=replace,
        add=add,
        preserve=preserve,
        dry_run=dry_run,
        exclude=tuple(exclude or ()),
        n_clips=places,
        model=model,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, songs, worker_root)
    stages = ("scan", "classify", "describe", "tag")
    with working(**machine, cluster=cluster, stages=stages, changes_songs=True) as context:
        done = run(request, context)
    if json:
        views.tagged_json(done)
    else:
        views.tagged(done)
    if done.failed:
        raise typer.Exit(ExitCode.PARTIAL)
