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
.card { background: #f5f6f8; border-radius: .5rem; padding: .75rem 1rem }
.card p { margin: .25rem 0 }
.card p:first-child { font-size: 1.25rem; font-weight: bold }
.good { border-left: .3rem solid #00794f }
.bad { border-left: .3rem solid #a8461a }
.soft { color: #5a6270 }
.warning { background: #fff3cd; border-left: .3rem solid #d39e00; padding: .5rem .8rem }
.wide { overflow-x: auto }
.wide:focus-visible { outline: .15rem solid #36c }
table { border-collapse: collapse }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .8rem .25rem 0; text-align: right }
th:first-child, .words td, .words th { text-align: left }
tbody th { font-weight: normal; min-width: 6rem }
thead th, td { white-space: nowrap }
.words td { white-space: normal }
audio { height: 2rem; min-width: 12rem; vertical-align: middle; width: 16rem }
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
    """Rows of text under columns; the first column names the rows, the others are figures or words.

    `note` stands below. `sounds` are the addresses of what can be heard, one a row, None where there is
    nothing any more; without any there is no column of players.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    in_words: bool = False
    note: str = ""
    sounds: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Card:
    """What a page's figures mean, in lines, the first of them large; and whether that is good."""

    lines: tuple[str, ...]
    is_good: bool


@dataclass(frozen=True)
class Page:
    """What stands on a page, from top to bottom; tables without rows are left out, and notes are grey.

    The title is the finding, the card what it means.
    """

    title: str
    warnings: tuple[str, ...]
    lines: tuple[str, ...]
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...]
    appendix: tuple[Table, ...] = ()
    card: Card | None = None
    notes: tuple[str, ...] = ()


def write_page(folder: Path, page: Page) -> Path:
    """Write a page beside its pictures; names of any kind are text there, and nothing else."""
    path = folder / PAGE
    write_bytes(path, _html(page).encode())
    return path


def _html(page: Page) -> str:
    title = _text(page.title)
    parts = [
        *([_card(page.card)] if page.card else []),
        *(f'<p class="warning">{_text(line)}</p>' for line in page.warnings),
        *(f"<p>{_text(line)}</p>" for line in page.lines),
        *(f'<p class="soft">{_text(line)}</p>' for line in page.notes if line),
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


def _card(card: Card) -> str:
    lines = "".join(f"<p>{_text(line)}</p>" for line in card.lines)
    return f'<div class="card {"good" if card.is_good else "bad"}">{lines}</div>'


def _table(table: Table) -> str:
    title = _text(table.title)
    columns = [*table.columns, "listen"] if table.sounds else table.columns
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in columns)
    players = (
        [_player(*each) for each in zip(table.sounds, table.rows, strict=True)] if table.sounds else []
    )
    rows = "\n".join(map(_row, table.rows, players or [""] * len(table.rows)))
    note = f"\n<p>{_text(table.note)}</p>" if table.note else ""
    # What scrolls has to be reached by the keyboard, and to have a name.
    return f"""<h2>{title}</h2>
<div class="wide" role="region" aria-label="{title}" tabindex="0">
<table{' class="words"' if table.in_words else ""}>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table></div>{note}"""


def _row(cells: Sequence[str], player: str) -> str:
    name, *others = map(_text, cells)
    cells_in_html = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr><th scope="row">{name}</th>{cells_in_html}{player}</tr>'


def _player(sound: str | None, cells: Sequence[str]) -> str:
    """A cell to hear a row's sound in, and to open it elsewhere where the browser can't play it."""
    if sound is None:
        return "<td>no file there</td>"
    address, name = _text(sound), _text(cells[0])
    return (
        f'<td><audio controls preload="none" src="{address}" aria-label="{name}"></audio>'
        f' <a href="{address}">open</a></td>'
    )


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
