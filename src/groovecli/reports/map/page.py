"""The page of a map: what stands around it; the script draws the rest."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from groovecli.messages import words
from groovecli.reports.map.content import Content, packed_content
from groovecli.reports.web.frame import Foot, Frame, Section, write_page
from groovecli.reports.web.html import Html, join, tag
from groovecli.reports.web.marks import is_page

MARK = "map by groove"
_STEPS_LIGHT = ("#7a9cc6", "#5b8abf", "#3b78b5", "#0f67a6", "#00558d", "#004370", "#003254", "#00213a")
_STEPS_DARK = ("#3f76b3", "#5288c2", "#669ad0", "#7bacdd", "#92bee8", "#aad0f2", "#c5e2fa", "#e3f2ff")


def write_map(path: Path, title: str, content: Content, *, foot: Foot, notes: tuple[str, ...] = ()) -> int:
    """Write a map as one file that asks nothing of anybody; its size in bytes."""
    frame = Frame(
        title=title,
        kind=MARK,
        sections=(Section("Click a song to play it", _body(content)),),
        foot=foot,
        notes=notes,
        style=_style(),
        scripts=(_own("map.js"),),
        data={"map-data": packed_content(content, path.parent)},
        is_full=True,
    )
    write_page(path, frame)
    return path.stat().st_size


def is_map(path: Path) -> bool:
    """Whether a file is a map that groove wrote, which a new one may replace."""
    return is_page(path, MARK)


def _style() -> str:
    light, dark = (
        ";".join(f"--s{number}:{colour}" for number, colour in enumerate(steps))
        for steps in (_STEPS_LIGHT, _STEPS_DARK)
    )
    scheme = f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return f":root{{{light}}}{scheme}{_own('map.css')}"


@cache
def _own(file: str) -> str:
    return files("groovecli.reports.map").joinpath(file).read_text("utf-8").strip()


def _body(content: Content) -> Html:
    return join(
        tag("p", "This map needs JavaScript, which is off in this browser.", class_="warning plain-only"),
        tag("div", _tools(), _stage(content), _side(), class_="map js"),
    )


def _tools() -> Html:
    return tag(
        "div",
        tag("label", "Find ", tag("input", type="search", id="find", autocomplete="off")),
        tag("label", "Colour by ", tag("select", id="colour")),
        tag("label", tag("input", type="checkbox", id="areas", checked=True), " Playlists as areas"),
        tag("button", "Draw around songs", type="button", id="draw", aria_pressed="false"),
        tag("p", id="said", class_="soft small", role="status", style="margin:0"),
        class_="tools",
    )


def _stage(content: Content) -> Html:
    n = words.count(len(content), "song")
    label = f"Map of {n}. Arrow keys move, + and - zoom, 0 shows all. The list has the same songs."
    zoom = [
        tag("button", sign, type="button", id=identity, aria_label=name, title=name)
        for identity, sign, name in (
            ("in", "+", "zoom in"),
            ("out", "−", "zoom out"),
            ("whole", "⤢", "show all"),
        )
    ]
    stage = tag(
        "div",
        tag("canvas", id="dots", aria_hidden="true"),
        tag("canvas", id="over", aria_hidden="true"),
        tag("div", id="names", aria_hidden="true"),
        tag("div", id="tip", hidden=True),
        id="stage",
        tabindex="0",
        role="application",
        aria_label=label,
    )
    help_text = (
        "Drag to move, wheel to zoom. Hold Shift and drag to select songs. "
        "In the list: arrows move, Enter plays, Space or Shift and arrows select."
    )
    return tag(
        "div",
        tag("div", stage, tag("div", zoom, class_="zoom"), style="position:relative"),
        tag("ul", id="legend", class_="legend", aria_label="legend: click to see one alone"),
        tag("p", help_text, class_="soft small"),
    )


def _side() -> Html:
    buttons = (
        ("pickall", "Select all listed"),
        ("save", "Save selection as a playlist"),
        ("clear", "Clear"),
    )
    return tag(
        "div",
        tag("div", id="song"),
        tag("div", tag("h3", "Nearest songs"), tag("ol", id="near"), id="nearest", hidden=True),
        tag("h3", "Songs", id="songs-head"),
        tag(
            "div",
            tag("div", id="rows", role="presentation"),
            id="list",
            role="listbox",
            tabindex="0",
            aria_multiselectable="true",
            aria_labelledby="songs-head",
        ),
        tag("p", "No song selected", id="picked", class_="small", role="status", style="margin:8px 0"),
        tag("div", [tag("button", text, type="button", id=each) for each, text in buttons], class_="tools"),
        class_="side",
    )
