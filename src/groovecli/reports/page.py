"""A page of figures and pictures: one HTML file that needs nothing but the pictures beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from groovecli.files import write_bytes

PAGE = "index.html"

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #222; margin: 0 auto; max-width: 60rem; padding: 1rem }
h1 { font-size: 1.5rem; line-height: 1.2 }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem }
h1, h2, p, figcaption, th, .words td { overflow-wrap: anywhere }
.warning { background: #fff3cd; border-left: .3rem solid #d39e00; padding: .5rem .8rem }
.wide { overflow-x: auto }
table { border-collapse: collapse }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .8rem .25rem 0; text-align: right }
th:first-child, .words td, .words th { text-align: left }
tbody th { font-weight: normal; min-width: 6rem }
thead th, td { white-space: nowrap }
.words td { white-space: normal }
figure { margin: 0 }
img { display: block; max-width: 100%; height: auto }
figcaption { color: #555; max-width: 42rem }
"""


@dataclass(frozen=True)
class Picture:
    """A picture beside the page: what it is, what can be seen in it, and how to read it."""

    path: Path
    title: str
    alternative: str
    caption: str


@dataclass(frozen=True)
class Table:
    """Rows of text under columns; the first column names the rows, the others are figures or words."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    in_words: bool = False


@dataclass(frozen=True)
class Page:
    """What stands on a page, from top to bottom; tables without rows are left out."""

    title: str
    warnings: tuple[str, ...]
    lines: tuple[str, ...]
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...]
    appendix: tuple[Table, ...] = ()


def write_page(folder: Path, page: Page) -> Path:
    """Write a page beside its pictures; names of any kind are text there, and nothing else."""
    path = folder / PAGE
    write_bytes(path, _html(page).encode())
    return path


def _html(page: Page) -> str:
    title = _text(page.title)
    parts = [
        *(f'<p class="warning">{_text(line)}</p>' for line in page.warnings),
        *(f"<p>{_text(line)}</p>" for line in page.lines),
        *(_table(table) for table in page.tables if table.rows),
        *map(_figure, page.pictures),
        *(_table(table) for table in page.appendix if table.rows),
    ]
    body = "\n".join(parts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in table.columns)
    rows = "\n".join(_row(row) for row in table.rows)
    return f"""<h2>{_text(table.title)}</h2>
<div class="wide"><table{' class="words"' if table.in_words else ""}>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table></div>"""


def _row(cells: Sequence[str]) -> str:
    name, *others = map(_text, cells)
    return f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in others) + "</tr>"


def _figure(picture: Picture) -> str:
    address = quote(picture.path.name)
    return f"""<h2>{_text(picture.title)}</h2>
<figure>
<a href="{address}"><img src="{address}" alt="{_text(picture.alternative)}"></a>
<figcaption>{_text(picture.caption)}</figcaption>
</figure>"""


def _text(text: str) -> str:
    """Text of any kind, escaped; bytes that are no UTF-8 become question marks."""
    return escape(text.encode("utf-8", "replace").decode())
