"""`groove compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.cli.views import compare as views
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    pass


def compare(
    models: Annotated[
        str, typer.Option("--models", "-m", help="Networks to compare, such as time-cnn,dense; or all.")
    ] = "all",
    protocol: Annotated[
        str,
        typer.Option(
            help="dataset: the dataset's split. paper: also each paper's own, with its published figure."
        ),
    ] = "dataset",
    genres: Annotated[str | None, typer.Option(help="Only these genres of the dataset.")] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="The most that a network gets. [default: its paper's]")
    ] = None,
    subset: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="The most windows an epoch sees. [default: its paper's]"),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="Stop each training after N minutes.", metavar="N"),
    ] = None,
    class_weights: Annotated[
        bool, typer.Option("--class-weights/--no-class-weights", help="Let each genre count the same.")
    ] = False,
    precision: Annotated[str, typer.Option(help="auto (bf16 on CUDA), float32 or bf16.")] = "auto",
    word_vectors: Annotated[
        Path | None,
        typer.Option(help="word2vec or GloVe file, for lyrics. [default: learnt from your own lyrics]"),
    ] = None,
    no_lyrics: Annotated[
        bool, typer.Option("--no-lyrics", help="Let networks that read lyrics hear sound alone.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Folder for the figures as JSON, as Markdown and as a page.")
    ] = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
    dataset: options.Dataset = "default",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Train and measure networks on one library and one split. Again: goes on from there."""
    from groovecli.actions.compare import CompareRequest, run
    from groovecli.networks.registry import MODELS
    from groovecli.reports.comparison import to_json, write_report

    request = CompareRequest(
        networks=tuple(MODELS) if models == "all" else options.names(models),
        dataset=dataset,
        genres=options.names(genres),
        epochs=epochs,
        subset=subset,
        minutes=minutes,
        word_vectors=str(word_vectors.absolute()) if word_vectors else None,
        lyrics=not no_lyrics,
        class_weights=class_weights,
        precision=precision,
        by_paper=options.choice("--protocol", protocol, "dataset", "paper") == "paper",
        seed=seed,
    )
    with working(jobs=jobs, device=device, seed=seed) as context:
        compared = run(request, context)
    files = write_report(compared, report) if report else ()
    if json:
        render.as_json(to_json(compared))
    else:
        views.show(compared)
    for path in files:
        render.note(f"wrote {path}")
    if compared.failed:
        raise typer.Exit(ExitCode.PARTIAL)
