"""`groove leakage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, outputs, render
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
    plot: outputs.Plot = None,
    figures: outputs.Figures = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    json: options.Json = False,
) -> None:
    """Check whether an accuracy is real, and find duplicates.

    groove trains one network three times: split by clip, song and artist.
    """
    from groovecli.actions.leakage import LeakageRequest

    request = LeakageRequest(options.one_model(model, named), network, dataset, minutes)
    machine = options.machine(jobs, file_timeout, max_memory, device)
    measure(request, outputs.Outputs(report, plot, figures), seed, json=json, **machine)


def measure(
    request: LeakageRequest, asked: outputs.Outputs, seed: int, *, json: bool, **machine: Any
) -> None:
    """Train and measure under each split, and print what it gave."""
    from groovecli.actions.leakage import run
    from groovecli.cli.views import leakage as views
    from groovecli.reports.leakage import to_json
    from groovecli.reports.leakage_page import figures, write_report

    asked.check("leakage")
    with working(seed=seed, **machine) as context:
        measured = run(request, context)
    command = outputs.command_line()
    files = asked.write(
        lambda folder: write_report(measured, folder, command=command), lambda: figures(measured)
    )
    if json:
        render.as_json(to_json(measured))
    else:
        views.show(measured)
    render.rejected("can't be compared", measured.replicas.unread)
    for file in files:
        render.note(f"wrote {file}")
    render.next_step(f"groove {views.follow_up(measured, request.model)}")
    if measured.replicas.unread or measured.reach.all:
        raise typer.Exit(ExitCode.PARTIAL)
