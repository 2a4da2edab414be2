"""`groove evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.commands.leakage import measure
from groovecli.cli.progress import working
from groovecli.cli.views import evaluate as views
from groovecli.messages.options import only_with_honest

if TYPE_CHECKING:
    pass


def evaluate(
    model: Annotated[
        str | None, typer.Argument(help="A model's or a network's name. [default: the latest with genres]")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Measure on this dataset's test songs. [default: the model's own]", envvar="GROOVE_DATASET"
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write figures, pictures and a page with them there.")
    ] = None,
    honest: Annotated[
        bool,
        typer.Option(
            "--honest",
            help="Train the model's recipe anew under three splits, by clip, song and artist, and list"
            " recordings that are there twice.",
        ),
    ] = False,
    network: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", metavar="NETWORK", help="With --honest: this network's own recipe instead."
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="With --honest: stop each training after N minutes.", metavar="N"),
    ] = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Measure a model on the test songs of its dataset: genres, neighbours, reconstructions."""
    from groovecli.actions.evaluate import EvaluateRequest, run
    from groovecli.actions.leakage import LeakageRequest
    from groovecli.reports import tables
    from groovecli.reports.evaluation import write_evaluation

    if honest:
        request = LeakageRequest(model, network, dataset, minutes)
        measure(request, report, seed, device=device, jobs=jobs, json=json)
        return
    if network is not None or minutes is not None:
        option = "--minutes" if network is None else "--model"
        raise only_with_honest(option)
    with working(jobs=jobs, device=device, seed=seed) as context:
        evaluated = run(EvaluateRequest(model, dataset), context)
    files = write_evaluation(report, evaluated) if report else ()
    if json:
        render.as_json(tables.to_json(evaluated))
    else:
        views.show(evaluated, has_report=bool(report))
    for file in files:
        render.note(f"wrote {file}")
    render.next_step(f"groove {views.follow_up(evaluated)}")
