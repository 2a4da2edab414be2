"""A recipe's figures under several splits as tables, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from groovecli.evaluation.figures import to_json as evaluation_json
from groovecli.evaluation.metrics import Interval
from groovecli.evaluation.results import Gap, Leakage, SplitRow, across, recipe_json
from groovecli.files import write_json
from groovecli.library.copies import Replica
from groovecli.messages import words
from groovecli.messages.words import count, interval, leaky, percent
from groovecli.paths import StrPath, as_path
from groovecli.reports.page import Page, Picture, Table, write_page
from groovecli.reports.plots.scores import Mark, plot_intervals

_FIGURES = "leakage.json"
_FLATTERED = " How far a row lies to the right of the last one is what its split flatters."


def tables(leakage: Leakage) -> tuple[Table, Table]:
    """The figures a split a row, and the recordings that are there twice."""
    return _splits_table(leakage), _replicas_table(leakage)


def _splits_table(leakage: Leakage) -> Table:
    title = (
        f"{leakage.request.network} on dataset {leakage.dataset.name}, trained under each split, seed"
        f" {leakage.request.seed}; 95 % intervals by bootstrap over songs"
    )
    columns = [
        "split",
        "songs right",
        "clips right",
        "macro-F1, songs",
        "test songs",
        "epochs",
        "replicas across",
    ]
    rows = []
    for row in leakage.rows:
        evaluation = row.figures.evaluation
        assert evaluation is not None
        name = f"by {row.split_by}{leaky(row.figures.leaky)}"
        figures = [
            _figure(evaluation.per_song.accuracy),
            _figure(evaluation.per_clip.accuracy),
            _figure(evaluation.per_song.macro_f1),
        ]
        if evaluation.parents:
            figures.append(_figure(evaluation.parents.per_song.accuracy))
        epochs = f"{row.figures.epochs} (best {row.figures.best_epoch})"
        n_across = sum(across(row.sides, pair) for pair in leakage.replicas.pairs)
        rows.append((name, *figures, str(row.figures.n_songs), epochs, str(n_across)))
    if rows and len(rows[0]) > len(columns):
        columns.insert(4, "parents right, songs")
    return Table(title, tuple(columns), tuple(rows))


def _replicas_table(leakage: Leakage) -> Table:
    title = "one recording twice: how alike (0 is chance), and the side of each file under each split"
    splits = _all_sides(leakage)
    columns = ("file", "the other", "alike", "later by", *splits)
    rows = tuple(
        (
            str(pair.first.path),
            str(pair.second.path),
            percent(pair.likeness, 0),
            f"{pair.offset_s:+.2f} s",
            *(_both(sides, pair) for sides in splits.values()),
        )
        for pair in leakage.replicas.pairs
    )
    return Table(title, columns, rows, in_words=True)


def _all_sides(leakage: Leakage) -> dict[str, Mapping[str, str]]:
    """Sides by track id: of the dataset's own split, and of those drawn."""
    own = f"own (by {leakage.dataset.split_by})"
    return {own: leakage.own_sides, **{f"by {row.split_by}": row.sides for row in leakage.rows}}


def _both(sides: Mapping[str, str], pair: Replica) -> str:
    first, second = (sides.get(track.id, "left out") for track in (pair.first, pair.second))
    return first if first == second else f"{first} / {second}"


def lines(leakage: Leakage) -> Iterator[str]:
    """What the figures say, in words."""
    for gap in leakage.gaps:
        yield _in_words(gap)
    pairs = leakage.replicas.pairs
    text = f"one recording twice: {count(len(pairs), 'pair')} among {leakage.replicas.n_songs} songs"
    if pairs:
        counts = (
            f"{sum(across(sides, pair) for pair in pairs)} {name}"
            for name, sides in _all_sides(leakage).items()
        )
        text += f"; in training and in test: {', '.join(counts)}"
    yield text


def _figure(figure: Interval) -> str:
    return f"{percent(figure.value)} ({interval(figure)})"


def _in_words(gap: Gap) -> str:
    difference = words.points_with_interval(gap)
    return f"split by {gap.split_by} instead of by {gap.than}: {difference} of songs right"


def to_json(leakage: Leakage) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""
    splits = _all_sides(leakage)
    return {
        "schema": 1,
        "dataset": leakage.dataset.name,
        "recipe": recipe_json(leakage.request),
        "splits": [_row_json(row, leakage) for row in leakage.rows],
        "gaps": [asdict(gap) for gap in leakage.gaps],
        "replicas": [
            {
                "first": str(pair.first.path),
                "second": str(pair.second.path),
                "likeness": pair.likeness,
                "offset_s": pair.offset_s,
                "sides": {
                    name: [sides.get(pair.first.id), sides.get(pair.second.id)]
                    for name, sides in splits.items()
                },
                "across": [name for name, sides in splits.items() if across(sides, pair)],
            }
            for pair in leakage.replicas.pairs
        ],
        "songs_compared": leakage.replicas.n_songs,
        "unread": [item.to_json() for item in leakage.replicas.unread],
        "notes": list(leakage.notes),
    }


def _row_json(row: SplitRow, leakage: Leakage) -> dict[str, Any]:
    return {
        "split_by": row.split_by,
        "leaky": row.figures.leaky,
        "epochs": row.figures.epochs,
        "best_epoch": row.figures.best_epoch,
        "training_s": row.figures.training_s,
        "n_songs": row.figures.n_songs,
        "replicas_across": sum(across(row.sides, pair) for pair in leakage.replicas.pairs),
        "evaluation": evaluation_json(row.figures.evaluation) if row.figures.evaluation else None,
    }


def write_report(leakage: Leakage, folder: StrPath) -> tuple[Path, ...]:
    """Write the figures as JSON, a picture and a page of them; return the files."""
    folder = as_path(folder, "write_report", "folder")
    write_json(folder / _FIGURES, to_json(leakage))
    picture = _picture(leakage, folder / "leakage.png")
    page = Page(
        title=f"{leakage.request.network} on {leakage.dataset.name}: what the split flatters",
        warnings=tuple(leakage.notes),
        lines=tuple(lines(leakage)),
        tables=tables(leakage),
        pictures=(picture,),
    )
    return folder / _FIGURES, picture.path, write_page(folder, page)


def _picture(leakage: Leakage, path: Path) -> Picture:
    marks = []
    for row in leakage.rows:
        assert row.figures.evaluation is not None
        for what in ("song", "clip"):
            right: Interval = getattr(row.figures.evaluation, f"per_{what}").accuracy
            name = f"by {row.split_by}{leaky(row.figures.leaky)}"
            marks.append(Mark(name, f"{what}s right", right.value, right.low, right.high))
    plot_intervals(path, marks, title=f"{leakage.request.network} under each split, 95 % intervals")
    return Picture(
        path,
        "Accuracy under each split",
        "; ".join(f"{mark.row}, {mark.kind}: {percent(mark.value)}" for mark in marks),
        "The same songs and the same recipe." + (_FLATTERED if leakage.gaps else ""),
    )
