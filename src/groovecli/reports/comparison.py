"""A comparison as tables, as JSON and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation.metrics import Interval, Scores, difference
from groovecli.evaluation.results import Comparison, Row
from groovecli.files import write_bytes, write_json
from groovecli.messages.words import (
    LEAK,
    about,
    behind_names,
    interval,
    leaky,
    number,
    percent,
    points_with_interval,
)
from groovecli.networks.registry import model_spec
from groovecli.paths import StrPath, as_path
from groovecli.reports.page import Page, Picture, Table, write_page
from groovecli.reports.plots.scores import Mark, plot_intervals
from groovecli.reports.tables import figures_note

_PAPER = "-paper"  # what the name of a training under a paper's split ends in


def tables(compared: Comparison) -> tuple[Table, ...]:
    """A comparison as text: how well genres are named, how good the spaces are, what the papers say."""
    own, by_paper = _by_split(compared)
    named = [row for row in own if row.evaluation]
    all_three = (_genres_table(compared, named), _spaces_table(own), _papers_table(own, by_paper))
    return tuple(table for table in all_three[: 3 if by_paper else 2] if table.rows)


def _by_split(compared: Comparison) -> tuple[list[Row], dict[str, Row]]:
    """The rows under the dataset's own split, and those under the papers' by network."""
    own = [row for row in compared.rows if row.protocol == "dataset"]
    return own, {row.network: row for row in compared.rows if row.protocol == "paper"}


def notes(compared: Comparison) -> Iterator[str]:
    """What has to be known beside the figures: what was left out, and what is special to some rows."""
    for name, why in compared.failed.items():
        yield f"left out: {_said(name.removesuffix(_PAPER), name.endswith(_PAPER))}: {why}"
    own, _ = _by_split(compared)
    unpublished = [row.network for row in own if model_spec(row.network).published is None]
    if compared.by_paper and unpublished:
        yield f"no row as a paper split: none describes {', '.join(unpublished)}"
    yield from behind_names((_name(row), text) for row in compared.rows for text in row.notes)


def _name(row: Row) -> str:
    return _said(row.network, row.protocol != "dataset")


def _said(network: str, is_split_otherwise: bool) -> str:
    return network + (" (split as its paper did)" if is_split_otherwise else "")


def _genres_table(compared: Comparison, rows: Sequence[Row]) -> Table:
    dataset = compared.dataset
    split = f"split by {dataset.split_by}{leaky(is_leaky(dataset.split_by))}"
    title = (
        f"genres: dataset {dataset.name}, {split}, seed {compared.seed}; 95 % intervals over songs;"
        f" always the largest genre: {percent(_largest_share(rows[0]))} of songs"
        if rows
        else ""
    )
    columns = (
        "network", "songs right", "", "clips right", "", "macro-F1", "average precision",
        "weights", "epochs", "training", "a song",
    )  # fmt: skip
    lines: list[tuple[str, ...]] = []
    for row in rows:
        assert row.evaluation is not None
        per_song, per_clip = row.evaluation.per_song, row.evaluation.per_clip
        lines.append(
            (
                row.network,
                percent(per_song.accuracy.value),
                interval(per_song.accuracy),
                percent(per_clip.accuracy.value),
                interval(per_clip.accuracy),
                percent(per_song.macro_f1.value),
                number(row.evaluation.average_precision),
                f"{row.n_parameters:,}",
                f"{row.epochs} (best {row.best_epoch})",
                about(row.training_s),
                "" if row.song_s is None else f"{1000 * row.song_s:.0f} ms",
            )
        )
    return Table(title, columns, tuple(lines))


def _largest_share(row: Row) -> float:
    """The accuracy of one who always says the largest genre, knowing which that is."""
    assert row.evaluation is not None
    counts = row.evaluation.confusion.sum(axis=1)
    return float(counts.max() / counts.sum())


def _spaces_table(rows: Sequence[Row]) -> Table:
    notes = dict.fromkeys(figures_note(row.space, None) for row in rows)
    title = "spaces: ten nearest songs by other artists; as many clusters (k-means) as genres"
    columns = ("network", "neighbours of its genre", "by chance", "clusters' NMI", "reconstruction error")
    lines = (
        (
            row.network,
            percent(row.space.precision_at_10),
            percent(row.space.precision_by_chance),
            number(row.space.nmi),
            percent(row.space.reconstruction_error, none=""),
        )
        for row in rows
    )
    return Table(title, columns, tuple(lines), note="; ".join(filter(None, notes)))


def _papers_table(own: Sequence[Row], by_paper: Mapping[str, Row]) -> Table:
    """The published figure, ours split as the paper did, and ours honest, all of the paper's unit.

    The difference of the last two has the 95 % interval of `difference`.
    """
    columns = ("network", "published", "split", "ours, so split", "ours, honest", "the split's part")
    lines: list[tuple[str, ...]] = []
    honest_rows = {row.network: row for row in own}
    for network in dict.fromkeys((*honest_rows, *by_paper)):
        published = model_spec(network).published
        if published is None:
            continue
        row, theirs = honest_rows.get(network), by_paper.get(network)
        honest = _accuracy_of(row, published.of) if row else None
        split = f"by {published.split_by}{leaky(is_leaky(published.split_by))}"
        like_paper = _accuracy_of(theirs, published.of) if theirs else None
        split_part = _gap(row, theirs) if row else None
        genres = f" ({published.n_genres} genres)" if published.accuracy else ""
        lines.append(
            (
                network,
                published.text + genres,
                split if theirs else "",
                percent(like_paper.value) if like_paper else "",
                percent(honest.value) if honest else "",
                points_with_interval(split_part) if split_part else "",
            )
        )
    title = (
        "papers: accuracy per clip, window or song, as each paper counts;"
        " the split's part with its 95 % interval"
    )
    return Table(title, columns, tuple(lines), in_words=True)


def _accuracy_of(row: Row, of: str) -> Interval | None:
    """Share of songs, clips or windows that are right; a clip of one window is that window."""
    if row.evaluation is None:
        return None
    scores: Scores | None = getattr(row.evaluation, f"per_{of}")
    return (scores or row.evaluation.per_clip).accuracy


def _gap(row: Row, theirs: Row | None) -> Interval | None:
    """How far the accuracy under the paper's split is above that under the dataset's; None without both."""
    published = model_spec(row.network).published
    if published is None or theirs is None:
        return None
    honest, like_paper = (_accuracy_of(each, published.of) for each in (row, theirs))
    return difference(like_paper, honest) if like_paper and honest else None


def _gaps_json(compared: Comparison) -> list[dict[str, Any]]:
    own, by_paper = _by_split(compared)
    gaps = {row.network: _gap(row, by_paper.get(row.network)) for row in own}
    return [{"network": network, **asdict(gap)} for network, gap in gaps.items() if gap]


def to_json(compared: Comparison) -> dict[str, Any]:
    """Plain values of a comparison, the papers' figures included."""
    return {
        "schema": 1,
        "dataset": asdict(compared.dataset),
        "seed": compared.seed,
        "rows": [row.to_json() for row in compared.rows],
        "published": _published(compared.rows),
        "gaps": _gaps_json(compared),
        "failed": dict(compared.failed),
    }


def _published(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """What the papers report, by network; nothing of one that no paper describes."""
    published = {row.network: model_spec(row.network).published for row in rows}
    return {network: asdict(figures) for network, figures in published.items() if figures}


def write_report(compared: Comparison, folder: StrPath) -> tuple[Path, ...]:
    """Write the figures as JSON, and the tables as Markdown and as a page; return the files."""
    folder = as_path(folder, "write_report", "folder")
    figures, text = folder / "comparison.json", folder / "comparison.md"
    write_json(figures, to_json(compared))
    lines = tuple(notes(compared))
    parts = [*map(_markdown, tables(compared)), "".join(f"- {line}\n" for line in lines)]
    write_bytes(text, "\n\n".join(filter(None, parts)).encode("utf-8", "surrogateescape"))
    pictures = tuple(_pictures(compared, folder))
    page = Page(
        title=f"{len({row.network for row in compared.rows})} networks on {compared.dataset.name}",
        warnings=(f"{LEAK}.",) if is_leaky(compared.dataset.split_by) else (),
        lines=lines,
        tables=tables(compared),
        pictures=pictures,
    )
    return figures, text, *(picture.path for picture in pictures), write_page(folder, page)


def _pictures(compared: Comparison, folder: Path) -> Iterator[Picture]:
    """The accuracies with their intervals, the papers' splits beside the honest one."""
    marks = []
    for row in compared.rows:
        if row.evaluation:
            mark = ", leaky" if row.leaky else ""
            kind = "the dataset's split" if row.protocol == "dataset" else "the paper's split"
            right = row.evaluation.per_song.accuracy
            marks.append(Mark(row.network, kind + mark, right.value, right.low, right.high))
    if marks:
        path = folder / "accuracy.png"
        plot_intervals(path, marks, title=f"songs of {compared.dataset.name}, 95 % intervals")
        yield Picture(
            path,
            "Accuracy per song",
            "; ".join(f"{mark.row}, {mark.kind}: {percent(mark.value)}" for mark in marks),
            _caption(compared),
        )


def _caption(compared: Comparison) -> str:
    """How to read the accuracies: of leaky splits only where there is one, and beside an honest one."""
    text = "The share of test songs that each network named right; the line is the 95 % interval."
    leaky_splits = {row.leaky for row in compared.rows if row.evaluation}
    if leaky_splits == {True, False}:
        text += " How far a leaky split lies to the right of the honest one is what it flatters."
    return text


def _markdown(table: Table) -> str:
    lines = [table.columns, tuple("---" for _ in table.columns), *table.rows]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    note = f"\n{table.note}\n" if table.note else ""
    return f"**{table.title}**\n\n{rows}\n{note}"
