"""Every player that groove writes for and checks for, and its rules."""

from __future__ import annotations

from groovecli.messages.players import no_such_player
from groovecli.playlists.players.player import Decoding, Player, Reading, Trim

_URI = Reading(decoding=Decoding.URI)
_MPD = Reading(Trim.PARTS)
_KODI = Reading(Trim.ENDS, turns_backslashes=True)
_NAVIDROME = Reading(Trim.ENDS, Decoding.FILE_URL, fallback="cp1252", falls_back_by_file=True, folds=True)
_MIXXX = Reading(
    decoding=Decoding.FILE_URL, fallback="cp1250", falls_back_by_file=True, turns_backslashes=True
)
_JELLYFIN = Reading(Trim.ENDS, Decoding.FORM_OR_NOT)
_VLC = Reading(Trim.LEFT, Decoding.LIKELY_URI)

ANY = Player(
    "any",
    "any player",
    "m3u8",
    {".m3u8": Reading(), ".m3u": Reading(), ".xspf": _URI, ".jspf": _URI, ".xml": _URI},
    source="the formats' own pages: xspf.org, rekordbox.com",
)
_ROWS = (
    ANY,
    Player(
        "mpd",
        "MPD",
        "m3u",
        {".m3u": _MPD, ".m3u8": _MPD, ".xspf": _MPD},
        keeps_lists=True,
        library_only=True,
        squashes=True,
        max_songs=16_384,
        source="MPD: PlaylistFile.cxx, PlaylistSong.cxx, UriUtil.cxx, XspfPlaylistPlugin.cxx",
    ),
    Player(
        "navidrome",
        "Navidrome",
        "m3u8",
        {".m3u8": _NAVIDROME, ".m3u": _NAVIDROME},
        library_only=True,
        source="Navidrome: core/playlists/parse_m3u.go, utils/ioutils/ioutils.go",
    ),
    Player(
        "jellyfin",
        "Jellyfin",
        "m3u8",
        {".m3u8": _JELLYFIN, ".m3u": _JELLYFIN},
        library_only=True,
        source="Jellyfin: PlaylistItemsProvider.cs, with PlaylistsNET 1.4.1: M3uContent.cs, Utils.cs",
    ),
    Player(
        "kodi",
        "Kodi",
        "m3u",
        {
            ".m3u": _KODI,
            ".m3u8": _KODI,
            ".xspf": Reading(decoding=Decoding.FORM),
        },
        hides=(".m3u8",),
        source="Kodi: PlayListM3U.cpp, PlayListXSPF.cpp, Util.cpp, URIUtils.cpp, AdvancedSettings.cpp",
    ),
    Player(
        "vlc",
        "VLC",
        "m3u8",
        {
            ".m3u8": _VLC,
            ".m3u": Reading(Trim.LEFT, Decoding.LIKELY_URI, fallback="latin-1"),
            ".xspf": Reading(decoding=Decoding.LIKELY_URI),
        },
        source="VLC: demux/playlist/m3u.c, playlist.c, text/url.c",
    ),
    Player(
        "mixxx",
        "Mixxx",
        "m3u8",
        {".m3u8": _MIXXX, ".m3u": _MIXXX},
        follows_links=True,
        is_absolute=True,
        source="Mixxx: library/parserm3u.cpp, parser.cpp",
    ),
    Player(
        "rekordbox",
        "rekordbox",
        "rekordbox",
        {".xml": _URI},
        is_absolute=True,
        source="rekordbox: XML format list (PDF of rekordbox.com)",
    ),
)
PLAYERS: dict[str, Player] = {each.name: each for each in _ROWS}


def player_called(name: str) -> Player:
    """The player called `name`.

    Raises
    ------
    UsageError
        There is no such player.
    """
    if name not in PLAYERS:
        raise no_such_player(name, list(PLAYERS))
    return PLAYERS[name]
