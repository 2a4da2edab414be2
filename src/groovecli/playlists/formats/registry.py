"""Every playlist format there is, by name."""

from __future__ import annotations

from groovecli.messages.playlists import no_such_format
from groovecli.playlists.formats import m3u
from groovecli.playlists.formats.format import Format

FORMATS: dict[str, Format] = {each.name: each for each in (m3u.M3U8,)}


def playlist_format(name: str) -> Format:
    """The format called `name`.

    Raises
    ------
    UsageError
        There is no such format.
    """
    if name not in FORMATS:
        raise no_such_format(name, list(FORMATS))
    return FORMATS[name]
