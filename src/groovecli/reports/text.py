"""Tables of text, which stand on the terminal, in Markdown and on pages alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from groovecli.reports.web import parts
from groovecli.reports.web.html import Html, name


@dataclass(frozen=True)
class TextTable:
    """Rows of text under columns; the first column names the rows, the others are figures or words.

    `note` stands below.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    in_words: bool = False
    note: str = ""


def as_html(table: TextTable) -> Html | None:
    """The table for a page; None without rows."""
    if not table.rows:
        return None
    first, *others = table.columns
    kind: Literal["words", "number"] = "words" if table.in_words else "number"
    columns = (parts.Column(first, "words"), *(parts.Column(each, kind) for each in others))
    rows = tuple((name(row[0]), *row[1:]) for row in table.rows)
    return parts.table(parts.Table(table.title, columns, rows, note=table.note))
