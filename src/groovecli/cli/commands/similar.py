"""`groove similar`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.checked import MOST_WEIGHT
from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages.options import empty_path
from groovecli.messages.similar import no_song_asked, no_weight
from groovecli.workers.cluster import cluster_of


def similar(
    songs: Annotated[
        list[Path] | None, typer.Argument(metavar="SONG", help="Songs or folders; SONG=2 counts double.")
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Songs to list.")] = 25,
    out: options.ListOut = None,
    library: options.In = None,
    artist: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Songs like this artist's; repeatable.")
    ] = None,
    playlist: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Songs like this playlist's; repeatable.")
    ] = None,
    avoid: Annotated[
        list[Path] | None,
        typer.Option("--not", metavar="SONG", help="Move away from this song; repeatable."),
    ] = None,
    per_artist: Annotated[
        int, typer.Option("--per-artist", min=1, help="Songs of one artist, at most.")
    ] = 2,
    exclude: options.Exclude = None,
    include: options.IncludeOdd = None,
    variation: Annotated[
        float, typer.Option(metavar="X", min=0, max=1, help="Vary the list: 0 nearest, 1 varied most.")
    ] = 0.0,
    absolute: options.Absolute = False,
    force: options.ReplaceList = False,
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
    """List the songs that sound most like a song."""
    if not (songs or artist or playlist):  # sooner than after a second of imports
        raise no_song_asked()
    paths, weights = weighted(songs or [])
    from groovecli.actions.similar.run import SimilarRequest, run
    from groovecli.cli.views import similar as views

    request = SimilarRequest(
        songs=paths,
        weights=weights,
        artists=tuple(artist or ()),
        playlists=playlist or [],
        avoid=avoid or [],
        n_songs=count,
        library=library,
        per_artist=per_artist,
        exclude=tuple(exclude or ()),
        include=options.names(include),
        variation=variation,
        seed=seed,
        out=out,
        absolute=absolute,
        force=force,
        n_clips=places,
        model=model,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library] if library else paths, worker_root)
    with working(**machine, cluster=cluster, seed=seed, stages=("scan", "embed")) as context:
        found = run(request, context)
    if json:
        views.show_json(found)
    else:
        views.show(found, is_out=out is not None, is_excluded=bool(exclude))
    if found.is_partial:
        raise typer.Exit(ExitCode.PARTIAL)


def weighted(songs: list[Path]) -> tuple[list[Path], tuple[float, ...]]:
    """`a.mp3`, `b.mp3=2` -> the paths, and their weights; a file whose name ends in `=2` is a file."""
    paths, weights = [], []
    for song in songs:
        text, sign, weight = str(song).rpartition("=")
        if not sign or song.exists() or "/" in weight:
            paths.append(song)
            weights.append(1.0)
            continue
        try:
            number = float(weight)
        except ValueError:
            number = 0.0
        if not text:
            raise empty_path("SONG")
        if not 0 < number <= MOST_WEIGHT:
            raise no_weight(text, weight, MOST_WEIGHT)
        paths.append(Path(text))
        weights.append(number)
    return paths, tuple(weights)
