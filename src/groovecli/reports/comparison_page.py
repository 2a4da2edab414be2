"""A comparison of networks as a page, with its figures as JSON and Markdown, and as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation.results import Comparison, Row
from groovecli.evaluation.verdict import verdict
from groovecli.files import write_bytes, write_json
from groovecli.messages.evaluation import is_few, part, share_with_reach
from groovecli.messages.words import LEAK, count
from groovecli.paths import StrPath, as_path
from groovecli.reports.comparison import as_markdown, by_split, findings, notes, tables, to_json
from groovecli.reports.figures import Figure
from groovecli.reports.plots.canvas import Paths
from groovecli.reports.plots.scores import Mark, plot_intervals
from groovecli.reports.sections.genres import card_of
from groovecli.reports.text import as_html
from groovecli.reports.web.charts import Bar, bars
from groovecli.reports.web.frame import PAGE, Card, Foot, Frame, Section, write_page
from groovecli.reports.web.html import name, tag
from groovecli.reports.web.parts import Column

_JSON, _MARKDOWN = "comparison.json", "comparison.md"
_NOTE = "Dot: share of songs named right. Line: 95 % interval. Dashed: always the largest genre."
_LEAK_ADDS = " The distance from the honest split to the leaky one is what the leak adds."


def write_report(compared: Comparison, folder: StrPath, *, command: str = "") -> tuple[Path, ...]:
    """Write the figures as JSON, and the tables as Markdown and as a page; return the files."""
    folder = as_path(folder, "write_report", "folder")
    write_json(folder / _JSON, to_json(compared))
    parts = [
        "".join(f"{line}\n" for line in findings(compared)),
        *map(as_markdown, tables(compared)),
        "".join(f"- {line}\n" for line in notes(compared)),
    ]
    text = "\n\n".join(filter(None, parts)).encode("utf-8", "surrogateescape")
    write_bytes(folder / _MARKDOWN, text)
    return folder / _JSON, folder / _MARKDOWN, write_page(folder / PAGE, _frame(compared, command))


def _frame(compared: Comparison, command: str) -> Frame:
    dataset = compared.dataset
    return Frame(
        title=_heading(compared),
        kind=f"comparison of {count(len({row.network for row in compared.rows}), 'network')}",
        card=_card(compared),
        warnings=(f"{LEAK}.",) if is_leaky(dataset.split_by) else (),
        sections=tuple(_sections(compared)),
        foot=Foot(command, dataset.name, f"by {dataset.split_by}", compared.seed, files=(_JSON, _MARKDOWN)),
    )


def _heading(compared: Comparison) -> str:
    n_networks = len({row.network for row in compared.rows})
    found, where = compared.verdict, f"{count(n_networks, 'network')} on {compared.dataset.name}"
    if found is None:
        return where
    if not found.is_better:
        return f"{where}: none is shown to be better than guessing"
    return f"Best of {where}: {compared.named[0].network}, {part(found.n_right, found.n_songs)} right"


def _card(compared: Comparison) -> Card | None:
    """What the best network's accuracy means, in the first lines of the page."""
    found = compared.verdict
    if found is None:
        return None
    card = card_of(found)
    lines = (*card.lines, *findings(compared)[1:])
    return Card(card.figure, f"{card.what} by {compared.named[0].network}", lines, card.state, card.beside)


def _sections(compared: Comparison) -> Iterator[Section]:
    _, by_paper = by_split(compared)
    if compared.named:
        yield _networks(compared)
    papers = [row for row in by_paper.values() if row.evaluation]
    if papers:
        yield _papers(papers, has_honest=any(not row.leaky for row in compared.rows))
    figures = tables(compared)
    if figures:
        yield Section("All figures", tuple(map(as_html, figures)), "figures")
    said = [tag("li", line) for line in notes(compared)]
    if said:
        yield Section("What to know beside", tag("ul", said), "notes")


def _networks(compared: Comparison) -> Section:
    """Bars of the networks, the best first; what luck may have put in this order says so."""
    best = compared.named[0]
    against = {each.row.network: _against(each.behind.value, each.is_apart, best.n_songs)
               for each in compared.rivals}  # fmt: skip
    guess = compared.verdict.guess if compared.verdict else None
    rows = [
        _bar(row, guess, (against.get(row.network, "best"), f"{row.n_parameters:,}"))
        for row in compared.named
    ]
    columns = ("right", Column("against the best", "words"), "weights")
    alike = [each for each in compared.rivals if not each.is_apart]
    title = f"{best.network} has most songs right"
    if alike:
        title += f", but luck may put it before {count(len(alike), 'other')}"
    return Section(
        title, bars("Songs named right, by network", "network", rows, columns, _NOTE), "networks"
    )


def _against(behind: float, is_apart: bool, n_songs: int) -> str:
    if not is_apart:
        return "can't tell apart"
    if is_few(n_songs):
        return f"{count(round(behind * n_songs), 'song')} behind"
    return f"{100 * behind:.0f} points behind"


def _bar(row: Row, guess: float | None, cells: tuple[str, ...]) -> Bar:
    assert row.evaluation is not None
    right, n_songs = verdict(row.evaluation).accuracy, row.evaluation.per_song.n
    text = share_with_reach(right, n_songs)
    return Bar(name(row.network), right.value, right.low, right.high, guess, (text, *cells))


def _papers(rows: Sequence[Row], *, has_honest: bool) -> Section:
    """The same networks under the papers' splits."""
    drawn = [_bar(row, None, (f"{row.split_by}{', leaky' if row.leaky else ''}",)) for row in rows]
    columns = ("right", Column("split by", "words"))
    note = _NOTE.partition(" Dashed")[0] + (
        _LEAK_ADDS if has_honest and any(row.leaky for row in rows) else ""
    )
    chart = bars("Songs named right under the papers' splits", "network", drawn, columns, note)
    return Section("Split as the papers did", chart, "papers")


def figures(compared: Comparison) -> Iterator[Figure]:
    """The accuracies with their intervals, the papers' splits beside the honest one."""
    marks = []
    for row in compared.rows:
        if row.evaluation:
            kind = "the dataset's split" if row.protocol == "dataset" else "the paper's split"
            right = row.evaluation.per_song.accuracy
            kind += ", leaky" if row.leaky else ""
            marks.append(Mark(row.network, kind, right.value, right.low, right.high))
    if marks:
        found = compared.verdict
        title = f"Test songs right, dataset {compared.dataset.name}, 95 % intervals"

        def draw(paths: Paths) -> None:
            plot_intervals(paths, marks, title=title, guess=found.guess if found else None)

        yield Figure("accuracy", draw)
