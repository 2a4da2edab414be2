"""`groove embed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def embed(
    paths: Annotated[list[Path], typer.Argument(help="Songs, or folders of songs.")],
    out: Annotated[Path, typer.Option(help="File to write: .npz, .csv or .parquet.")],
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the songs in the plane.")
    ] = None,
    plot_method: Annotated[str, typer.Option(help="How to draw them: pca or tsne.")] = "pca",
    model: options.Model = None,
    clips: Annotated[int, typer.Option(min=1, help="Places in a song that are heard.")] = 3,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Write one vector a song, and its path."""
    from groovecli.actions.embed import EmbedRequest, run
    from groovecli.reports import vectors

    vectors.check_format(out)
    options.choice("--plot-method", plot_method, *vectors.METHODS)
    with working(jobs=jobs, device=device) as context:
        found = run(EmbedRequest(paths, model, clips), context)
    vectors.write(out, found)
    if plot and len(found.tracks):
        vectors.plot_vectors(plot, found, method=plot_method, seed=seed)
    n, dim = found.vectors.shape
    if json:
        failed = render.paths_json(found.failed)
        render.as_json(
            {"schema": 1, "model": found.model, "songs": n, "dim": dim, "out": str(out), "failed": failed}
        )
    else:
        render.answer(f"{n} songs as vectors of {dim} numbers by {found.model}: {out}")
        render.rejected("failed", found.failed)
    if found.interrupted:
        render.note("interrupted; the same command goes on from there")
        raise typer.Exit(ExitCode.INTERRUPTED)
    if found.failed:
        raise typer.Exit(ExitCode.PARTIAL if n else ExitCode.FAILED)
