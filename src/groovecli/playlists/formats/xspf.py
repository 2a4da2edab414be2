"""A playlist as an XSPF file (xspf.org, version 1): XML, with a URI for each song."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from groovecli.playlists.formats.format import Format, Rendered
from groovecli.playlists.formats.text import MARK, one_line, seconds
from groovecli.playlists.naming import RELATIVE, Naming
from groovecli.playlists.players.locations import as_uri
from groovecli.playlists.playlist import Entry, Playlist

NAMESPACE = "http://xspf.org/ns/0/"
# Inside of the first element: GNOME's players take a file for none where a comment stands before it.
_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<playlist version="1" xmlns="{NAMESPACE}">
<!-- {MARK} -->
"""


def render(playlist: Playlist, folder: Path, naming: Naming = RELATIVE) -> Rendered:
    """A playlist as the bytes of an XSPF file that is to stand in `folder`; a URI can hold any path."""
    lines = [_tag("title", playlist.name, 1), " <trackList>"]
    left_out = []
    locations = naming.locations((entry.path for entry in playlist.entries), folder)
    for entry, location in zip(playlist.entries, locations, strict=True):
        if location is None:
            left_out.append(entry.path)
            continue
        lines += _track(entry, as_uri(location))
    lines += [" </trackList>", "</playlist>", ""]
    return Rendered((_HEAD + "\n".join(lines)).encode(), tuple(left_out))


def _track(entry: Entry, uri: str) -> Iterator[str]:
    yield "  <track>"
    yield _tag("location", uri, 3)
    yield _tag("title", entry.shown_title, 3)
    if entry.artist.strip():
        yield _tag("creator", entry.artist, 3)
    if (length := seconds(entry.duration_s)) is not None:
        yield _tag("duration", str(round(1000 * length)), 3)
    yield "  </track>"


def _tag(name: str, text: str, depth: int) -> str:
    return f"{' ' * depth}<{name}>{escape(one_line(text), quote=False)}</{name}>"


def is_marked(data: bytes) -> bool:
    """Whether groove wrote the file's head."""
    return data.startswith(_HEAD.encode())


XSPF = Format("xspf", ".xspf", render, is_marked)
