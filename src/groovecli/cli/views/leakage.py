"""What `groove leakage` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groovecli.cli import render

if TYPE_CHECKING:
    from groovecli.evaluation.results import Leakage


def show(leakage: Leakage) -> None:
    """Print the accuracy under each split, and the duplicates."""
    from groovecli.reports.leakage import lines, tables

    for table, left in zip(tables(leakage), (1, 2), strict=True):
        if table.rows:
            render.table(table.title, table.columns, table.rows, left=left)
    for line in lines(leakage):
        render.answer(line)
    for line in leakage.notes:
        render.note(line)
