"""`groove ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.cli.settings import MAX_SEED
from groovecli.cli.views import ingest as views
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    from groovecli.actions.ingest import IngestResult

Genres = Annotated[str | None, typer.Option(help="Only these genres, such as rock,jazz.")]
Features = Annotated[
    list[str] | None,
    typer.Option("--feature", help="What to compute of a clip; repeatable. [default: mel-323]"),
]


def ingest(
    library: Annotated[Path, typer.Argument(help="Folder with one folder a genre.")],
    genres: Genres = None,
    feature: Features = None,
    label_from: Annotated[
        str | None, typer.Option(help="Where genres are from: folder or tag. [default: folder]")
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2,
            help="2: folders in genre folders are sub-genres, such as rock/punk. [default: 1]",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="folder, or a published data set: gtzan, fma (folders with tracks.csv), msd (HDF5 files)."
            " [default: folder]"
        ),
    ] = None,
    split_file: Annotated[
        list[Path] | None, typer.Option(help="Its split, such as GTZAN's fault-filtered one; repeatable.")
    ] = None,
    musixmatch: Annotated[
        list[Path] | None, typer.Option(help="musiXmatch's bags of words for msd; repeatable.")
    ] = None,
    tagtraum: Annotated[
        Path | None, typer.Option(help="tagtraum's genres for msd. [default: found beside the songs]")
    ] = None,
    split_by: Annotated[
        str | None,
        typer.Option(
            help="Keep songs, albums or artists whole on one side of the split (song, album, artist), "
            "or not even songs (clip: leaky, to reproduce papers). [default: song]"
        ),
    ] = None,
    test_share: Annotated[
        float | None, typer.Option(help="Share of songs for testing. [default: 0.2]")
    ] = None,
    clips_per_song: Annotated[
        int | None, typer.Option(min=1, help="Random clips a song, as many as it can give. [default: 3]")
    ] = None,
    clips_per_genre: Annotated[
        int | None,
        typer.Option(min=1, help="Instead: clips a genre for training, and a sixth for testing."),
    ] = None,
    clip_seconds: Annotated[float | None, typer.Option(help="Length of a clip. [default: 30]")] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MAX_SEED,
            help="Seed of the split and of the clips. [default: 0]",
            envvar="GROOVE_SEED",
        ),
    ] = None,
    dataset: options.Dataset = "default",
    jobs: options.Jobs = 0,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the folders for genres, however many.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Learn a library: label, split, cut and cache its songs. Again: only what is new."""
    from groovecli.actions.ingest import run
    from groovecli.datasets.intake import IngestRequest
    from groovecli.datasets.splits import SPLIT_BY
    from groovecli.library.labels import LABEL_FROM
    from groovecli.library.sources.registry import SOURCES

    request = IngestRequest(
        library=library,
        dataset=dataset,
        genres=options.names(genres),
        features=tuple(feature or ()),
        insist=yes,
        split_by=options.choice("--split-by", split_by, *SPLIT_BY),
        test_share=test_share,
        seed=seed,
        clip_s=clip_seconds,
        label_from=options.choice("--label-from", label_from, *LABEL_FROM),
        depth=depth,
        clips_per_song=clips_per_song,
        clips_per_genre=clips_per_genre,
        source=options.choice("--source", source, *SOURCES),
        split_files=tuple(split_file or ()),
        musixmatch=tuple(musixmatch or ()),
        tagtraum=tagtraum,
    )
    with working(jobs=jobs) as context:
        result = run(request, context)
        interrupted = context.monitor.stopped
    if json:
        render.as_json(views.to_json(result))
    else:
        views.show(result)
    if interrupted:
        render.note("interrupted; the same command goes on from there")
        raise typer.Exit(ExitCode.INTERRUPTED)
    finish(result, dataset)


def finish(result: IngestResult, dataset: str) -> None:
    """Say what to run next; the exit code tells whether files failed."""
    network = result.settings.origin.network
    render.next_step(
        "groove train"
        + (f" --model {network}" if network else "")
        + (f" --dataset {dataset}" if dataset != "default" else "")
    )
    if result.n_failed:
        raise typer.Exit(ExitCode.PARTIAL)
