"""What `groove compare` says."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.cli.views import reach
from groovecli.cli.views.verdicts import say

if TYPE_CHECKING:
    from groovecli.evaluation.results import Comparison


def show(compared: Comparison) -> None:
    """Print which network is best, then all as tables: genres, spaces, and what the papers say."""
    from groovecli.reports.comparison import findings, in_short, notes, tables

    say(*findings(compared))
    for table in tables(compared):
        if table.rows:
            render.table(table.title, table.columns, table.rows)
            if table.note:
                render.answer(table.note)
    for line in notes(compared, with_hints=False):
        render.note(line)
    for hint in dict.fromkeys(compared.hints.values()):
        render.hint(hint)
    reach.show(compared.reach)
    render.summary(in_short(compared))


def follow_up(compared: Comparison) -> str:
    """The best network to train; where all only guess, the one that starts from the included model."""
    about, found = compared.dataset, compared.verdict
    if found is None:
        return ""
    network = compared.named[0].network if found.is_better or not about.origin.has_sound else "transfer"
    return (
        f"train --network {network}{'' if about.name == 'default' else f' --dataset {quote(about.name)}'}"
    )
