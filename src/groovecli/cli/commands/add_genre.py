"""`groove add-genre`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, render
from groovecli.cli.commands import train as train_command
from groovecli.cli.commands.ingest import Features, show, to_json
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.add_genre.extend import Extended
    from groovecli.actions.add_genre.run import GenreAdded
    from groovecli.actions.add_genre.teach import Taught


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
    feature: Features = None,
    dataset: options.Dataset = "default",
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Add a genre to a dataset, to a model, or to both. Nothing that was there is lost."""
    from groovecli.actions.add_genre.run import AddGenreRequest, run

    request = AddGenreRequest(
        name,
        folder,
        train,
        model,
        max_forgetting=None if force else max_forgetting,
        epochs=epochs,
        features=tuple(feature or ["mel-323"]),
        dataset=dataset,
    )
    with working(jobs=jobs, device=device) as context:
        done = run(request, context)
    if json:
        render.as_json(_to_json(done))
    else:
        _show(done)
    if done.interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    _finish(done, dataset)


def _show(done: GenreAdded) -> None:
    if done.ingested:
        show(done.ingested)
    if done.extended:
        _show_extended(done.extended)
    if done.taught:
        _show_taught(done.taught)
        if not done.ingested:
            render.passed_over(done.taught.passed_over)


def _finish(done: GenreAdded, dataset: str) -> None:
    if done.is_missing:
        render.note(f"no song could be added: dataset {dataset} has no such genre")
    elif done.known_by:
        render.next_step(f"groove classify SONG --model {done.known_by}")
    else:
        flag = f" --dataset {dataset}" if dataset != "default" else ""
        render.next_step(f"groove train{flag}")
    n_failed = (done.ingested.n_failed if done.ingested else 0) + len(
        done.taught.failed if done.taught else ()
    )
    if done.is_missing or n_failed:
        raise typer.Exit(ExitCode.PARTIAL)


def _to_json(done: GenreAdded) -> dict[str, Any]:
    from groovecli.evaluation.figures import to_json as evaluation_json

    extended, taught = done.extended, done.taught
    ingested = to_json(done.ingested) if done.ingested else None
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
            "left_out": render.paths_json(taught.left_out),
            "passed_over": taught.passed_over.to_json(),
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


def _show_extended(extended: Extended) -> None:
    train_command.show(extended.training)
    render.table(
        f"accuracy per song on the {extended.before.n_songs} test songs of the old genres",
        ("", "accuracy", "macro-F1"),
        [
            (
                "before",
                words.with_interval(extended.before.per_song.accuracy),
                words.with_interval(extended.before.per_song.macro_f1),
            ),
            (
                "after",
                words.with_interval(extended.after.per_song.accuracy),
                words.with_interval(extended.after.per_song.macro_f1),
            ),
        ],
    )
    known = _share_known(extended.new_recall, extended.n_new)
    render.answer(f"the new genre's {words.count(extended.n_new, 'test song')}: {known}")


def _show_taught(taught: Taught) -> None:
    render.answer(
        f"{taught.description.name}: {taught.base} with {taught.description.genres[-1]},"
        f" from {words.count(taught.n_new, 'song')}"
    )
    render.answer(
        f"of the {taught.n_old} songs of the genres before, by artists held out:"
        f" {words.percent(taught.before)} right before, {words.percent(taught.after)} after"
    )
    known = _share_known(taught.new_recall, taught.n_new)
    render.answer(f"of the new genre's songs, held out likewise: {known}")
    render.rejected("left out", taught.left_out)
    render.rejected("failed", taught.failed)


def _share_known(recall: float, n_songs: int) -> str:
    """How many of a new genre's songs are known; of too few songs it is not said."""
    from groovecli.evaluation.enough import FEWEST_OF_A_GENRE

    if n_songs < FEWEST_OF_A_GENRE:
        return f"{words.NONE} known (fewer than {FEWEST_OF_A_GENRE} songs tell nothing)"
    return f"{words.percent(recall)} known"
