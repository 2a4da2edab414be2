"""`groove evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, outputs, render
from groovecli.cli.commands.leakage import measure
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages.options import only_with_leakage

if TYPE_CHECKING:
    from groovecli.actions.leakage import LeakageRequest


def evaluate(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL",
            help="A trained model, or a network (its latest model).",
            show_default="your choice, else your latest",
        ),
    ] = None,
    named: options.ModelOption = None,
    dataset: options.OtherDataset = None,
    genres: options.Genres = None,
    report: options.Report = None,
    plot: outputs.Plot = None,
    figures: outputs.Figures = None,
    full: Annotated[bool, typer.Option("--full", help="Print every table.")] = False,
    honest: Annotated[bool, typer.Option("--honest", hidden=True)] = False,
    minutes: Annotated[float | None, typer.Option(hidden=True)] = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    json: options.Json = False,
) -> None:
    """Measure how many test songs a model names right."""
    from groovecli.actions.evaluate import EvaluateRequest, run
    from groovecli.cli.views import evaluate as views
    from groovecli.reports import tables
    from groovecli.reports.evaluation import write_evaluation
    from groovecli.reports.figures import of_evaluation

    asked = outputs.Outputs(report, plot, figures)
    machine = options.machine(jobs, file_timeout, max_memory, device)
    if honest:
        request = _as_before(model, named, dataset, minutes)
        measure(request, asked, seed, json=json, **machine)
        return
    if minutes is not None:
        raise only_with_leakage("--minutes")
    of_model = EvaluateRequest(options.one_model(model, named), dataset, options.names(genres))
    asked.check("evaluate")
    with working(**machine, seed=seed, stages=("cut", "evaluate")) as context:
        evaluated = run(of_model, context)
    command = outputs.command_line()
    files = asked.write(
        lambda folder: write_evaluation(folder, evaluated, command=command),
        lambda: of_evaluation(evaluated),
    )
    if json:
        render.as_json(tables.to_json(evaluated))
    else:
        views.show(evaluated, has_report=bool(report), full=full)
    for file in files:
        render.note(f"wrote {file}")
    render.next_step(f"groove {views.follow_up(evaluated, has_report=bool(report))}")
    if evaluated.reach.all:
        raise typer.Exit(ExitCode.PARTIAL)


def _as_before(
    model: str | None, named: str | None, dataset: str | None, minutes: float | None
) -> LeakageRequest:
    """What `evaluate --honest` asked for, whose --model was a network."""
    from groovecli.actions.leakage import LeakageRequest
    from groovecli.networks.registry import NETWORKS

    if named in NETWORKS:
        return LeakageRequest(model, named, dataset, minutes)
    return LeakageRequest(options.one_model(model, named), None, dataset, minutes)
