"""`groove leakage`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.cli.views import leakage as views
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    from groovecli.actions.leakage import LeakageRequest


def leakage(
    model: Annotated[
        str | None, typer.Argument(help="A model's or a network's name. [default: the latest with genres]")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option("--network", metavar="NETWORK", help="Take this network's own recipe instead."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Stop each training after N minutes.", metavar="N")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="Split this dataset. [default: the model's own]", envvar="GROOVE_DATASET"),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write figures, pictures and a page with them there.")
    ] = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Check whether an accuracy is real: split by clip, song, artist."""
    from groovecli.actions.leakage import LeakageRequest

    request = LeakageRequest(model, network, dataset, minutes)
    measure(request, report, seed, device=device, jobs=jobs, json=json)


def measure(
    request: LeakageRequest, report: Path | None, seed: int, *, device: str, jobs: int, json: bool
) -> None:
    """Train and measure under each split, and print what it gave."""
    from groovecli.actions.leakage import run
    from groovecli.reports.leakage import to_json, write_report

    with working(jobs=jobs, device=device, seed=seed) as context:
        measured = run(request, context)
    files = write_report(measured, report) if report else ()
    if json:
        render.as_json(to_json(measured))
    else:
        views.show(measured)
    render.rejected("can't be compared", measured.replicas.unread)
    for file in files:
        render.note(f"wrote {file}")
    if measured.replicas.unread:
        raise typer.Exit(ExitCode.PARTIAL)
