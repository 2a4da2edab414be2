"""`groove embed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import say_stopped, working
from groovecli.errors import ExitCode
from groovecli.messages.options import missing
from groovecli.messages.words import GO_ON


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
    model: options.Model = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Write numbers (a vector) for each song, or draw a map."""
    from groovecli.actions.embed import EmbedRequest, run
    from groovecli.cli.views import embed as views
    from groovecli.reports import vectors

    if out is None and plot is None:
        raise missing("--out", "groove embed", "groove embed ~/Music --out songs.npz")
    if out is not None:
        vectors.check_format(out)
    vectors.check_plot(plot)
    options.choice("--plot-method", plot_method, *vectors.METHODS)
    with working(jobs=jobs, device=device, stages=("scan", "embed")) as context:
        embedded = run(EmbedRequest(paths, model, places, exclude=tuple(exclude or ())), context)
        monitor = context.monitor
    n = len(embedded.vectors)
    if n and out is not None:
        vectors.write(out, embedded)
    if plot and n:
        vectors.plot_vectors(plot, embedded, method=plot_method, seed=seed)
    if json:
        render.as_json(views.to_json(embedded, out, plot))
    else:
        views.show(embedded, out, plot)
    if embedded.interrupted:
        say_stopped(monitor, GO_ON)
        raise typer.Exit(ExitCode.INTERRUPTED)
    if not n:
        raise typer.Exit(ExitCode.FAILED)
    if embedded.failed:
        raise typer.Exit(ExitCode.PARTIAL)
