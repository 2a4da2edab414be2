"""A comparison as tables, as JSON and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation.metrics import Interval, Scores, difference
from groovecli.evaluation.results import Comparison, Row
from groovecli.evaluation.verdict import verdict
from groovecli.messages import evaluation as messages
from groovecli.messages.evaluation import is_few, part, share, share_with_reach
from groovecli.messages.words import (
    NONE,
    about,
    behind_names,
    count,
    leaky,
    number,
    percent,
    points_with_interval,
)
from groovecli.networks.registry import model_spec
from groovecli.reports.tables import few_songs, figures_note
from groovecli.reports.text import TextTable

_PAPER = "-paper"  # what the name of a training under a paper's split ends in


def tables(compared: Comparison) -> tuple[TextTable, ...]:
    """A comparison as text: how well genres are named, how good the spaces are, what the papers say."""
    own, by_paper = by_split(compared)
    named = [row for row in own if row.evaluation]
    all_three = (_genres_table(compared, named), _spaces_table(own), _papers_table(own, by_paper))
    return tuple(table for table in all_three[: 3 if by_paper else 2] if table.rows)


def findings(compared: Comparison) -> tuple[str, ...]:
    """Which network is the best, whether that is more than luck, and what guessing gives."""
    found = compared.verdict
    if found is None:
        return ("No network here names genres: compare their spaces.",)
    best = compared.named[0]
    if not found.is_better:  # the best of those that guess is not worth a name
        n_networks = len(compared.named)
        return (
            messages.none_is_better(best.network, n_networks, found.right, found.n_guess, found.n_songs),
        )
    first = messages.best_network(best.network, found.right, found.sentence)
    if not compared.rivals:
        return (first,)
    alike = [(each.row.network, right_of(each.row)) for each in compared.rivals if not each.is_apart]
    if alike:
        return first, messages.cant_tell_apart(best.network, alike)
    second = compared.rivals[0]
    return first, messages.ahead(second.row.network, right_of(second.row), second.behind, found.n_songs)


def right_of(row: Row) -> str:
    """How many songs a network names right."""
    assert row.evaluation is not None
    return share(row.evaluation.per_song.accuracy.value, row.evaluation.per_song.n)


def by_split(compared: Comparison) -> tuple[list[Row], dict[str, Row]]:
    """The rows under the dataset's own split, and those under the papers' by network."""
    own = [row for row in compared.rows if row.protocol == "dataset"]
    return own, {row.network: row for row in compared.rows if row.protocol == "paper"}


def in_short(compared: Comparison) -> str:
    """What came of it, in one line."""
    found, n_networks = compared.verdict, len({row.network for row in compared.rows})
    if found is None:
        return count(n_networks, "network") + " compared"
    best = compared.named[0].network if found.is_better else ""
    right = part(found.n_right, found.n_songs)
    return messages.comparison_in_short(n_networks, best, right, len(compared.failed))


def notes(compared: Comparison, *, with_hints: bool = True) -> Iterator[str]:
    """What has to be known beside the figures: what was left out, and what is special to some rows.

    `with_hints` says in the same line what helps a network that was left out.
    """
    for name, why in compared.failed.items():
        if not with_hints:
            why = why.removesuffix(f"; {compared.hints.get(name, '')}")
        yield f"left out: {_said(name.removesuffix(_PAPER), name.endswith(_PAPER))}: {why}"
    own, _ = by_split(compared)
    unpublished = [row.network for row in own if model_spec(row.network).published is None]
    if compared.by_paper and unpublished:
        yield f"no row as a paper split: none describes {', '.join(unpublished)}"
    yield from behind_names((_name(row), text) for row in compared.rows for text in row.notes)


def _name(row: Row) -> str:
    return _said(row.network, row.protocol != "dataset")


def _said(network: str, is_split_otherwise: bool) -> str:
    return network + (" (split as its paper did)" if is_split_otherwise else "")


def _genres_table(compared: Comparison, rows: Sequence[Row]) -> TextTable:
    dataset = compared.dataset
    split = f"split by {dataset.split_by}{leaky(is_leaky(dataset.split_by))}"
    title, found = "", compared.verdict
    if found:
        guess = f"always {found.guess_genre}: {part(found.n_guess, found.n_songs)} right"
        title = f"Genres: dataset {dataset.name}, {split}, seed {compared.seed}; 95 % intervals; {guess}"
    columns = (
        "network", "songs right", "clips right", "macro-F1", "average precision", "weights", "epochs",
        "training", "per song",
    )  # fmt: skip
    lines: list[tuple[str, ...]] = []
    for row in rows:
        assert row.evaluation is not None
        per_song, per_clip, n_songs = row.evaluation.per_song, row.evaluation.per_clip, row.n_songs
        lines.append(
            (
                row.network,
                share_with_reach(verdict(row.evaluation).accuracy, per_song.n),
                share_with_reach(per_clip.accuracy, per_clip.n, n_songs),
                percent(None if is_few(n_songs) else per_song.macro_f1.value, 0),
                number(None if is_few(n_songs) else row.evaluation.average_precision),
                f"{row.n_parameters:,}",
                f"{row.epochs} (best {row.best_epoch})",
                about(row.training_s),
                "" if row.song_s is None else f"{1000 * row.song_s:.0f} ms",
            )
        )
    return TextTable(title, columns, tuple(lines), note=few_songs(rows[0].evaluation) if rows else "")


def _spaces_table(rows: Sequence[Row]) -> TextTable:
    notes = dict.fromkeys(figures_note(row.space) for row in rows)
    title = "Spaces: the ten nearest songs by other artists; as many clusters (k-means) as genres"
    columns = ("network", "same genre", "by chance", "clusters' NMI", "reconstruction error")
    lines = (
        (
            row.network,
            percent(None if is_few(row.n_songs) else row.space.precision_at_10, 0),
            percent(None if is_few(row.n_songs) else row.space.precision_by_chance, 0),
            number(None if is_few(row.n_songs) else row.space.nmi),
            percent(row.space.reconstruction_error, none=""),
        )
        for row in rows
    )
    has_any = any(row.space.reconstruction_error is not None or not is_few(row.n_songs) for row in rows)
    return TextTable(title, columns, tuple(lines) if has_any else (), note="; ".join(filter(None, notes)))


def _papers_table(own: Sequence[Row], by_paper: Mapping[str, Row]) -> TextTable:
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
                _counted(like_paper, theirs, published.of),
                _counted(honest, row, published.of),
                _split_part(split_part, row, theirs),
            )
        )
    title = (
        "Papers: accuracy per clip, window or song, as each paper counts;"
        " the split's part with its 95 % interval"
    )
    return TextTable(title, columns, tuple(lines), in_words=True)


def _counted(accuracy: Interval | None, row: Row | None, of: str) -> str:
    """An accuracy in words; counts of few songs."""
    if accuracy is None or row is None or row.evaluation is None:
        return ""
    scores = getattr(row.evaluation, f"per_{of}") or row.evaluation.per_clip
    return share(accuracy.value, scores.n, row.n_songs)


def _split_part(gap: Interval | None, *rows: Row | None) -> str:
    """A difference in points; a dash where a row has few songs."""
    if gap is None:
        return ""
    return NONE if any(row and is_few(row.n_songs) for row in rows) else points_with_interval(gap)


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
    own, by_paper = by_split(compared)
    gaps = {row.network: _gap(row, by_paper.get(row.network)) for row in own}
    return [{"network": network, **asdict(gap)} for network, gap in gaps.items() if gap]


def to_json(compared: Comparison) -> dict[str, Any]:
    """Plain values of a comparison, the papers' figures included."""
    return {
        "schema": 1,
        "verdict": _verdict_json(compared),
        "dataset": asdict(compared.dataset),
        "seed": compared.seed,
        "rows": [row.to_json() for row in compared.rows],
        "published": _published(compared.rows),
        "gaps": _gaps_json(compared),
        "failed": dict(compared.failed),
        **compared.reach.to_json(),
    }


def _verdict_json(compared: Comparison) -> dict[str, Any] | None:
    """What the best network's accuracy means, and how far it is above each other."""
    if compared.verdict is None:
        return None
    rivals = [
        {"network": each.row.network, **asdict(each.behind), "apart": each.is_apart}
        for each in compared.rivals
    ]
    own = {"network": compared.named[0].network, "rivals": rivals, "text": " ".join(findings(compared))}
    return {**compared.verdict.to_json(), **own}


def _published(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """What the papers report, by network; nothing of one that no paper describes."""
    published = {row.network: model_spec(row.network).published for row in rows}
    return {network: asdict(figures) for network, figures in published.items() if figures}


def as_markdown(table: TextTable) -> str:
    """A table in Markdown."""
    lines = [table.columns, tuple("---" for _ in table.columns), *table.rows]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    note = f"\n{table.note}\n" if table.note else ""
    return f"**{table.title}**\n\n{rows}\n{note}"
