"""`groove ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import prepare_worker, say_stopped, working
from groovecli.cli.settings import MAX_SEED
from groovecli.errors import ExitCode
from groovecli.messages.words import GO_ON
from groovecli.workers.cluster import cluster_of

if TYPE_CHECKING:
    from groovecli.actions.ingest import IngestResult

Features = Annotated[
    list[str] | None,
    typer.Option(
        "--feature",
        metavar="NAME,...",
        help="Input to compute now, such as spec-256.",
        show_default="mel-323",
        rich_help_panel="Clips",
    ),
]


def ingest(
    library: Annotated[
        Path, typer.Argument(metavar="MUSIC", help="Folder of music, with one folder per genre.")
    ],
    genres: options.Genres = None,
    label_from: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Take genres from folder or from tag.", show_default="folder"),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(min=1, max=2, help="2 for sub-genres: folders in genre folders.", show_default="1"),
    ] = None,
    exclude: options.Exclude = None,
    dataset: options.Dataset = "default",
    force: Annotated[
        bool,
        typer.Option(
            "--force", "--yes", "-y", help="Go on if folders look like artists, or songs are gone."
        ),
    ] = False,
    split_by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Keep whole songs, albums or artists; clip keeps none.",
            show_default="song",
            rich_help_panel="Split",
        ),
    ] = None,
    test_share: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="Share of songs for the test, 0 to 1.",
            show_default="0.2",
            rich_help_panel="Split",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MAX_SEED,
            help=options.SEED_HELP,
            show_default="0",
            envvar="GROOVE_SEED",
            rich_help_panel="Split",
        ),
    ] = None,
    clips_per_song: Annotated[
        int | None,
        typer.Option(min=1, help="Random clips per song.", show_default="3", rich_help_panel="Clips"),
    ] = None,
    clips_per_genre: Annotated[
        int | None,
        typer.Option(
            min=1, help="Training clips per genre instead; 1/6 more to test.", rich_help_panel="Clips"
        ),
    ] = None,
    clip_seconds: Annotated[
        float | None,
        typer.Option(metavar="X", help="Length of each clip.", show_default="30", rich_help_panel="Clips"),
    ] = None,
    feature: Features = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How MUSIC is laid out: folder, gtzan, fma or msd.",
            show_default="folder",
            rich_help_panel="Published data sets",
        ),
    ] = None,
    split_file: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE,...",
            help="Files that name the training and test songs.",
            rich_help_panel="Published data sets",
        ),
    ] = None,
    musixmatch: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE,...",
            help="Files of lyrics from musiXmatch, for msd.",
            rich_help_panel="Published data sets",
        ),
    ] = None,
    tagtraum: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File of genres from tagtraum, for msd.",
            show_default="found beside the songs",
            rich_help_panel="Published data sets",
        ),
    ] = None,
    dry_run: options.Measure = False,
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    scheduler: options.Scheduler = "",
    worker_root: options.WorkerRoot = None,
    json: options.Json = False,
) -> None:
    """Read a music library and prepare it for training.

    Run it again after adding music: only new songs are read.
    """
    prepare_worker(scheduler)
    from groovecli.actions.estimate import of_ingest
    from groovecli.actions.ingest import run
    from groovecli.cli.views import estimate
    from groovecli.cli.views import ingest as views
    from groovecli.datasets.intake import IngestRequest
    from groovecli.datasets.splits import SPLIT_BY
    from groovecli.library.labels import LABEL_FROM
    from groovecli.library.sources.registry import SOURCES

    request = IngestRequest(
        library=library,
        dataset=dataset,
        genres=options.names(genres),
        features=options.names(feature),
        insist=force,
        split_by=options.choice("--split-by", split_by, *SPLIT_BY),
        test_share=test_share,
        seed=seed,
        clip_s=clip_seconds,
        label_from=options.choice("--label-from", label_from, *LABEL_FROM),
        depth=depth,
        clips_per_song=clips_per_song,
        clips_per_genre=clips_per_genre,
        source=options.choice("--source", source, *SOURCES),
        split_files=options.files(split_file),
        musixmatch=options.files(musixmatch),
        tagtraum=tagtraum,
        exclude=tuple(exclude or ()),
    )
    with working(
        jobs=jobs,
        file_timeout=file_timeout,
        max_memory=max_memory,
        cluster=cluster_of(scheduler, [library], worker_root),
        stages=("scan", "cut", "read lyrics"),
    ) as context:
        monitor = context.monitor
        if dry_run:
            estimate.finish(of_ingest(request, context), monitor, json=json)
            return
        result = run(request, context)
    if json:
        render.as_json(views.to_json(result))
    else:
        views.show(result, library)
    if monitor.stopped:
        say_stopped(monitor, GO_ON)
        raise typer.Exit(ExitCode.INTERRUPTED)
    finish(result, dataset)


_FOR_FEW = "transfer"
_FEW = 200  # songs per genre; a network from scratch wants more


def _has_few_songs(result: IngestResult) -> bool:
    """Whether genres have so few songs that a network from scratch would be far worse."""
    n_songs = [sum(count.songs.values()) for count in result.genres.values()]
    return bool(n_songs) and sum(n_songs) / len(n_songs) < _FEW


def finish(result: IngestResult, dataset: str) -> None:
    """Say what to run next; the exit code tells whether files failed."""
    network = result.settings.origin.network or (_FOR_FEW if _has_few_songs(result) else "")
    render.next_step(
        "groove train"
        + (f" --network {network}" if network else "")
        + (f" --dataset {dataset}" if dataset != "default" else "")
    )
    if result.n_failed:
        raise typer.Exit(ExitCode.PARTIAL)
