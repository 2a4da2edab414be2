"""`groove evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import watched
from groovecli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from groovecli.evaluation.measure import Evaluation, Level
    from groovecli.evaluation.metrics import Interval


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
        typer.Option(help="With --honest: end each training with the epoch in which they are over."),
    ] = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Measure a model on the test songs of its dataset: genres, neighbours, reconstructions."""
    from groovecli.evaluation import measure as evaluation
    from groovecli.evaluation import neighbours as spaces
    from groovecli.home import catalog_file
    from groovecli.library.catalog import Catalog
    from groovecli.models.devices import choose_device
    from groovecli.models.file import find_model, load_model
    from groovecli.reports import evaluation as reports
    from groovecli.reports import tables
    from groovecli.training.record import training_songs

    if honest:
        _honest(model, network, dataset, report, minutes, seed, device=device, jobs=jobs, json=json)
        return
    if network is not None or minutes is not None:
        option = "--minutes" if network is None else "--model"
        raise UsageError(f"{option} has no use here", "use it with --honest")
    stored = find_model(model, with_genres=model is None)
    loaded = load_model(stored, choose_device(device))
    genres = loaded.description.genres
    files: tuple[Path, ...] = ()
    with Catalog(catalog_file()) as catalog, watched() as monitor:
        measured = evaluation.measure(
            catalog,
            loaded,
            dataset=dataset,
            of_genres=genres,
            trained_on=training_songs(stored.path),
            jobs=jobs,
            monitor=monitor,
        )
        found = evaluation.scored(loaded, measured, seed=seed) if genres else None
        space = spaces.space(catalog, loaded, measured, seed=seed)
        if report:
            history = reports.history_of(stored.path)
            files = reports.write_evaluation(
                report, catalog, loaded, measured, found, space, history=history, seed=seed
            )
    name = loaded.description.name
    if json:
        render.as_json(tables.to_json(loaded, measured, found, space, seed=seed))
    else:
        render.answer(f"{name}: {tables.protocol(measured, found)}")
        if found:
            _show(found)
        for what, figure in tables.space_figures(space).items():
            render.answer(f"{what}: {figure}")
        for line in measured.notes:
            render.note(line)
    for file in files:
        render.note(f"wrote {file}")
    follow_up = "classify SONG" if genres else "cluster LIBRARY --out playlists"
    render.next_step(f"groove {follow_up} --model {name}")


def _honest(
    model: str | None,
    network: str | None,
    dataset: str | None,
    report: Path | None,
    minutes: float | None,
    seed: int,
    *,
    device: str,
    jobs: int,
    json: bool,
) -> None:
    from dataclasses import replace

    from groovecli.actions.honest import honest, recipe_of
    from groovecli.home import catalog_file
    from groovecli.library.catalog import Catalog
    from groovecli.models.file import find_model
    from groovecli.reports import honesty as honesty_report
    from groovecli.training.data import TrainRequest

    if model is not None and network is not None:
        raise UsageError(f"both {model} and --model {network} are given", "choose one of them")
    if network is not None:
        recipe = TrainRequest(network=network, dataset=dataset or "default")
    else:
        recipe = recipe_of(find_model(model, with_genres=True).description, dataset)
    recipe = replace(recipe, minutes=minutes, seed=seed)
    with Catalog(catalog_file()) as catalog, watched() as monitor:
        found = honest(catalog, recipe, device=device, jobs=jobs, monitor=monitor)
    files = honesty_report.write_report(found, report) if report else ()
    if json:
        render.as_json(honesty_report.to_json(found))
    else:
        for table, left in zip(honesty_report.tables(found), (1, 2), strict=True):
            if table.rows:
                render.table(table.title, table.columns, table.rows, left=left)
        for line in honesty_report.lines(found):
            render.answer(line)
        for line in found.notes:
            render.note(line)
    render.rejected("can't be compared", found.replicas.unread)
    for file in files:
        render.note(f"wrote {file}")
    if found.replicas.unread:
        raise typer.Exit(ExitCode.PARTIAL)


def _show(measured: Evaluation) -> None:
    from groovecli.reports.tables import of_confidence, of_scores, song_figures

    scores, confidence = of_scores(measured), of_confidence(measured)
    render.table("figures with 95 % intervals", scores.columns, scores.rows)
    if measured.parents:
        _show_genres(measured.parents, "parents of sub-genres")
        _show_genres(measured, "sub-genres", heads=[g.rpartition("/")[2] for g in measured.genres])
    else:
        _show_genres(measured, "genres")
    render.table("what a least confidence would do to these songs", confidence.columns, confidence.rows)
    for what, figure in song_figures(measured).items():
        render.answer(f"{what}: {figure}")


def _show_genres(level: Evaluation | Level, what: str, heads: Sequence[str] = ()) -> None:
    render.table(
        f"{what}, per song",
        ("genre", "precision", "recall", "F1", "support"),
        [
            (genre, render.percent(s.precision), render.percent(s.recall), render.percent(s.f1), s.support)
            for genre, s in level.per_genre.items()
        ],
    )
    render.table(
        "confusion: songs by true genre (rows) and guess (columns)",
        ("", *(head[:9] for head in heads or level.genres)),
        [
            (genre, *(int(n) or "·" for n in row))
            for genre, row in zip(level.genres, level.confusion, strict=True)
        ],
    )


def interval(figure: Interval) -> str:
    """A figure with its interval, in per cent."""
    return f"{render.percent(figure.value)} ({figure.low:.1%} to {figure.high:.1%})".replace(
        "%", " %"
    ).replace("  ", " ")
