"""`groove evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages import words
from groovecli.messages.options import only_with_honest

if TYPE_CHECKING:
    from groovecli.actions.honest import HonestRequest
    from groovecli.evaluation.figures import Evaluation, Level
    from groovecli.evaluation.misjudged import Misjudged
    from groovecli.evaluation.results import Evaluated

_LISTED = 5


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
    from groovecli.actions.honest import HonestRequest
    from groovecli.reports import tables
    from groovecli.reports.evaluation import write_evaluation

    if honest:
        request = HonestRequest(model, network, dataset, minutes)
        _honest(request, report, seed, device=device, jobs=jobs, json=json)
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
        _show(evaluated, has_report=bool(report))
    for file in files:
        render.note(f"wrote {file}")
    render.next_step(f"groove {_follow_up(evaluated)}")


def _follow_up(evaluated: Evaluated) -> str:
    """What a model that was measured can do."""
    about = evaluated.model.description
    if not about.hears_sound:
        return f"compare --models dense,seq-cnn,seq-lstm --dataset {evaluated.measured.dataset.name}"
    what = "classify SONG" if evaluated.evaluation else "cluster LIBRARY --out playlists"
    return f"{what} --model {about.name}"


def _show(evaluated: Evaluated, *, has_report: bool) -> None:
    from groovecli.reports import tables

    render.answer(
        f"{evaluated.model.description.name}: {tables.protocol(evaluated.measured, evaluated.evaluation)}"
    )
    if evaluated.evaluation:
        _show_scores(evaluated.evaluation)
    for what, figure in tables.space_figures(evaluated.space).items():
        render.answer(f"{what}: {figure}")
    _say(tables.figures_note(evaluated.space, evaluated.evaluation))
    if evaluated.misjudged:
        _show_misjudged(evaluated.misjudged, has_report=has_report)
    for line in evaluated.measured.notes:
        render.note(line)


def _say(note: str) -> None:
    """Print what the dashes above mean, if there are any."""
    if note:
        render.answer(note)


def _show_misjudged(songs: Sequence[Misjudged], *, has_report: bool) -> None:
    """The surest mistakes, and where the others are."""
    n_listed = min(len(songs), _LISTED)
    render.answer(f"misjudged: {words.count(len(songs), 'song')}, the surest mistakes first:")
    for song in songs[:n_listed]:
        guess = f"{song.genre}, guess {song.guess} ({words.percent(song.confidence)})"
        render.answer(f"  {song.name}: {guess}")
    if len(songs) > n_listed and not has_report:
        n_more = len(songs) - n_listed
        render.note(f"and {n_more} more; --report DIR lists them all with a player each, --json without")


def _honest(
    request: HonestRequest, report: Path | None, seed: int, *, device: str, jobs: int, json: bool
) -> None:
    from groovecli.actions.honest import run
    from groovecli.reports.honesty import lines, tables, to_json, write_report

    with working(jobs=jobs, device=device, seed=seed) as context:
        honesty = run(request, context)
    files = write_report(honesty, report) if report else ()
    if json:
        render.as_json(to_json(honesty))
    else:
        for table, left in zip(tables(honesty), (1, 2), strict=True):
            if table.rows:
                render.table(table.title, table.columns, table.rows, left=left)
        for line in lines(honesty):
            render.answer(line)
        for line in honesty.notes:
            render.note(line)
    render.rejected("can't be compared", honesty.replicas.unread)
    for file in files:
        render.note(f"wrote {file}")
    if honesty.replicas.unread:
        raise typer.Exit(ExitCode.PARTIAL)


def _show_scores(measured: Evaluation) -> None:
    from groovecli.reports.tables import of_confidence, of_scores, song_figures

    scores, confidence = of_scores(measured), of_confidence(measured)
    render.table("figures with 95 % intervals", scores.columns, scores.rows)
    if measured.parents:
        _show_genres(measured.parents, "parents of sub-genres")
        _show_genres(measured, "sub-genres", heads=[g.rpartition("/")[2] for g in measured.genres])
    else:
        _show_genres(measured, "genres")
    render.table("what a least confidence would do to these songs", confidence.columns, confidence.rows)
    _say(confidence.note)
    for what, figure in song_figures(measured).items():
        render.answer(f"{what}: {figure}")


def _show_genres(level: Evaluation | Level, what: str, heads: Sequence[str] = ()) -> None:
    from groovecli.reports.tables import genre_note, genre_rows

    columns = ("genre", "precision", "recall", "F1", "support")
    render.table(f"{what}, per song", columns, list(genre_rows(level)))
    _say(genre_note(level))
    render.table(
        "confusion: songs by true genre (rows) and guess (columns)",
        ("", *(head[:9] for head in heads or level.genres)),
        [
            (genre, *(int(n) or "·" for n in row))
            for genre, row in zip(level.genres, level.confusion, strict=True)
        ],
    )
