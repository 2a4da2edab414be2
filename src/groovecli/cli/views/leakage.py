"""What `groove leakage` says."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.cli.views import reach
from groovecli.cli.views.verdicts import say

if TYPE_CHECKING:
    from groovecli.evaluation.results import Leakage


def show(leakage: Leakage) -> None:
    """Print what the accuracy is and what a leak makes it look like, then the splits and the duplicates."""
    from groovecli.reports.leakage import findings, in_short, lines, tables

    say(*findings(leakage))
    for table, left in zip(tables(leakage), (1, 2), strict=True):
        if table.rows:
            render.table(table.title, table.columns, table.rows, left=left, ranks=_ranks(table.columns))
            if table.note:
                render.answer(table.note)
    for line in lines(leakage):
        render.answer(line)
    for line in leakage.notes:
        render.note(line)
    reach.show(leakage.reach)
    render.summary(in_short(leakage))


def follow_up(leakage: Leakage, model: str | None) -> str:
    """What to do with a model that was checked; else what to train."""
    if model is not None:
        return f"evaluate {quote(model)}"
    found, about = leakage.verdict, leakage.dataset
    dataset = "" if about.name == "default" else f" --dataset {quote(about.name)}"
    network = leakage.request.network if found.is_better or not about.origin.has_sound else "transfer"
    return f"train --network {network}{dataset}"


def _ranks(columns: Sequence[str]) -> list[int]:
    """What stays on a narrow screen: names, songs right, and how alike; then from left to right."""
    return [0 if number < 2 else number for number in range(len(columns))]
