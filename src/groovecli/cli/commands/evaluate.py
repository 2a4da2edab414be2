"""`groove evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import watched

if TYPE_CHECKING:
    from groovecli.evaluation import Evaluation
    from groovecli.training.metrics import Interval


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
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Measure a model on the test songs of its dataset: genres, neighbours, reconstructions."""
    from groovecli import evaluation, reports, spaces
    from groovecli.catalog import Catalog
    from groovecli.checkpoints import find_model, load_model
    from groovecli.devices import choose_device
    from groovecli.figures import training_songs
    from groovecli.paths import catalog_file

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
        render.as_json(reports.to_json(loaded, measured, found, space, seed=seed))
    else:
        render.answer(f"{name}: {reports.protocol(measured, found)}")
        if found:
            _show(found)
        for what, figure in reports.space_figures(space).items():
            render.answer(f"{what}: {figure}")
        for line in measured.notes:
            render.note(line)
    for file in files:
        render.note(f"wrote {file}")
    follow_up = "classify SONG" if genres else "cluster LIBRARY --out playlists"
    render.next_step(f"groove {follow_up} --model {name}")


def _show(measured: Evaluation) -> None:
    render.table(
        "figures with 95 % intervals",
        ("", "accuracy", "macro-F1", "n"),
        [
            (label, interval(scored.accuracy), interval(scored.macro_f1), scored.n)
            for label, scored in (
                ("per song", measured.per_song),
                ("per clip", measured.per_clip),
                ("per window", measured.per_window),
            )
            if scored
        ],
    )
    render.table(
        "genres, per song",
        ("genre", "precision", "recall", "F1", "support"),
        [
            (genre, render.percent(s.precision), render.percent(s.recall), render.percent(s.f1), s.support)
            for genre, s in measured.per_genre.items()
        ],
    )
    render.table(
        "confusion: songs by true genre (rows) and guess (columns)",
        ("", *(genre[:9] for genre in measured.genres)),
        [
            (genre, *(int(n) or "·" for n in row))
            for genre, row in zip(measured.genres, measured.confusion, strict=True)
        ],
    )
    render.answer(f"average precision, the mean over the genres: {measured.average_precision:.2f}")


def interval(figure: Interval) -> str:
    """A figure with its interval, in per cent."""
    return f"{render.percent(figure.value)} ({figure.low:.1%} to {figure.high:.1%})".replace(
        "%", " %"
    ).replace("  ", " ")
