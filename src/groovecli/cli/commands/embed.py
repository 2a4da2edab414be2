"""`groove embed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def embed(
    paths: options.Songs,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="File to write: .npz, .csv or .parquet."),
    ],
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw the songs: .png, .svg or .pdf.")
    ] = None,
    plot_method: Annotated[str, typer.Option(metavar="NAME", help="Draw by pca or tsne.")] = "pca",
    places: options.Places = 3,
    exclude: options.Exclude = None,
    model: options.Model = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Write one vector per song to a file, or plot the songs."""
    from groovecli.actions.embed import EmbedRequest, run
    from groovecli.reports import vectors

    vectors.check_format(out)
    vectors.check_plot(plot)
    options.choice("--plot-method", plot_method, *vectors.METHODS)
    with working(jobs=jobs, device=device) as context:
        embedded = run(EmbedRequest(paths, model, places, exclude=tuple(exclude or ())), context)
    n, dim = embedded.vectors.shape
    if n:
        vectors.write(out, embedded)
    if plot and n:
        vectors.plot_vectors(plot, embedded, method=plot_method, seed=seed)
    if json:
        failed = render.paths_json(embedded.failed)
        render.as_json(
            {
                "schema": 1,
                "model": embedded.model,
                "songs": n,
                "dim": dim,
                "out": str(out) if n else None,
                "failed": failed,
                "left_out": render.paths_json(embedded.left_out),
                "passed_over": embedded.passed_over.to_json(),
            }
        )
    else:
        if n:
            render.answer(f"{n} songs as vectors of {dim} numbers by {embedded.model}: {out}")
        else:
            render.note(f"no song gave a vector: {out} was not written")
        render.rejected("left out", embedded.left_out)
        render.passed_over(embedded.passed_over)
        render.rejected("failed", embedded.failed)
    if embedded.interrupted:
        render.note("interrupted; the same command goes on from there")
        raise typer.Exit(ExitCode.INTERRUPTED)
    if not n:
        raise typer.Exit(ExitCode.FAILED)
    if embedded.failed:
        raise typer.Exit(ExitCode.PARTIAL)
