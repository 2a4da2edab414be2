"""`groove add-genre`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.commands.ingest import Features
from groovecli.cli.progress import prepare_worker, say_stopped, working
from groovecli.errors import ExitCode
from groovecli.messages.words import GO_ON, STARTS_AGAIN

if TYPE_CHECKING:
    from groovecli.actions.add_genre.run import GenreAdded


def add_genre(
    name: Annotated[str, typer.Argument(metavar="GENRE", help="Name of the genre.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new genre's songs.")],
    train: Annotated[bool, typer.Option("--train", help="Also teach a model the genre.")] = False,
    model: options.Model = None,
    max_forgetting: Annotated[
        float,
        typer.Option(min=0, max=1, help="Loss allowed for other genres; 0.02 is two points."),
    ] = 0.02,
    force: Annotated[
        bool, typer.Option("--force", help="Save the model even if other genres got worse.")
    ] = False,
    epochs: Annotated[
        int, typer.Option(min=1, help="Passes over the songs, for a network from scratch.")
    ] = 20,
    exclude: options.Exclude = None,
    dry_run: options.DryRun = False,
    dataset: options.Dataset = "default",
    feature: Features = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    json: options.Json = False,
) -> None:
    """Add a genre to a dataset, to a model, or to both."""
    prepare_worker()
    from groovecli.actions.add_genre.run import AddGenreRequest, run
    from groovecli.cli.views import add_genre as views

    request = AddGenreRequest(
        name,
        folder,
        train,
        model,
        max_forgetting=None if force else max_forgetting,
        epochs=epochs,
        features=options.names(feature) or ("mel-323",),
        dataset=dataset,
        exclude=tuple(exclude or ()),
        dry_run=dry_run,
    )
    machine = options.machine(jobs, file_timeout, max_memory, device)
    with working(**machine, seed=seed) as context:
        done = run(request, context)
        monitor = context.monitor
    if json:
        render.as_json(views.to_json(done))
    else:
        views.show(done)
    if done.interrupted:
        say_stopped(monitor, STARTS_AGAIN if dry_run else GO_ON)
        raise typer.Exit(ExitCode.INTERRUPTED)
    _finish(done, dataset)


def _finish(done: GenreAdded, dataset: str) -> None:
    if done.would:
        if done.would.why_not or any(item.reason.is_fault for item in done.would.left_out):
            raise typer.Exit(ExitCode.PARTIAL)
        return
    if done.is_missing:
        render.warning(f"no song could be added: dataset {dataset} has no such genre")
    elif done.known_by:
        render.hint(f"`groove models use {done.known_by}` lets groove classify use it from now on")
        render.next_step(f"groove classify SONG --model {done.known_by}")
    else:
        flag = f" --dataset {dataset}" if dataset != "default" else ""
        render.next_step(f"groove train{flag}")
    n_failed = (done.ingested.n_failed if done.ingested else 0) + len(
        done.taught.failed if done.taught else ()
    )
    if done.extended:
        n_failed += len(done.extended.training.reach.all)
    if done.is_missing or n_failed:
        raise typer.Exit(ExitCode.PARTIAL)
