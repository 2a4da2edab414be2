"""`groove compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from groovecli.cli import options, outputs, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def compare(
    network: Annotated[
        list[str] | None,
        typer.Option(
            "--network",
            "--models",
            "-m",
            metavar="NAME,...",
            help="Networks to compare, such as time-cnn,dense.",
            show_default="all",
        ),
    ] = None,
    minutes: options.Minutes = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs at most.", show_default="each network's own")
    ] = None,
    subset: Annotated[
        int | None,
        typer.Option(min=1, help="Pieces (windows) per epoch at most.", show_default="each network's own"),
    ] = None,
    report: options.Report = None,
    plot: outputs.Plot = None,
    figures: outputs.Figures = None,
    dataset: options.Dataset = "default",
    genres: Annotated[
        list[str] | None,
        typer.Option(metavar="GENRE,...", help="Only these genres of the dataset.", rich_help_panel="Data"),
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Split: dataset, or paper for each paper's split too.",
            rich_help_panel="Data",
        ),
    ] = "dataset",
    class_weights: Annotated[
        bool,
        typer.Option(
            "--class-weights/--no-class-weights",
            help="Let each genre count the same.",
            rich_help_panel="Data",
        ),
    ] = False,
    word_vectors: options.WordVectors = None,
    no_lyrics: options.NoLyrics = False,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    precision: options.Precision = "auto",
    json: options.Json = False,
) -> None:
    """Find the best network for your library.

    Run it again to go on; finished networks are skipped.
    """
    from groovecli.actions.compare import CompareRequest, run
    from groovecli.cli.views import compare as views
    from groovecli.networks.registry import MODELS
    from groovecli.reports.comparison import to_json
    from groovecli.reports.comparison_page import figures as charts
    from groovecli.reports.comparison_page import write_report

    chosen = options.names(network)
    request = CompareRequest(
        networks=tuple(MODELS) if chosen in ((), ("all",)) else chosen,
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
    asked = outputs.Outputs(report, plot, figures)
    asked.check("compare")
    machine = options.machine(jobs, file_timeout, max_memory, device)
    with working(**machine, seed=seed) as context:
        compared = run(request, context)
    command = outputs.command_line()
    files = asked.write(
        lambda folder: write_report(compared, folder, command=command), lambda: charts(compared)
    )
    if json:
        render.as_json(to_json(compared))
    else:
        views.show(compared)
    for path in files:
        render.note(f"wrote {path}")
    if step := views.follow_up(compared):
        render.next_step(f"groove {step}")
    if compared.failed or compared.reach.all:
        raise typer.Exit(ExitCode.PARTIAL)
