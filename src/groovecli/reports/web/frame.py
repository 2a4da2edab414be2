"""The frame of a page: finding, verdict, sections and foot, in one file; no request to anywhere.

How to write a page::

    from groovecli.reports.colours import Scheme
    from groovecli.reports.web.frame import Card, Foot, Frame, Section, write_page
    from groovecli.reports.web.html import Html, join, tag
    from groovecli.reports.web.parts import Column, Table, details, figure, legend, table
    from groovecli.reports.web.songs import Song, play

    song = play(Song.at(path, "Artist - Title", folder))  # a button; says so where no file is there
    songs = Table("Songs", (Column("song", "words"), "year"), ((song, "1999"),))
    page = Frame(
        title="24 of 30 songs named right",             # the finding: h1 and the window's title
        kind="evaluation of time-cnn-1",                # small, above it
        card=Card("80 %", "of 30 test songs right", ("Better than guessing (6 of 30).",), "good"),
        sections=(Section("Songs", table(songs)), Section("Settings", details("all", table(songs)))),
        foot=Foot(command="groove evaluate", seed=0),   # version and date are added
    )
    write_page(folder / "index.html", page)

The rules

- `tag("p", name, class_="soft")` escapes every text; only what `tag` made (an `Html`) stands as it is.
  Bytes that are no UTF-8, line breaks and control characters of names are harmless in it.
- A page's own look: `Frame(style=CSS)`. Own scripts: `Frame(scripts=(JS, ...))`, allowed by their hash;
  `on...=` attributes never run. Values for scripts: `Frame(data={"songs": [...]})`, read there by
  `groove.data("songs")`. What else a library needs: `Frame(sources={"script-src": "'unsafe-eval'"})`.
- In scripts, after page.js: `groove.play(address, name)` plays in the bar at the bottom, which says where
  a file is gone; `groove.song({n: name, p: address})` makes the button and the name of a song, as text;
  `groove.data(id)`; `groove.shade(element)` after changing the width of what scrolls.
- CSS variables: --bg --panel --line --ink --soft --accent --warn --warn-bg --bad --good --other, --g0 to
  --g7; light, dark and print are done. Classes: soft, small, wide (scrolls sideways), num, song, chip, sr
  (read aloud only), js (hidden where no script runs).
- Genres: `Scheme.of(genres, sizes)` gives each a colour and a shape; `legend(scheme)` draws it, and
  `mark(scheme, genre)` one; `<use href="#shape-circle" class="g0">` is a shape in an SVG of the page.
- A picture is `figure(svg, label=..., data=Table(...))`: the label is read aloud, the table is its data.
  Names on it are HTML beside or over the SVG, never text in a scaled one.
- No text is smaller than 12 px (`small` is 14), nothing may be cut without a sign: what scrolls is a
  `region(label, ...)`, reached by keyboard, with a shade at its edge.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from groovecli import __version__
from groovecli.files import write_bytes
from groovecli.reports.colours import DARK, GENRES_DARK, GENRES_LIGHT, LIGHT, variables
from groovecli.reports.web.html import Child, Html, data, join, tag, text
from groovecli.reports.web.marks import GENERATOR
from groovecli.reports.web.parts import shape_style, shapes

PAGE = "index.html"
_SIGNS = {"good": "✓", "bad": "✗", "unsure": "?"}
_WORDS = {"good": "good", "bad": "bad", "unsure": "unsure"}
_FEWEST_FOR_NAV = 3  # sections; fewer are seen without it


@dataclass(frozen=True)
class Card:
    """The verdict: one figure, what it is of, and in lines what it means; `beside` is a small picture."""

    figure: str
    what: str
    lines: tuple[str, ...] = ()
    state: Literal["good", "bad", "unsure"] = "unsure"
    beside: Html = field(default_factory=Html)


@dataclass(frozen=True)
class Section:
    """A part of the page below a finding; `title` is one sentence that its chart or table answers with.

    `link` is the short name by which the page's navigation calls it; "" leaves it out.
    """

    title: str
    body: Child
    link: str = ""


@dataclass(frozen=True)
class Foot:
    """Where a page is from; version and date are added. "" and None are left out.

    `files` are the names of files beside the page with the same figures, such as "evaluation.json".
    """

    command: str = ""
    dataset: str = ""
    split: str = ""
    seed: int | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """A page: what stands on it, from top to bottom, and what it needs beside.

    Parameters
    ----------
    title : str
        The finding.
    kind : str
        What the page is, in a few words above the title.
    top : Child
        What stands between the verdict and the sections.
    warnings, notes : tuple of str
        What has to be known before the figures: in colour, in grey.
    style, scripts, data, sources
        A page's own CSS; its own JavaScript, run after page.js; values for it by name; and further
        sources by directive of the Content Security Policy.
    is_full : bool
        Whether the page is as wide as the window, as a map is; else it has a column of 64 rem.
    """

    title: str
    sections: tuple[Section, ...]
    foot: Foot
    kind: str = ""
    card: Card | None = None
    top: Child = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    style: str = ""
    scripts: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    is_full: bool = False


def write_page(path: Path, frame: Frame) -> Path:
    """Write a page whole or not at all."""
    write_bytes(path, document(frame).encode())
    return path


def document(frame: Frame) -> str:
    """The page as one HTML document that asks nothing of anybody."""
    scripts = tuple(map(_closed, (own_file("page.js"), *frame.scripts)))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="generator", content=GENERATOR),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(scripts, frame.sources)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", frame.title),
        tag("meta", property="og:title", content=frame.title),
        tag("meta", property="og:description", content=_in_short(frame)),
        tag("link", rel="icon", href="data:,"),
        Html(f"<style>{_style()}{_closed(frame.style)}</style>"),
    )
    body = tag(
        "body",
        shapes(),
        tag("main", _header(frame), _sections(frame.sections), class_="full" if frame.is_full else None),
        _foot(frame.foot),
        _player(),
        [data(identity, values) for identity, values in frame.data.items()],
        [Html(f"<script>{script}</script>") for script in scripts],
    )
    return f'<!DOCTYPE html>\n<html lang="en" class="plain">\n{head}\n{body}\n</html>\n'


def _closed(code: str) -> str:
    """A script or style that can't end its own element."""
    return code.replace("</", "<\\/")


def _policy(scripts: tuple[str, ...], sources: Mapping[str, str]) -> str:
    """Nothing from anywhere: scripts by their hash, so that no text of a page can become one."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(f"'sha256-{each}'" for each in hashes),
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "media-src": "file: 'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    for directive, more in sources.items():
        rules[directive] = f"{rules.get(directive, '')} {more}".strip()
    return "; ".join(f"{directive} {allowed}" for directive, allowed in rules.items())


@cache
def own_file(file: str) -> str:
    """A script or style that lies beside this module."""
    return files("groovecli.reports.web").joinpath(file).read_text("utf-8").strip()


@cache
def _style() -> str:
    """Light is the page's own, for print too; dark is for screens whose owner asks for it."""
    light, dark = variables(LIGHT, GENRES_LIGHT), variables(DARK, GENRES_DARK)
    scheme = f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}"
    return f":root{{color-scheme:light;{light}}}{scheme}{shape_style()}{own_file('page.css')}"


def _in_short(frame: Frame) -> str:
    lines = (f"{frame.card.figure} {frame.card.what}", *frame.card.lines) if frame.card else (frame.kind,)
    return " ".join(filter(None, lines))


def _header(frame: Frame) -> Html:
    links = [(section.link, f"s{number}") for number, section in enumerate(frame.sections) if section.link]
    nav = [tag("li", tag("a", link, href=f"#{identity}")) for link, identity in links]
    return tag(
        "header",
        tag("p", frame.kind, class_="kind") if frame.kind else None,
        tag("h1", frame.title),
        _card(frame.card) if frame.card else None,
        [tag("p", _word("Warning: "), line, class_="warning") for line in frame.warnings if line],
        [tag("p", line, class_="soft") for line in frame.notes if line],
        frame.top,
        tag("nav", tag("ul", nav), aria_label="on this page") if len(nav) >= _FEWEST_FOR_NAV else None,
    )


def _word(word: str) -> Html:
    return tag("strong", word)


def _card(card: Card) -> Html:
    lines = [tag("p", line) for line in card.lines if line]
    sign = tag("span", _SIGNS[card.state], class_="sign", role="img", aria_label=_WORDS[card.state])
    words = tag(
        "div",
        tag("p", tag("span", card.figure, class_="hero"), " ", tag("span", card.what), class_="what"),
        tag("div", sign, tag("div", lines), class_="meaning") if lines else None,
    )
    beside = tag("div", card.beside, class_="beside") if card.beside else None
    return tag("div", words, beside, class_=f"card {card.state}")


def _sections(sections: tuple[Section, ...]) -> list[Child]:
    return [
        tag(
            "section",
            tag("h2", section.title, id=f"s{number}", tabindex="-1"),
            section.body,
            aria_labelledby=f"s{number}",
        )
        for number, section in enumerate(sections)
    ]


def _foot(foot: Foot) -> Html:
    facts: dict[str, Child] = {
        "made by": f"groove {__version__}, {_today()}",
        "command": tag("code", foot.command) if foot.command else None,
        "dataset": foot.dataset or None,
        "split": foot.split or None,
        "seed": foot.seed,
        "figures": join([[tag("a", each, href=each), " "] for each in foot.files]) if foot.files else None,
    }
    rows = [tag("div", tag("dt", key), tag("dd", fact)) for key, fact in facts.items() if fact is not None]
    promise = tag("p", "Made on this computer; nothing was sent. This page loads nothing from the network.")
    return tag("footer", tag("dl", rows), promise)


def _today() -> str:
    """The day; or that of SOURCE_DATE_EPOCH, for who wants the same page again."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    when = int(epoch) if epoch.isdecimal() else None
    zone = datetime.UTC if when is not None else None
    now = datetime.datetime.now(zone) if when is None else datetime.datetime.fromtimestamp(when, zone)
    return now.date().isoformat()


def _player() -> Html:
    """The bar at the bottom in which songs play; hidden until one does."""
    return tag(
        "aside",
        tag("p", class_="now", role="status"),
        tag("audio", controls=True, preload="none", aria_label="song"),
        tag("button", text("close"), type="button", class_="close"),
        class_="player",
        aria_label="player",
        hidden=True,
    )
