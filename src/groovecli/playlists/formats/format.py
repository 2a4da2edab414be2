"""A playlist format: an ending, the bytes of a file, and how to recognise groove's own files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from groovecli.playlists.naming import Naming
from groovecli.playlists.playlist import Playlist


@dataclass(frozen=True)
class Rendered:
    """A playlist's bytes, and the songs whose path the format can't hold, or its player can't read."""

    data: bytes
    left_out: tuple[Path, ...]


@dataclass(frozen=True)
class Format:
    """A kind of playlist file.

    Parameters
    ----------
    name : str
        What `--format` calls it.
    suffix : str
        How its files end, such as ".m3u8".
    render : function
        Playlist, the folder that its file is to stand in, how songs are named -> Rendered.
    is_marked : function
        Whether a file's bytes bear the line that groove writes into its own.
    render_all : function, optional
        All playlists -> Rendered, where one file holds them all; it has the name `ONE_FILE`.
    """

    name: str
    suffix: str
    render: Callable[[Playlist, Path, Naming], Rendered]
    is_marked: Callable[[bytes], bool]
    render_all: Callable[[Sequence[Playlist], Path, Naming], Rendered] | None = None


ONE_FILE = "Playlists"
"""What the file is called that holds all playlists."""
