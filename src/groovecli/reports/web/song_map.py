"""Songs as points, coloured and shaped by genre: pointed at, named and played. For a few hundred songs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.reports.colours import OTHERS, Scheme
from groovecli.reports.web.frame import own_file
from groovecli.reports.web.html import Html, name, tag
from groovecli.reports.web.parts import mark

_EDGE = 0.02  # of the map's width, that stays free


@dataclass(frozen=True)
class Dot:
    """A song on the map: its number among the page's songs, its true genre, and whether it is wrong."""

    song: int
    genre: str
    is_wrong: bool


def song_map(points: NDArray[np.float32], dots: Sequence[Dot], scheme: Scheme, hint: str) -> Html:
    """A map [shape=(n, 2)] with its legend, whose entries light up one genre; wrong songs are ringed.

    The page has to have `scripts()`, `styles()` and the songs as `confusion.judged_data`.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    places = (points - low) / np.maximum(high - low, 1e-9) * (1 - 2 * _EDGE) + _EDGE
    rings, shapes = [], []
    for (left, up), dot in zip(places.tolist(), dots, strict=True):
        x, y = f"{100 * left:.1f}%", f"{100 - 100 * up:.1f}%"
        shapes.append(
            tag(
                "use",
                href=f"#shape-{scheme.shape(dot.genre)}",
                x=x,
                y=y,
                class_=_look(scheme, dot.genre),
                data_s=dot.song,
            )
        )
        if dot.is_wrong:
            rings.append(tag("circle", class_="ring", cx=x, cy=y, r=8))
    map_ = tag("div", tag("svg", shapes, rings), class_="map", role="group", aria_label="map of songs")
    return tag("div", _legend(scheme, dots), map_, tag("p", hint, class_="soft small", role="status"))


def _look(scheme: Scheme, genre: str) -> str:
    number = scheme.number(genre)
    return "gx" if number is None else f"g{number}"


def _legend(scheme: Scheme, dots: Sequence[Dot]) -> Html:
    genres = {dot.genre for dot in dots}
    names = sorted(genres & set(scheme.numbers)) + ([OTHERS] if genres - set(scheme.numbers) else [])
    entries = [
        tag(
            "li",
            tag(
                "button",
                mark(scheme, each),
                name(each),
                type="button",
                data_look=_look(scheme, each),
                aria_pressed="false",
            ),
        )
        for each in names
    ]
    ring = tag("li", tag("span", class_="ringed"), "named wrongly")
    return tag("ul", entries, ring if any(dot.is_wrong for dot in dots) else None, class_="legend")


def scripts() -> tuple[str, ...]:
    """What makes the dots answer."""
    return (own_file("song_map.js"),)


def styles() -> str:
    """How the map looks."""
    return own_file("song_map.css")
