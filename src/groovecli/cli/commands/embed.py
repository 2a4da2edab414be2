"""`groove embed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import say_stopped, working
from groovecli.errors import ExitCode
from groovecli.files import check_writable
from groovecli.messages.options import missing
from groovecli.messages.words import GO_ON
from groovecli.workers.cluster import cluster_of


def embed(
    paths: options.Songs,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="File to write: .npz, .csv or .parquet."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Picture of the songs: .png, .svg or .pdf.")
    ] = None,
    plot_method: Annotated[
        str, typer.Option(metavar="NAME", help="Way to draw the map: pca or tsne.")
    ] = "pca",
    places: options.Places = 3,
    exclude: options.Exclude = None,
    describe: options.Describe = False,
    force: options.ReplaceFile = False,
    model: options.Model = None,
    dry_run: options.Measure = False,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    scheduler: options.Scheduler = "",
    worker_root: options.WorkerRoot = None,
    json: options.Json = False,
) -> None:
    """Write numbers (a vector) for each song, or draw a map."""
    from groovecli.actions.embed import EmbedRequest, run
    from groovecli.cli.views import embed as views
    from groovecli.cli.views import estimate
    from groovecli.reports import vectors

    if out is None and plot is None and not dry_run:
        raise missing("--out", "groove embed", "groove embed ~/Music --out songs.npz")
    if out is not None:
        vectors.check_format(out)
    vectors.check_plot(plot)
    for path in filter(None, (out, plot)):
        check_writable(path)
    vectors.check_there(out, plot, force=force)
    options.choice("--plot-method", plot_method, *vectors.METHODS)
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, paths, worker_root)
    stages = ("scan", "embed", "describe") if describe else ("scan", "embed")
    with working(**machine, cluster=cluster, stages=stages) as context:
        monitor, excluded = context.monitor, tuple(exclude or ())
        if dry_run:
            from groovecli.actions.estimate import of_embed

            found = of_embed(paths, context, model=model, n_clips=places, exclude=excluded)
            estimate.finish(found, monitor, json=json)
            return
        embedded = run(EmbedRequest(paths, model, places, exclude=excluded, describe=describe), context)
    n = len(embedded.tracks)
    is_whole = n > 0 and not embedded.interrupted  # a part in place of a whole file would look like one
    if is_whole and out is not None:
        vectors.write(out, embedded)
    if is_whole and plot:
        vectors.plot_vectors(plot, embedded, method=plot_method, seed=seed)
    if json:
        render.as_json(views.to_json(embedded, out, plot))
    else:
        views.show(embedded, out, plot)
    if embedded.interrupted:
        say_stopped(monitor, f"nothing was written; {GO_ON}")
        raise typer.Exit(ExitCode.INTERRUPTED)
    if not n:
        raise typer.Exit(ExitCode.FAILED)
    if embedded.failed or embedded.undescribed:
        raise typer.Exit(ExitCode.PARTIAL)
