"""A recipe under several splits as a page, with its figures as JSON, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from groovecli.evaluation.metrics import Interval
from groovecli.evaluation.results import Leakage
from groovecli.files import write_json
from groovecli.messages import evaluation as messages
from groovecli.messages.words import count, leaky, percent
from groovecli.paths import StrPath, as_path
from groovecli.reports.figures import Figure
from groovecli.reports.leakage import fewest, findings, lines, right_of, sentence, tables, to_json
from groovecli.reports.plots.canvas import Paths
from groovecli.reports.plots.scores import Mark, plot_intervals
from groovecli.reports.text import as_html
from groovecli.reports.web.charts import Axis, Line, percent_axis, plot
from groovecli.reports.web.frame import PAGE, Card, Foot, Frame, Section, write_page
from groovecli.reports.web.html import tag
from groovecli.reports.web.parts import Table, figure

_JSON = "leakage.json"
_CAPTION = "Songs right under each split, with 95 % intervals. The same songs and settings."
_ADDS = " What rises above the first is what the leak adds to the accuracy."


def write_report(leakage: Leakage, folder: StrPath, *, command: str = "") -> tuple[Path, ...]:
    """Write the figures as JSON, and a page; return the files."""
    folder = as_path(folder, "write_report", "folder")
    write_json(folder / _JSON, to_json(leakage))
    splits, duplicates = tables(leakage)
    said = tag("ul", [tag("li", line) for line in lines(leakage)])
    n_pairs = len(leakage.replicas.pairs)
    sections = [
        _slope(leakage),
        Section("All figures", (as_html(splits), said), "figures"),
        Section(
            f"{count(n_pairs, 'pair')} of duplicates among {leakage.replicas.n_songs:,} songs",
            as_html(duplicates),
            "duplicates",
        ),
    ]
    frame = Frame(
        title=findings(leakage)[0].partition(". ")[0],
        kind=f"check for leaks: {leakage.request.network} trained under each split",
        card=_card(leakage),
        warnings=tuple(leakage.notes),
        sections=tuple(sections),
        foot=Foot(command, leakage.dataset.name, "each", leakage.request.seed, (_JSON,)),
    )
    return folder / _JSON, write_page(folder / PAGE, frame)


def _card(leakage: Leakage) -> Card:
    """The honest accuracy, and what it looks like with leaks; without what the page's title says."""
    *others, last = leakage.rows
    n_fewest, found = fewest(leakage), leakage.verdict
    meant = [sentence(leakage)]
    if others:
        meant.append(
            messages.looks_like([(row.split_by, right_of(row, n_fewest)) for row in reversed(others)])
        )
        meant.append(findings(leakage)[1])
    state = "good" if found.is_better else "unsure" if found.n_right > found.n_guess else "bad"
    what = f"right, split by {last.split_by}: the honest accuracy"
    return Card(right_of(last, n_fewest), what, tuple(meant), state)  # type: ignore[arg-type]


def _slope(leakage: Leakage) -> Section:
    """From the most honest split to the one with the largest leak."""
    rows, n_fewest = leakage.rows[::-1], fewest(leakage)
    figures = [row.figures.evaluation.per_song.accuracy for row in rows if row.figures.evaluation]
    names = [f"by {row.split_by}" for row in rows]
    texts = tuple(right_of(row, n_fewest) for row in rows)
    x = Axis("split", -0.2, len(rows) - 0.8, tuple((float(n), each) for n, each in enumerate(names)))
    guess = leakage.verdict.guess
    drawn = (
        Line("guessing", ((-0.2, guess), (len(rows) - 0.8, guess)), "var(--soft)", is_dashed=True),
        Line(
            "songs right",
            tuple((float(n), each.value) for n, each in enumerate(figures)),
            has_dots=True,
            ends=tuple((each.low, each.high) for each in figures),
            texts=texts,
        ),
    )
    data = tuple((f"by {row.split_by}{leaky(row.figures.leaky)}", _reach(each), row.figures.n_songs)
                 for row, each in zip(rows, figures, strict=True))  # fmt: skip
    said = ", ".join(f"{split} {text}" for split, text in zip(names, texts, strict=True))
    picture = figure(
        plot(drawn, x, percent_axis("songs right, %"), height=320),
        label=f"Songs right: {said}",
        caption=_CAPTION + (_ADDS if leakage.gaps else ""),
        data=Table("", ("split", "right, 95 % interval", "test songs"), data),
    )
    return Section(_title(leakage, texts), picture, "splits")


def _title(leakage: Leakage, texts: tuple[str, ...]) -> str:
    if len(texts) == 1:
        return f"{texts[0]} right under the only split that this dataset allows"
    return f"From {texts[0]}, split by {leakage.rows[-1].split_by}, to {texts[-1]}, split by " + (
        leakage.rows[0].split_by
    )


def _reach(right: Interval) -> str:
    return f"{percent(right.value, 0)} ({percent(right.low, 0)} to {percent(right.high, 0)})"


def figures(leakage: Leakage) -> Iterator[Figure]:
    """Songs and clips right under each split."""
    marks = []
    for row in leakage.rows:
        assert row.figures.evaluation is not None
        for what in ("song", "clip"):
            right: Interval = getattr(row.figures.evaluation, f"per_{what}").accuracy
            split = f"by {row.split_by}{leaky(row.figures.leaky)}"
            marks.append(Mark(split, f"{what}s right", right.value, right.low, right.high))
    title = f"{leakage.request.network} under each split, 95 % intervals"

    def draw(paths: Paths) -> None:
        plot_intervals(paths, marks, title=title, guess=leakage.verdict.guess)

    yield Figure("leakage", draw)
