"""`groove cluster`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.cli.views import cluster as views
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    pass


def cluster(
    library: Annotated[Path, typer.Argument(help="Folder of songs.")],
    out: Annotated[Path, typer.Option(help="Folder to write the playlists to.")],
    model: options.Model = None,
    method: Annotated[str, typer.Option(help="affinity, kmeans, agglomerative or hdbscan.")] = "affinity",
    clusters: Annotated[
        int | None,
        typer.Option(min=1, help="How many, for kmeans and agglomerative. [default: sqrt(n / 2)]"),
    ] = None,
    min_size: Annotated[int, typer.Option(min=1, help="Songs in the smallest playlist.")] = 5,
    absolute: Annotated[bool, typer.Option("--absolute", help="Write absolute paths.")] = False,
    format: Annotated[str, typer.Option(help="Kind of playlist file: m3u8.")] = "m3u8",
    preview: Annotated[
        bool, typer.Option("--preview", help="Write a medley of its first songs beside each playlist.")
    ] = False,
    clips: Annotated[int, typer.Option(min=1, help="Places in a song that are heard.")] = 3,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Cut a library into playlists of songs that sound alike."""
    from groovecli.actions.cluster import ClusterRequest, run
    from groovecli.playlists.clusters import METHODS

    options.choice("--method", method, *METHODS)
    request = ClusterRequest(
        library, out, method, min_size, clusters, absolute, preview, seed, clips, model, format
    )
    with working(jobs=jobs, device=device, seed=seed) as context:
        clustered = run(request, context)
    if json:
        views.show_json(clustered)
    else:
        views.show(clustered, out)
    if clustered.failed:
        raise typer.Exit(ExitCode.PARTIAL)
