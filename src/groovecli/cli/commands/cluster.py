"""`groove cluster`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def cluster(
    library: Annotated[Path, typer.Argument(metavar="MUSIC", help="Folder of songs.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write the playlists to.")
    ] = Path("playlists"),
    genres: options.Genres = None,
    exclude: options.Exclude = None,
    min_songs: Annotated[
        int, typer.Option("--min-songs", "--min-size", min=1, help="Songs in the smallest playlist.")
    ] = 5,
    preview: Annotated[
        bool, typer.Option("--preview", help="Write a two-minute medley beside each playlist.")
    ] = False,
    absolute: Annotated[
        bool, typer.Option("--absolute", help="Write whole paths, such as /home/me/Music/a.mp3.")
    ] = False,
    format: Annotated[str, typer.Option(metavar="NAME", help="Kind of playlist file: m3u8.")] = "m3u8",
    dry_run: options.DryRun = False,
    method: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Grouping: affinity, kmeans, agglomerative, hdbscan.",
            rich_help_panel="Clustering",
        ),
    ] = "affinity",
    clusters: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many playlists, for kmeans and agglomerative.",
            show_default="square root of half the songs",
            rich_help_panel="Clustering",
        ),
    ] = None,
    places: options.Places = 3,
    model: options.Model = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Make playlists of songs that sound alike."""
    from groovecli.actions.cluster import ClusterRequest, run
    from groovecli.cli.views import cluster as views
    from groovecli.playlists.clusters import METHODS

    options.choice("--method", method, *METHODS)
    request = ClusterRequest(
        library=library,
        out=out,
        method=method,
        min_size=min_songs,
        n_clusters=clusters,
        absolute=absolute,
        preview=preview,
        seed=seed,
        n_clips=places,
        model=model,
        format=format,
        genres=options.names(genres),
        exclude=tuple(exclude or ()),
        dry_run=dry_run,
    )
    stages = ("scan", "embed", "preview") if preview else ("scan", "embed")
    with working(jobs=jobs, device=device, seed=seed, stages=stages) as context:
        clustered = run(request, context)
    if json:
        views.show_json(clustered)
    else:
        views.show(clustered, out)
    if clustered.failed:
        raise typer.Exit(ExitCode.PARTIAL)
