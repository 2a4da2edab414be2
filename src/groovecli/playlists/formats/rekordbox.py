"""Playlists as one XML file for rekordbox, which opens one such file at a time.

The elements and attributes are those of rekordbox's "XML format list" (rekordbox.com).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from groovecli.playlists.formats.format import Format, Rendered
from groovecli.playlists.formats.text import MARK, one_line, seconds
from groovecli.playlists.naming import RELATIVE, Naming
from groovecli.playlists.players.locations import as_uri
from groovecli.playlists.playlist import Entry, Playlist

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<DJ_PLAYLISTS Version="1.0.0">
<!-- {MARK} -->
"""


def render(playlist: Playlist, folder: Path, naming: Naming = RELATIVE) -> Rendered:
    """A playlist as the bytes of a file of its own; see `render_all`."""
    return render_all([playlist], folder, naming)


def render_all(playlists: Sequence[Playlist], folder: Path, naming: Naming = RELATIVE) -> Rendered:
    """Playlists as the bytes of one file: each song once in the collection, then the lists by its number.

    Paths are absolute, since rekordbox knows no others.
    """
    if not naming.path_map:
        naming = replace(naming, is_absolute=True, prefix="", relative_to=None)
    numbers: dict[Path, int] = {}
    songs, left_out = [], []
    entries = {entry.path: entry for playlist in playlists for entry in playlist.entries}
    for entry, location in zip(entries.values(), naming.locations(entries, folder), strict=True):
        if location is None:
            left_out.append(entry.path)
            continue
        numbers[entry.path] = len(numbers) + 1
        songs.append(_song(entry, numbers[entry.path], as_uri(location, "localhost")))
    lines = [' <PRODUCT Name="groove" Version="" Company=""/>']
    lines += [f' <COLLECTION Entries="{len(songs)}">', *songs, " </COLLECTION>", " <PLAYLISTS>"]
    lines.append(f'  <NODE Type="0" Name="ROOT" Count="{len(playlists)}">')
    for playlist in playlists:
        lines += _list(playlist, numbers)
    lines += ["  </NODE>", " </PLAYLISTS>", "</DJ_PLAYLISTS>", ""]
    return Rendered((_HEAD + "\n".join(lines)).encode(), tuple(left_out))


def _song(entry: Entry, number: int, uri: str) -> str:
    fields = {"TrackID": str(number), "Name": entry.shown_title, "Artist": entry.artist}
    fields |= {"Genre": entry.genre}
    if (length := seconds(entry.duration_s)) is not None:
        fields["TotalTime"] = str(round(length))
    fields["Location"] = uri
    return f"  <TRACK{_attributes(fields)}/>"


def _list(playlist: Playlist, numbers: dict[Path, int]) -> Iterator[str]:
    keys = [numbers[entry.path] for entry in playlist.entries if entry.path in numbers]
    fields = {"Name": playlist.name, "Type": "1", "KeyType": "0", "Entries": str(len(keys))}
    yield f"   <NODE{_attributes(fields)}>"
    yield from (f'    <TRACK Key="{key}"/>' for key in keys)
    yield "   </NODE>"


def _attributes(fields: dict[str, str]) -> str:
    from xml.sax.saxutils import quoteattr  # with urllib

    return "".join(f" {name}={quoteattr(one_line(text))}" for name, text in fields.items())


def is_marked(data: bytes) -> bool:
    """Whether groove wrote the file's head."""
    return data.startswith(_HEAD.encode())


REKORDBOX = Format("rekordbox", ".xml", render, is_marked, render_all)
