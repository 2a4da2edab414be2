"""`groove classify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.cli.views import classify as views
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    pass


def classify(
    paths: options.Songs,
    count: Annotated[
        int, typer.Option("--count", "-n", "--top", min=1, help="Genres to show for each song.")
    ] = 3,
    min_confidence: Annotated[
        float,
        typer.Option(metavar="P", help="Answer 'unknown' below this probability (0 to 1)."),
    ] = 0.0,
    places: options.Places = 3,
    exclude: options.Exclude = None,
    model: options.Model = None,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Name the genre of songs."""
    from groovecli.actions.classify import ClassifyRequest, run

    request = ClassifyRequest(paths, model, places, min_confidence, exclude=tuple(exclude or ()))
    with working(jobs=jobs, device=device) as context:
        classified = run(request, context)
        interrupted = context.monitor.stopped
    if json:
        views.show_json(classified, count)
    else:
        views.show(classified, count)
    views.note_unknown(classified)
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if classified.failed:
        raise typer.Exit(ExitCode.PARTIAL if classified.results else ExitCode.FAILED)
