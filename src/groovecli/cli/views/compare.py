"""What `groove compare` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.cli.views.verdicts import say

if TYPE_CHECKING:
    from groovecli.evaluation.results import Comparison


def show(compared: Comparison) -> None:
    """Print which network is best, then all as tables: genres, spaces, and what the papers say."""
    from groovecli.reports.comparison import findings, notes, tables

    say(*findings(compared))
    for table in tables(compared):
        if table.rows:
            render.table(table.title, table.columns, table.rows)
            if table.note:
                render.answer(table.note)
    for line in notes(compared):
        render.note(line)
