"""How a playlist says where its songs are: relative to which folder, or in whose terms."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from groovecli.messages import players as messages
from groovecli.playlists.players.locations import is_on_windows
from groovecli.playlists.players.player import Player
from groovecli.playlists.players.registry import ANY, player_called

PathMap = tuple[tuple[str, str], ...]
"""Folders here, and what the player calls each."""


@dataclass(frozen=True)
class Naming:
    """How the songs of a playlist are named.

    Parameters
    ----------
    player : Player
        Who reads the file.
    is_absolute : bool
        Whether the whole path is written.
    relative_to : Path, optional
        The folder that paths start from; the playlist's own unless given.
    prefix : str
        What stands before each relative path.
    path_map : tuple of (str, str)
        Folders here and what the player calls them; then paths are absolute.
    """

    player: Player = ANY
    is_absolute: bool = False
    relative_to: Path | None = None
    prefix: str = ""
    path_map: PathMap = ()

    def locations(self, songs: Iterable[Path], folder: Path) -> Iterator[bytes | None]:
        """Where each song is, as a playlist in `folder` says it: the bytes of the disk, UTF-8 or not.

        None where no folder of `path_map` has the song.
        """
        ways = _Ways(self.relative_to or folder)
        for song in songs:
            if self.path_map:
                there = mapped(song, self.path_map)
                yield None if there is None else os.fsencode(there)
            elif self.is_absolute:
                yield os.fsencode(song.absolute())
            else:
                way = ways.to(song)
                yield os.fsencode(self.prefix + way if self.prefix else _clear(way))


class _Ways:
    """Ways from a folder to songs, right for players that follow links and for those that read "..".

    On the way up, ".." of a linked folder is not the folder that it seems to be in. So names go through
    links only downwards: where the folder is not reached through links, or has the song below it.
    """

    def __init__(self, folder: Path) -> None:
        self._true = os.path.realpath(folder)
        self._seen = self._true if ".." in folder.parts else os.path.abspath(folder)
        self._ways: dict[str, str] = {}  # to folders: asking the disk for each song would take longest

    def to(self, song: Path) -> str:
        """The way to a song; its whole path where there is none, as between two drives of Windows."""
        folder, name = os.path.split(song)
        if folder not in self._ways:
            self._ways[folder] = self._to_folder(folder)
        way = self._ways[folder]
        return name if way == "." else f"{way.rstrip('/')}/{name}"

    def _to_folder(self, folder: str) -> str:
        seen = os.path.abspath(folder)
        is_plain = ".." not in Path(folder).parts
        if is_plain and (self._seen == self._true or _is_in(seen, self._seen)):
            return _way(seen, self._seen)
        return _way(os.path.realpath(folder), self._true)


def _is_in(path: str, folder: str) -> bool:
    """Whether a folder has a path, or is it, by their names alone."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _way(there: str, folder: str) -> str:
    if os.path.splitdrive(there)[0] != os.path.splitdrive(folder)[0]:
        return there
    return os.path.relpath(there, folder).replace(os.sep, "/")


def _clear(way: str) -> str:
    """A way that is no comment, has no indent, and is no URL."""
    is_unclear = way[0] == "#" or way[0].isspace() or ":" in way.partition("/")[0]
    return f"./{way}" if is_unclear else way


RELATIVE = Naming()
"""Relative to the playlist's own folder, for any player."""


def mapped(song: Path, path_map: PathMap) -> str | None:
    """The path of a song in the player's terms, by the longest folder that has the song, if one has."""
    for path in dict.fromkeys((os.path.abspath(song), os.path.realpath(song))):
        for here, there in sorted(path_map, key=lambda pair: -len(pair[0])):
            if (rest := below(path, here)) is not None:
                return _joined(there, rest)
    return None


def below(path: str, folder: str) -> str | None:
    """The part of a path behind a folder, by its own name or the true one; None where it isn't in it."""
    for base in (os.path.abspath(folder), os.path.realpath(folder)):
        if _is_in(path, base):
            return path[len(base.rstrip("/")) + 1 :]
    return None


def _joined(there: str, rest: str) -> str:
    if is_on_windows(os.fsencode(there)) and "/" not in there:
        return str(PureWindowsPath(there, rest))
    return f"{there.rstrip('/')}/{rest}"


def naming_for(
    player: str,
    library: Path,
    out: Path,
    *,
    absolute: bool = False,
    relative_to: Path | None = None,
    prefix: str = "",
    path_map: Sequence[str] = (),
) -> Naming:
    """How playlists in the folder `out` name the songs of `library` for a player.

    Without wishes: relative to the playlist, or absolute for a player that wants so. MPD's own folder
    of playlists is outside the music: there, paths start from the library.

    Raises
    ------
    UsageError
        There is no such player; wishes contradict each other or have a line break; a map fits nothing in
        the library.
    """
    chosen = player_called(player)
    wishes = {
        "--absolute": absolute,
        "--relative-to": relative_to is not None,
        "--path-map": bool(path_map),
    }
    asked = [option for option, is_asked in wishes.items() if is_asked]
    if prefix and (absolute or path_map):
        asked.append("--prefix")
    if len(asked) > 1:
        raise messages.options_contradict(asked)
    if _has_line_break(prefix):
        raise messages.line_break_in("--prefix", prefix)
    if relative_to is not None and not relative_to.is_dir():
        raise messages.no_folder_to_start_from(relative_to)
    is_outside = below(os.path.realpath(out), str(library)) is None
    if relative_to is None and (prefix or (chosen.keeps_lists and is_outside)):
        relative_to = library
    return Naming(
        chosen,
        is_absolute=absolute or (chosen.is_absolute and not (relative_to or prefix)),
        relative_to=relative_to,
        prefix=prefix,
        path_map=path_maps(path_map, library),
    )


def path_maps(texts: Sequence[str], library: Path | None = None) -> PathMap:
    """The pairs of `FROM=TO`; each must have to do with the library, where one is given.

    Raises
    ------
    UsageError
        A text is no pair, its folder holds nothing of the library, or has a map already.
    """
    pairs: list[tuple[str, str]] = []
    for text in texts:
        here, is_pair, there = text.partition("=")
        if not is_pair or not here or not there:
            raise messages.no_path_map(text)
        here = os.path.abspath(os.path.expanduser(here))
        if _has_line_break(there):
            raise messages.line_break_in("--path-map", there)
        if any(here == other for other, _ in pairs):
            raise messages.path_map_again(here)
        if library is not None and _are_apart(here, library):
            raise messages.path_map_fits_nothing(here, library)
        pairs.append((here, there))
    return tuple(pairs)


def _has_line_break(text: str) -> bool:
    """Whether a line of a playlist can't hold a text."""
    return "\n" in text or "\r" in text


def _are_apart(folder: str, library: Path) -> bool:
    places = {os.path.abspath(library), os.path.realpath(library)}
    return all(
        below(place, folder) is None and below(os.path.abspath(folder), place) is None for place in places
    )
