"""`groove leakage`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    from groovecli.actions.leakage import LeakageRequest


def leakage(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL",
            help="Model whose recipe is trained again.",
            show_default="yours, else time-cnn's recipe",
        ),
    ] = None,
    named: options.ModelOption = None,
    network: Annotated[
        str | None,
        typer.Option("--network", metavar="NAME", help="Use this network with its own settings instead."),
    ] = None,
    minutes: options.Minutes = None,
    dataset: options.OtherDataset = None,
    report: options.Report = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Check whether an accuracy is real, and find duplicates.

    groove trains one network three times: split by clip, song and artist.
    """
    from groovecli.actions.leakage import LeakageRequest

    request = LeakageRequest(options.one_model(model, named), network, dataset, minutes)
    measure(request, report, seed, device=device, jobs=jobs, json=json)


def measure(
    request: LeakageRequest, report: Path | None, seed: int, *, device: str, jobs: int, json: bool
) -> None:
    """Train and measure under each split, and print what it gave."""
    from groovecli.actions.leakage import run
    from groovecli.cli.views import leakage as views
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
    render.next_step(f"groove {views.follow_up(measured, request.model)}")
    if measured.replicas.unread:
        raise typer.Exit(ExitCode.PARTIAL)
