"""`groove classify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.cli.views import classify as views
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    pass


def classify(
    paths: Annotated[list[Path], typer.Argument(help="Songs, or folders of songs.")],
    model: options.Model = None,
    top: Annotated[int, typer.Option(min=1, help="How many genres to show.")] = 3,
    clips: Annotated[int, typer.Option(min=1, help="Places in a song that are heard.")] = 3,
    min_confidence: Annotated[
        float,
        typer.Option(
            metavar="P",
            help="From 0 to 1: call a song unknown whose best genre is less probable than that.",
        ),
    ] = 0.0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Name the genre of songs. Needs no training: a model is shipped."""
    from groovecli.actions.classify import ClassifyRequest, run

    request = ClassifyRequest(paths, model, clips, min_confidence)
    with working(jobs=jobs, device=device) as context:
        classified = run(request, context)
        interrupted = context.monitor.stopped
    if json:
        views.show_json(classified, top)
    else:
        views.show(classified, top)
    views.note_unknown(classified)
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if classified.failed:
        raise typer.Exit(ExitCode.PARTIAL if classified.results else ExitCode.FAILED)
