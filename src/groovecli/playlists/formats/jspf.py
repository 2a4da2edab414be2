"""A playlist as a JSPF file (xspf.org/jspf): XSPF in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from groovecli.playlists.formats.format import Format, Rendered
from groovecli.playlists.formats.text import MARK, one_line, seconds
from groovecli.playlists.naming import RELATIVE, Naming
from groovecli.playlists.players.locations import as_uri
from groovecli.playlists.playlist import Entry, Playlist

_HEAD = f'{{\n  "playlist": {{\n    "annotation": "{MARK}"'


def render(playlist: Playlist, folder: Path, naming: Naming = RELATIVE) -> Rendered:
    """A playlist as the bytes of a JSPF file that is to stand in `folder`; a URI can hold any path."""
    tracks, left_out = [], []
    locations = naming.locations((entry.path for entry in playlist.entries), folder)
    for entry, location in zip(playlist.entries, locations, strict=True):
        if location is None:
            left_out.append(entry.path)
            continue
        tracks.append(_track(entry, as_uri(location)))
    value = {"playlist": {"annotation": MARK, "title": one_line(playlist.name), "track": tracks}}
    return Rendered(json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n", tuple(left_out))


def _track(entry: Entry, uri: str) -> dict[str, Any]:
    track: dict[str, Any] = {"location": [uri], "title": one_line(entry.shown_title)}
    if entry.artist.strip():
        track["creator"] = one_line(entry.artist)
    if (length := seconds(entry.duration_s)) is not None:
        track["duration"] = round(1000 * length)
    return track


def is_marked(data: bytes) -> bool:
    """Whether groove wrote the file's head."""
    return data.startswith(_HEAD.encode())


JSPF = Format("jspf", ".jspf", render, is_marked)
