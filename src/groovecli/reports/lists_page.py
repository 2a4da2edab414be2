"""A page of playlists: for each its name, what its songs share, where they are on the map, the songs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from groovecli.library.tracks import PLAYLISTS_PAGE
from groovecli.messages import words
from groovecli.reports.web.frame import Foot, Frame, Section, document
from groovecli.reports.web.html import Html, join, tag
from groovecli.reports.web.songs import Song

PAGE = PLAYLISTS_PAGE
MARK = "playlists by groove"
_SIDE = 240
_MOST_BEHIND = 1_500  # other songs that are drawn
_MOST_OWN = 600

_STYLE = """
.list{display:grid;grid-template-columns:minmax(0,1fr);gap:8px 24px}
@media(min-width:40rem){.list{grid-template-columns:15rem minmax(0,1fr)}}
.piece{width:100%;max-width:15rem;height:auto;border:1px solid var(--line);border-radius:8px}
.piece path{stroke:var(--line);stroke-width:3;stroke-linecap:round;fill:none}
.piece path+path{stroke:var(--accent);stroke-width:5}
.list li{max-width:none;padding:2px 0}
section h2{margin-top:32px}
"""
_SCRIPT = """
(() => {
  const lists = groove.data("lists");
  groove.all("details[data-list]").forEach((each) => each.addEventListener("toggle", () => {
    const place = each.querySelector("ol");
    if (!each.open || place.children.length) return;
    place.append(...lists[each.dataset.list].map((song) => {
      const item = document.createElement("li");
      item.append(groove.song(song));
      return item;
    }));
  }));
  groove.all("details[data-list]").slice(0, 1).forEach((each) => { each.open = true; });
})();
"""


@dataclass(frozen=True)
class ListPart:
    """A playlist on the page; `rows` are its songs' rows among all places, `file` is beside the page.

    It `sounds_like` no song where a person changed it.
    """

    name: str
    file: str
    sounds_like: str
    shared: str
    songs: tuple[Song, ...]
    rows: NDArray[np.intp]


def lists_page(parts: Sequence[ListPart], places: NDArray[np.float64], foot: Foot) -> bytes:
    """The page, as the bytes of its file."""
    n_songs = sum(len(part.songs) for part in parts)
    frame = Frame(
        title=f"{words.count(len(parts), 'playlist')} of {words.count(n_songs, 'song')}",
        kind=MARK,
        sections=tuple(
            Section(part.name, _list(number, part, places), part.name) for number, part in enumerate(parts)
        ),
        foot=foot,
        style=_STYLE,
        scripts=(_SCRIPT,),
        data={"lists": [[song.to_json() for song in part.songs] for part in parts]},
    )
    return document(frame).encode()


def is_lists_page(path: Path) -> bool:
    """Whether a file is a page of playlists that groove wrote."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return f'content="{MARK}"'.encode() in file.read(1 << 16)


def _list(number: int, part: ListPart, places: NDArray[np.float64]) -> Html:
    n = words.count(len(part.songs), "song")
    facts = join(
        tag("p", f"{n}, like {part.sounds_like}" if part.sounds_like else n),
        tag("p", part.shared, class_="soft") if part.shared else None,
        tag("p", tag("a", f"Open {part.file}", href=quote(part.file))),
        tag("details", tag("summary", f"The songs of {part.name}"), tag("ol"), data_list=number),
    )
    return tag("div", _piece(part, places), tag("div", facts), class_="list")


def _piece(part: ListPart, places: NDArray[np.float64]) -> Html:
    """The map with the playlist's songs lit up: two paths of dots."""
    low = places.min(axis=0)
    span = max(float(np.ptp(places, axis=0).max()), 1e-9)
    own = 8 + (places - low) / span * (_SIDE - 16)
    own[:, 1] = _SIDE - own[:, 1]
    behind = own[:: max(1, len(own) // _MOST_BEHIND)]
    lit = own[part.rows][:: max(1, len(part.rows) // _MOST_OWN)]
    return tag(
        "svg",
        [tag("path", d=_dots(each)) for each in (behind, lit)],
        viewBox=f"0 0 {_SIDE} {_SIDE}",
        class_="piece",
        role="img",
        aria_label=f"Where {part.name} is on the map"[:150],
    )


def _dots(points: NDArray[np.float64]) -> str:
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in points.tolist())
