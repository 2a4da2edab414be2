"""Every playlist format there is, by name."""

from __future__ import annotations

from pathlib import Path

from groovecli.messages.playlists import no_such_format, not_for_player, unknown_ending
from groovecli.playlists.formats import jspf, m3u, rekordbox, xspf
from groovecli.playlists.formats.format import Format
from groovecli.playlists.players.player import Decoding, Player
from groovecli.playlists.players.registry import ANY

FORMATS: dict[str, Format] = {
    each.name: each for each in (m3u.M3U8, m3u.M3U, xspf.XSPF, jspf.JSPF, rekordbox.REKORDBOX)
}


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


def format_for(player: Player, name: str = "") -> Format:
    """The format that a player gets: its own, unless another is named that it opens.

    Raises
    ------
    UsageError
        There is no such format, or the player can't open it.
    """
    chosen = playlist_format(name or player.format)
    if not _opens(player, chosen):
        others = [each.name for each in FORMATS.values() if _opens(player, each)]
        raise not_for_player(player.title, chosen.name, others)
    return chosen


def _opens(player: Player, chosen: Format) -> bool:
    """Whether a player opens what groove writes: in XML and JSON paths are URIs, which not all decode."""
    if player == ANY:
        return True
    reading = player.reads.get(chosen.suffix)
    is_of_lines = chosen.suffix in (m3u.M3U.suffix, m3u.M3U8.suffix)
    return reading is not None and (is_of_lines or reading.decoding != Decoding.NONE)


def format_of(path: Path) -> Format:
    """The format of a file, by its ending.

    Raises
    ------
    UsageError
        No format has that ending.
    """
    for each in FORMATS.values():
        if each.suffix == path.suffix.lower():
            return each
    raise unknown_ending(path, [each.suffix for each in FORMATS.values()])
