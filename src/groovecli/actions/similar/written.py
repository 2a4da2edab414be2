"""A list of songs as a playlist file, which never takes the place of another one unasked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from groovecli.files import check_writable, write_bytes
from groovecli.library.tracks import Rejected, Track
from groovecli.messages.options import file_there, no_such_ending
from groovecli.playlists.formats.format import Format
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.formats.text import as_own
from groovecli.playlists.naming import Naming
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.reasons import Reason


def check_out(out: Path | None, *, force: bool) -> None:
    """Find out before the work whether a playlist can be written, if one is to be.

    Raises
    ------
    UsageError
        No kind of playlist has this ending, or a file is there and `force` is not given.
    StorageError
        It can't be written there.
    """
    if out is None:
        return
    _format_of(out)
    check_writable(out)
    if os.path.lexists(out) and not force:
        raise file_there(out)


def write_list(out: Path, name: str, tracks: Sequence[Track], *, absolute: bool) -> tuple[Rejected, ...]:
    """Write songs in their order; the songs whose path the format can't hold.

    Raises
    ------
    StorageError
        It can't be written.
    """
    entries = tuple(
        Entry(track.path, track.duration_s, track.tags.artist, track.tags.title, track.tags.genre)
        for track in tracks
    )
    rendered = _format_of(out).render(
        Playlist(name, entries, entries[0]), out.parent, Naming(is_absolute=absolute)
    )
    write_bytes(out, as_own(rendered.data))
    return tuple(Rejected(path, Reason.LINE_BREAK) for path in rendered.left_out)


def _format_of(out: Path) -> Format:
    by_suffix = {each.suffix: each for each in FORMATS.values()}
    if out.suffix.lower() not in by_suffix:
        raise no_such_ending(out, by_suffix)
    return by_suffix[out.suffix.lower()]
