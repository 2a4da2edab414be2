"""A playlist as an M3U or M3U8 file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from groovecli.playlists.formats.format import Format, Rendered
from groovecli.playlists.formats.text import MARK, label, one_line, seconds
from groovecli.playlists.naming import RELATIVE, Naming
from groovecli.playlists.players.locations import as_line
from groovecli.playlists.players.player import Reading
from groovecli.playlists.playlist import Playlist

_HEAD = f"#EXTM3U\n# {MARK}\n".encode()


def render(playlist: Playlist, folder: Path, naming: Naming = RELATIVE, suffix: str = ".m3u8") -> Rendered:
    """A playlist as the bytes of an M3U file that is to stand in `folder`.

    Paths are the bytes that the disk has, UTF-8 or not, unless the player decodes something in them. A
    song whose path has a line break, or that the player can't find by any line, is left out.
    """
    lines = [f"#PLAYLIST:{one_line(playlist.name)}".encode()]
    left_out = []
    reading = naming.player.reads.get(suffix, Reading())
    locations = naming.locations((entry.path for entry in playlist.entries), folder)
    for entry, location in zip(playlist.entries, locations, strict=True):
        line = None if location is None else as_line(location, reading)
        if line is None:
            left_out.append(entry.path)
            continue
        length = seconds(entry.duration_s)  # -1 is unknown
        whole = -1 if length is None else round(length)
        lines += [f"#EXTINF:{whole},{label(entry)}".encode(), line]
    return Rendered(_HEAD + b"\n".join(lines) + b"\n", tuple(left_out))


def is_marked(data: bytes) -> bool:
    """Whether groove wrote the file's head."""
    return data.startswith(_HEAD)


M3U8 = Format("m3u8", ".m3u8", render, is_marked)
M3U = Format("m3u", ".m3u", partial(render, suffix=".m3u"), is_marked)
