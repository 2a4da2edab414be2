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
        Path | None, typer.Option(metavar="DIR", help="Write figures (JSON) and pictures (PNG) there.")
    ] = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Measure a model on the test songs of its dataset."""
    from groovecli import evaluation
    from groovecli.catalog import Catalog
    from groovecli.checkpoints import find_model, load_model
    from groovecli.devices import choose_device
    from groovecli.figures import training_songs
    from groovecli.paths import catalog_file

    stored = find_model(model, with_genres=True)
    loaded = load_model(stored, choose_device(device))
    with Catalog(catalog_file()) as catalog, watched() as monitor:
        measured = evaluation.evaluate(
            catalog,
            loaded,
            dataset=dataset,
            trained_on=training_songs(stored.path),
            seed=seed,
            jobs=jobs,
            monitor=monitor,
        )
    files = evaluation.write_report(measured, report) if report else ()
    if json:
        render.as_json(evaluation.to_json(measured))
    else:
        _show(measured, evaluation.protocol(measured))
    for file in files:
        render.note(f"wrote {file}")
    render.next_step(f"groove classify SONG --model {measured.model}")


def _show(measured: Evaluation, protocol: str) -> None:
    render.answer(f"{measured.model}: {protocol}")
    render.table(
        "figures with 95 % intervals",
        ("", "accuracy", "macro-F1", "n"),
        [
            (label, interval(scored.accuracy), interval(scored.macro_f1), scored.n)
            for label, scored in (("per song", measured.per_song), ("per clip", measured.per_clip))
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
    for line in measured.notes:
        render.note(line)


def interval(figure: Interval) -> str:
    """A figure with its interval, in per cent."""
    return f"{render.percent(figure.value)} ({figure.low:.1%} to {figure.high:.1%})".replace(
        "%", " %"
    ).replace("  ", " ")
