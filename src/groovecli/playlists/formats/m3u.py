"""A playlist as an M3U8 file."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

from groovecli.playlists.formats.format import Format, Rendered
from groovecli.playlists.playlist import Playlist

_HEAD = b"""#EXTM3U
# Written by groove: its next run replaces or removes this file, unless the file was edited.
"""


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def render(playlist: Playlist, folder: Path, absolute: bool = False) -> Rendered:
    """A playlist as the bytes of an M3U8 file that is to stand in `folder`.

    Paths are relative to the folder unless `absolute`, and are the bytes that the disk has, UTF-8
    or not. A song whose path has a line break can't be said in this format and is left out.
    """
    lines = [b"#PLAYLIST:" + _text(playlist.name)]
    left_out = []
    true_folder = Path(os.path.realpath(folder))
    for entry in playlist.entries:
        path = entry.path.absolute() if absolute else _relative(entry.path, true_folder)
        location = os.fsencode(path)
        if b"\n" in location or b"\r" in location:
            left_out.append(entry.path)
            continue
        label = " - ".join(part for part in (entry.artist.strip(), entry.shown_title) if part)
        lines += [f"#EXTINF:{_seconds(entry.duration_s)},".encode() + _text(label), location]
    return Rendered(_HEAD + b"\n".join(lines) + b"\n", tuple(left_out))


def _text(text: str) -> bytes:
    """Text on one line; what can't be UTF-8, as in the name of an old file, becomes "?"."""
    return " ".join(_CONTROL.sub(" ", text).split()).encode(errors="replace")


def _seconds(duration_s: float) -> int:
    """Whole seconds, -1 (in M3U: unknown) where there are none."""
    return round(duration_s) if math.isfinite(duration_s) and duration_s > 0 else -1


def _relative(path: Path, true_folder: Path) -> str:
    """The way to a song from a folder without links, itself through folders that are no links.

    On the way up, ".." of a linked folder would not be the folder that it seems to be in.
    """
    true = Path(os.path.realpath(path.parent), path.name)
    if true.drive != true_folder.drive:  # on Windows no way leads from one drive to another
        return str(true)
    line = os.path.relpath(true, true_folder).replace(os.sep, "/")
    is_unclear = line[0] == "#" or line[0].isspace() or ":" in line.partition("/")[0]
    return f"./{line}" if is_unclear else line  # no comment, no indent, no URL


def is_marked(data: bytes) -> bool:
    """Whether groove wrote the file's head."""
    return data.startswith(_HEAD)


M3U8 = Format("m3u8", ".m3u8", render, is_marked)
