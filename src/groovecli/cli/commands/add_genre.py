"""`groove add-genre`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, render
from groovecli.cli.commands import ingest as ingest_command
from groovecli.cli.commands import train as train_command
from groovecli.cli.commands.evaluate import interval
from groovecli.cli.progress import watched
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    from groovecli.extension import Extended
    from groovecli.ingest import IngestResult


def add_genre(
    name: Annotated[str, typer.Argument(help="Name of the genre.")],
    folder: Annotated[Path, typer.Argument(help="Folder of its songs.")],
    train: Annotated[bool, typer.Option("--train", help="Also teach the current model the genre.")] = False,
    model: options.Model = None,
    epochs: Annotated[int, typer.Option(min=1, help="Epochs of --train.")] = 20,
    feature: ingest_command.Features = None,
    dataset: options.Dataset = "default",
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Add a genre beside those of a dataset, whose files stay as they are."""
    from groovecli.catalog import Catalog
    from groovecli.ingest import ingest as ingest_songs
    from groovecli.libraries import IngestRequest
    from groovecli.paths import catalog_file

    with Catalog(catalog_file()) as catalog, watched() as monitor:
        catalog.existing_dataset(dataset)
        request = IngestRequest(folder, dataset, features=tuple(feature or ["mel-323"]), genre=name)
        added = ingest_songs(catalog, request, jobs=jobs, monitor=monitor)
        extended = None
        if train and not monitor.stopped:
            from groovecli.extension import extend

            extended = extend(
                catalog,
                name,
                dataset=dataset,
                model=model,
                epochs=epochs,
                device=device,
                jobs=jobs,
                monitor=monitor,
            )
        interrupted = monitor.stopped
    if json:
        render.as_json(_to_json(added, extended))
    else:
        ingest_command.show(added)
        if extended:
            _show(extended)
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    _finish(added, extended, dataset)


def _finish(added: IngestResult, extended: Extended | None, dataset: str) -> None:
    if extended:
        render.next_step(f"groove classify SONG --model {extended.training.description.name}")
    else:
        flag = f" --dataset {dataset}" if dataset != "default" else ""
        render.next_step(f"groove train{flag}")
    if added.n_failed:
        raise typer.Exit(ExitCode.PARTIAL)


def _to_json(added: IngestResult, extended: Extended | None) -> dict[str, Any]:
    from groovecli.evaluation import to_json as evaluation_json

    result: dict[str, Any] = {"schema": 1, "ingest": ingest_command.to_json(added), "training": None}
    if extended:
        result["training"] = {
            **train_command.to_json(extended.training),
            "base": extended.base,
            "before": evaluation_json(extended.before),
            "after": evaluation_json(extended.after),
            "new_recall": extended.new_recall,
        }
    return result


def _show(extended: Extended) -> None:
    train_command.show(extended.training)
    render.table(
        f"accuracy per song on the {extended.before.n_songs} test songs of the old genres",
        ("", "accuracy", "macro-F1"),
        [
            (
                "before",
                interval(extended.before.per_song.accuracy),
                interval(extended.before.per_song.macro_f1),
            ),
            (
                "after",
                interval(extended.after.per_song.accuracy),
                interval(extended.after.per_song.macro_f1),
            ),
        ],
    )
    render.answer(f"the new genre's test songs: {render.percent(extended.new_recall)} known")
