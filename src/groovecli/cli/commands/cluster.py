"""`groove cluster`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages.options import not_together
from groovecli.workers.cluster import cluster_of


def cluster(
    library: Annotated[Path, typer.Argument(metavar="MUSIC", help="Folder of songs.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write the playlists to.")
    ] = Path("playlists"),
    genres: options.Genres = None,
    exclude: options.Exclude = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND,...",
            help="Let in: unlike, long, short, duplicates, versions, all.",
        ),
    ] = None,
    max_minutes: Annotated[
        float, typer.Option("--max-minutes", metavar="N", help="Leave out longer songs.")
    ] = 20,
    playlists: Annotated[
        int | None,
        typer.Option(
            "--playlists",
            "--clusters",
            min=1,
            help="How many playlists.",
            show_default="what suits the library",
        ),
    ] = None,
    min_songs: Annotated[
        int | None,
        typer.Option(
            *("--min-songs", "--min-size"),
            min=1,
            help="Songs in the smallest playlist.",
            show_default="10; fewer below 200 songs",
        ),
    ] = None,
    max_songs: Annotated[
        int | None,
        typer.Option("--max-songs", min=1, help="Songs in the largest playlist.", show_default="no limit"),
    ] = None,
    per_artist: Annotated[
        int | None,
        typer.Option(min=1, help="Songs of one artist in a playlist, at most.", show_default="no limit"),
    ] = None,
    order: Annotated[
        str, typer.Option(metavar="NAME", help="Order of songs: smooth, exemplar, title, shuffle.")
    ] = "smooth",
    name_format: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Names of playlists, such as '{genre} {decade}'.",
            show_default="groove's own",
        ),
    ] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Write a two-minute medley beside each playlist.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Write a page of the playlists beside them.")
    ] = False,
    dry_run: options.DryRun = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Say what would come, go and move; change nothing.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back the last run in the folder.")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Make all playlists again, in place of those in the folder."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Go on even if most of the songs are gone.")
    ] = False,
    method: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Grouping: mutual, affinity, kmeans, agglomerative, hdbscan.",
            rich_help_panel="Clustering",
        ),
    ] = "mutual",
    player: options.ForPlayer = None,
    format: options.PlaylistFormat = None,
    absolute: options.Absolute = False,
    relative_to: options.RelativeTo = None,
    prefix: options.Prefix = "",
    path_map: options.PathMaps = None,
    places: options.Places = 3,
    describe: options.Describe = False,
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
    """Make playlists of songs that sound alike."""
    from groovecli.actions import cluster as action
    from groovecli.actions.cluster import ClusterRequest, run
    from groovecli.cli.views import cluster as views
    from groovecli.playlists.clusters import METHODS
    from groovecli.playlists.order import ORDERS

    options.choice("--method", method, *METHODS)
    options.choice("--order", order, *ORDERS)
    others = {"--diff": diff, "--dry-run": dry_run, "--replace": replace, "--preview": preview}
    if undo and any(others.values()):
        raise not_together("--undo", next(name for name, is_given in others.items() if is_given))
    request = ClusterRequest(
        library=library,
        out=out,
        method=method,
        min_size=min_songs,
        max_size=max_songs,
        n_clusters=playlists,
        order=order,
        per_artist=per_artist,
        name_format=name_format,
        absolute=absolute,
        preview=preview,
        seed=seed,
        n_clips=places,
        model=model,
        player=player,
        format=format,
        relative_to=relative_to,
        prefix=prefix,
        path_map=tuple(path_map or ()),
        genres=options.names(genres),
        exclude=tuple(exclude or ()),
        include=options.names(include),
        max_minutes=max_minutes,
        dry_run=dry_run or diff,
        force=force,
        replace=replace,
        page=page,
        describe=describe,
    )
    wanted = {"scan": True, "embed": True, "describe": describe, "preview": preview}
    stages = tuple(stage for stage, is_wanted in wanted.items() if is_wanted)
    machine = options.machine(jobs, file_timeout, max_memory, device)
    cluster = cluster_of(scheduler, [library], worker_root)
    with working(**machine, cluster=cluster, seed=seed, stages=stages) as context:
        if undo:
            views.show_undone(action.undo(request, context), out, as_json=json)
            return
        clustered = run(request, context)
    show = views.show_changes if diff or clustered.refused is not None else views.show
    views.show_json(clustered) if json else show(clustered, out)
    if clustered.refused is not None:
        raise typer.Exit(ExitCode.FAILED)
    if clustered.failed or clustered.undescribed or clustered.misses_songs:
        raise typer.Exit(ExitCode.PARTIAL)
