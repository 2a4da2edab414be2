"""`groove describe`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import say_stopped, working
from groovecli.errors import ExitCode
from groovecli.files import check_writable
from groovecli.messages.actions import nothing_to_hear
from groovecli.messages.words import GO_ON
from groovecli.workers.cluster import cluster_of


def describe(
    paths: options.Songs,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="File to write: .csv, .parquet or .npz."),
    ] = None,
    exclude: options.Exclude = None,
    force: options.ReplaceFile = False,
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    scheduler: options.Scheduler = "",
    worker_root: options.WorkerRoot = None,
    json: options.Json = False,
) -> None:
    """Measure tempo, key, loudness and brightness of songs."""
    from groovecli.actions.describe import DescribeRequest, run
    from groovecli.cli.views import describe as views
    from groovecli.reports import descriptions

    if out is not None:
        descriptions.check_format(out)
        check_writable(out)
        descriptions.check_there(out, force=force)
    cluster = cluster_of(scheduler, paths, worker_root)
    machine = options.machine(jobs, file_timeout, max_memory, "cpu")
    with working(**machine, cluster=cluster, stages=("scan", "describe")) as context:
        described = run(DescribeRequest(paths, tuple(exclude or ())), context)
        monitor = context.monitor
    is_written = out is not None and bool(described.songs) and not described.interrupted
    if out is not None and is_written:  # a part in place of a whole file would look like one
        descriptions.write(out, [(song.track.path, song.said) for song in described.songs])
    if json:
        render.as_json(views.to_json(described, out if is_written else None))
    elif described.songs or not described.interrupted:
        views.show(described, out if is_written else None)
    if described.interrupted:
        say_stopped(monitor, f"nothing was written; {GO_ON}" if out else GO_ON)
        raise typer.Exit(ExitCode.INTERRUPTED)
    if described.failed and not described.songs:
        if not json:
            render.error(nothing_to_hear(len(described.failed)))
        raise typer.Exit(ExitCode.FAILED)
    if described.failed:
        raise typer.Exit(ExitCode.PARTIAL)
