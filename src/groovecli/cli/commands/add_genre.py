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
    from groovecli.actions.add_genre.extend import Extended
    from groovecli.actions.add_genre.teach import Taught
    from groovecli.actions.ingest import IngestResult


def add_genre(
    name: Annotated[str, typer.Argument(help="Name of the genre.")],
    folder: Annotated[Path, typer.Argument(help="Folder of its songs.")],
    train: Annotated[bool, typer.Option("--train", help="Also teach a model the genre.")] = False,
    model: options.Model = None,
    max_forgetting: Annotated[
        float,
        typer.Option(min=0, max=1, help="Refuse to --train if more of the old genres' accuracy is lost."),
    ] = 0.02,
    force: Annotated[bool, typer.Option("--force", help="--train whatever is lost.")] = False,
    epochs: Annotated[
        int, typer.Option(min=1, help="Epochs, for a model that keeps no songs in mind.")
    ] = 20,
    feature: ingest_command.Features = None,
    dataset: options.Dataset = "default",
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Add a genre to a dataset, to a model, or to both. Nothing that was there is lost."""
    from groovecli.actions.add_genre.teach import memory_of, teach
    from groovecli.actions.ingest import ingest as ingest_songs
    from groovecli.datasets.intake import IngestRequest
    from groovecli.home import catalog_file, free_model_name, models_folder
    from groovecli.library.catalog import Catalog
    from groovecli.models.devices import use_threads
    from groovecli.models.file import find_model

    stored = find_model(model, with_genres=True) if train else None
    remembers = stored is not None and memory_of(stored) is not None
    added = extended = taught = None
    with Catalog(catalog_file()) as catalog, watched() as monitor:
        if not remembers or catalog.dataset(dataset):
            catalog.existing_dataset(dataset)
            request = IngestRequest(folder, dataset, features=tuple(feature or ["mel-323"]), genre=name)
            added = ingest_songs(catalog, request, jobs=jobs, monitor=monitor)
        if stored and remembers and not monitor.stopped:
            use_threads(1)  # each: songs go through side by side
            taught = teach(
                stored,
                name,
                folder,
                models_folder() / free_model_name("transfer"),
                max_forgetting=max_forgetting,
                force=force,
                device=device,
                jobs=jobs,
                monitor=monitor,
            )
        elif stored and not monitor.stopped:
            from groovecli.actions.add_genre.extend import extend

            extended = extend(
                catalog,
                name,
                dataset=dataset,
                model=model,
                epochs=epochs,
                max_forgetting=None if force else max_forgetting,
                device=device,
                jobs=jobs,
                monitor=monitor,
            )
        interrupted = monitor.stopped
    if json:
        render.as_json(_to_json(added, extended, taught))
    else:
        if added:
            ingest_command.show(added)
        if extended:
            _show(extended)
        if taught:
            _show_taught(taught)
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    known_by = (
        extended.training.description.name if extended else taught.description.name if taught else None
    )
    _finish(added, known_by, dataset)


def _finish(added: IngestResult | None, known_by: str | None, dataset: str) -> None:
    if known_by:
        render.next_step(f"groove classify SONG --model {known_by}")
    else:
        flag = f" --dataset {dataset}" if dataset != "default" else ""
        render.next_step(f"groove train{flag}")
    if added and added.n_failed:
        raise typer.Exit(ExitCode.PARTIAL)


def _to_json(
    added: IngestResult | None, extended: Extended | None, taught: Taught | None
) -> dict[str, Any]:
    from groovecli.evaluation.measure import to_json as evaluation_json

    ingested = ingest_command.to_json(added) if added else None
    result: dict[str, Any] = {"schema": 1, "ingest": ingested, "training": None, "taught": None}
    if taught:
        result["taught"] = {
            "model": taught.description.name,
            "base": taught.base,
            "before": taught.before,
            "after": taught.after,
            "new_recall": taught.new_recall,
            "n_old": taught.n_old,
            "n_new": taught.n_new,
            "failed": render.paths_json(taught.failed),
        }
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


def _show_taught(taught: Taught) -> None:
    render.answer(
        f"{taught.description.name}: {taught.base} with {taught.description.genres[-1]},"
        f" from {render.count(taught.n_new, 'song')}"
    )
    render.answer(
        f"of the {taught.n_old} songs of the genres before, by artists held out:"
        f" {render.percent(taught.before)} right before, {render.percent(taught.after)} after"
    )
    render.answer(f"of the new genre's songs, held out likewise: {render.percent(taught.new_recall)} known")
    render.rejected("failed", taught.failed)
