"""Playlists -> which player finds which of their songs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.errors import LibraryError
from groovecli.library.tracks import Rejected
from groovecli.library.walk import check_folder
from groovecli.messages import players as messages
from groovecli.monitor import Monitor
from groovecli.paths import StrPath, StrPaths, as_paths
from groovecli.playlists.checking import Check, Disk, check, check_not_stopped
from groovecli.playlists.manifest import About, Manifest, read_manifest
from groovecli.playlists.naming import path_maps
from groovecli.playlists.players.player import Player
from groovecli.playlists.players.registry import ANY, PLAYERS, player_called
from groovecli.playlists.reading import Listed, playlists_of, read_playlist
from groovecli.reasons import Reason


@dataclass(frozen=True)
class CheckPlaylistRequest(Checked):
    """Which playlists, or folders of them, and for which players.

    Without any, a playlist that groove wrote for one player is checked for that one, and in its library;
    another one for all players that open such files.

    `music` is the players' music folder. `path_map` has `FROM=TO`: folders here, and what the players
    call them.
    """

    paths: StrPaths
    players: tuple[str, ...] = ()
    music: StrPath | None = None
    path_map: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaylistsChecked:
    """What each player makes of each playlist; `failed` are files that are none, `own` groove's."""

    checks: tuple[Check, ...]
    failed: tuple[Rejected, ...]
    notes: tuple[str, ...]
    own: frozenset[Path] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether every file is a playlist, of which every player finds every song."""
        return not self.failed and all(each.is_whole for each in self.checks)


def run(request: CheckPlaylistRequest, context: Context) -> PlaylistsChecked:
    """Look for each song of playlists as each player would.

    Raises
    ------
    LibraryError
        None of the files is a playlist.
    UsageError
        There is no such player.
    Interrupted
        The user stopped it.
    """
    check_call("check_playlist", request, CheckPlaylistRequest, context)
    wanted = [player_called(name) for name in request.players]
    music = None if request.music is None else Path(request.music)
    if music is not None:
        check_folder(music)
    maps = path_maps(request.path_map)
    paths = as_paths(request.paths, "CheckPlaylistRequest", "paths")
    disk = Disk()
    checks: list[Check] = []
    notes: dict[str, None] = {}
    listed, failed = _read([file for path in paths for file in playlists_of(path)], context.monitor)
    folders = Folders()
    for each in listed:
        check_not_stopped(context.monitor)
        about = folders.about(each.path)
        made_for = PLAYERS.get(about.player) if about is not None and not wanted else None
        players, others = ([made_for], []) if made_for else _players(each.suffix, wanted)
        of_list = music
        if made_for and about is not None:
            notes[messages.made_for(made_for.title, each.path.parent)] = None
            of_list = music or _there(about.library)
        found = check(each, players, music=of_list, path_map=maps, disk=disk, monitor=context.monitor)
        checks.append(found)
        notes.update(dict.fromkeys(_notes(found, others, of_list)))
    own = frozenset(each.path for each in listed if folders.about(each.path) is not None)
    return PlaylistsChecked(tuple(checks), failed, tuple(notes), own)


class Folders:
    """What folders of playlists remember, each read once."""

    def __init__(self) -> None:
        self._known: dict[Path, Manifest | None] = {}

    def about(self, path: Path) -> About | None:
        """What a playlist was made from, and how, if groove wrote it."""
        folder = path.parent
        if folder not in self._known:
            try:
                self._known[folder] = read_manifest(folder)
            except LibraryError:  # of a newer groove
                self._known[folder] = None
        manifest = self._known[folder]
        return manifest.about if manifest is not None and path.name in manifest.files else None


def _there(folder: str) -> Path | None:
    """A library, if it is there."""
    return Path(folder) if folder and Path(folder).is_dir() else None


def _read(paths: Sequence[Path], monitor: Monitor) -> tuple[list[Listed], tuple[Rejected, ...]]:
    """The entries of each playlist, and the files that are none; an error where all are none."""
    listed, failed = [], []
    first: LibraryError | None = None
    for path in paths:
        check_not_stopped(monitor)
        try:
            listed.append(read_playlist(path))
        except LibraryError as error:
            first = first or error
            why = error.what.removeprefix(str(path)).strip()
            failed.append(Rejected(path, Reason.MALFORMED, why))
    if first is not None and not listed:
        raise first
    return listed, tuple(failed)


def _players(suffix: str, wanted: Sequence[Player]) -> tuple[list[Player], list[Player]]:
    """The players to check a file for, and those that open no such file."""
    if wanted:
        return list(wanted), []
    named = [player for player in PLAYERS.values() if player != ANY]
    able = [player for player in named if suffix in player.reads]
    return able or [ANY], [player for player in named if player not in able]


def _notes(found: Check, others: Sequence[Player], music: Path | None) -> Iterator[str]:
    """What is no fault of a list, but should be known of the players."""
    players, suffix = [verdict.player for verdict in found.verdicts], found.listed.suffix
    of_library = [player.title for player in players if player.library_only]
    if music is None and of_library:
        yield messages.music_not_known(of_library)
    for player in players:
        if suffix in player.hides:
            yield messages.hidden(player.title, suffix)
    if not found.n_songs:
        yield messages.no_songs_in(found.listed.path)
    if others:
        yield messages.not_checked([player.title for player in others], suffix)
