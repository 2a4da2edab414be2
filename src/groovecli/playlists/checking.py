"""A playlist against players: which of them finds which song, and why not."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from groovecli.messages import players as messages
from groovecli.monitor import SILENT, Monitor
from groovecli.playlists.naming import PathMap, below
from groovecli.playlists.players.locations import Unheard, heard, is_stream, is_utf8
from groovecli.playlists.players.player import Decoding, Player, Reading
from groovecli.playlists.reading import Item, Listed


@dataclass(frozen=True, slots=True)
class Miss:
    """A song that a player doesn't find; `code` is a key of `messages.players.WHY`."""

    item: Item
    code: str

    @property
    def why(self) -> str:
        """Text for a person."""
        return messages.WHY[self.code]


@dataclass(frozen=True)
class Verdict:
    """What a player makes of a playlist."""

    player: Player
    n_found: int
    missed: tuple[Miss, ...]


@dataclass(frozen=True)
class Check:
    """A playlist and the players; `streams` are addresses on the network, which are not looked up."""

    listed: Listed
    n_songs: int
    verdicts: tuple[Verdict, ...]
    streams: tuple[Item, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every player finds every song."""
        return not any(each.missed for each in self.verdicts)


class Disk:
    """Which paths lead to files; each folder is listed once, where a name is looked for loosely."""

    def __init__(self) -> None:
        self._is_file: dict[bytes, bool] = {}
        self._alike: dict[bytes, bytes | None] = {}
        self._names: dict[bytes, dict[str, list[bytes]]] = {}

    def has(self, path: bytes) -> bool:
        """Whether a path leads to a file."""
        if path not in self._is_file:
            self._is_file[path] = b"\0" not in path and os.path.isfile(path)
        return self._is_file[path]

    def alike(self, path: bytes) -> bytes | None:
        """A file whose path differs at most in case and in the form of accents."""
        if path not in self._alike:
            self._alike[path] = path if self.has(path) else self._look_for(path)
        return self._alike[path]

    def _look_for(self, path: bytes) -> bytes | None:
        here = b"/"
        for part in os.path.normpath(path).split(b"/")[1:]:
            names = self._listed(here).get(_folded(part), [])
            if not names:
                return None
            here = os.path.join(here, part if part in names else names[0])
        return here if self.has(here) else None

    def _listed(self, folder: bytes) -> dict[str, list[bytes]]:
        if folder not in self._names:
            found: dict[str, list[bytes]] = {}
            try:
                for name in sorted(os.listdir(folder)):
                    found.setdefault(_folded(name), []).append(name)
            except OSError:
                pass
            self._names[folder] = found
        return self._names[folder]


def _folded(name: bytes) -> str:
    return unicodedata.normalize("NFC", os.fsdecode(name)).lower()


def check(
    listed: Listed,
    players: Iterable[Player],
    *,
    music: Path | None = None,
    path_map: PathMap = (),
    disk: Disk | None = None,
    monitor: Monitor = SILENT,
) -> Check:
    """Look for each song of a playlist as each player would.

    Parameters
    ----------
    listed : Listed
    players : iterable of Player
    music : Path, optional
        The players' music folder; without, songs may be anywhere.
    path_map : tuple of (str, str)
        Folders here, and what the players call them.
    disk : Disk, optional
        What is known of the disk already.
    monitor : Monitor, optional

    Raises
    ------
    Interrupted
        The user stopped it.
    """
    search = _Search(listed, music, path_map, disk or Disk(), monitor)
    streams = tuple(item for item in listed.items if is_stream(item.text))
    verdicts = tuple(search.verdict(player) for player in players)
    return Check(listed, len(search.songs), verdicts, streams)


def check_not_stopped(monitor: Monitor) -> None:
    """Raise an Interrupted if the user stopped it."""
    if monitor.stopped:
        raise messages.stopped_checking()


class _Search:
    """The songs of one playlist, looked for."""

    def __init__(
        self, listed: Listed, music: Path | None, path_map: PathMap, disk: Disk, monitor: Monitor
    ) -> None:
        self._listed = listed
        self._music = None if music is None else os.path.abspath(music)
        self._path_map = path_map
        self._disk, self._monitor = disk, monitor
        self._folder = os.path.abspath(listed.path.parent)
        self._is_in: dict[bytes, bool] = {}
        self._places: dict[tuple[bytes, str], bytes] = {}
        self._is_fallen = not listed.is_utf8
        self._is_line = listed.is_of_lines
        meant = [item for item in listed.comments if self._is_there(item)]
        named = [item for item in listed.items if not is_stream(item.text)]
        self.songs = sorted([*named, *meant], key=lambda item: item.number)

    def _is_there(self, item: Item) -> bool:
        check_not_stopped(self._monitor)
        return self._disk.has(self._at(item.text))

    def verdict(self, player: Player) -> Verdict:
        """What one player makes of the playlist."""
        reading = player.reads.get(self._listed.suffix)
        if reading is None:
            return _nothing(player, self.songs, "ending")
        base, is_stored = self._base(player)
        if is_stored and self._listed.path.suffix != ".m3u":
            return _nothing(player, self.songs, "stored")
        missed = []
        for n, item in enumerate(self.songs):
            check_not_stopped(self._monitor)
            if player.max_songs and n >= player.max_songs:
                missed.append(Miss(item, "too-many"))
            elif code := self._miss(item.text, player, reading, base):
                missed.append(Miss(item, code))
        return Verdict(player, len(self.songs) - len(missed), tuple(missed))

    def _base(self, player: Player) -> tuple[str, bool]:
        """The folder that paths start from, and whether it is the player's own folder of playlists."""
        is_stored = (
            player.keeps_lists and self._music is not None and below(self._folder, self._music) is None
        )
        if is_stored:
            return self._music or self._folder, True
        return os.path.realpath(self._folder) if player.follows_links else self._folder, False

    def _miss(self, text: bytes, player: Player, reading: Reading, base: str) -> str:
        """Why a player misses a song; nothing where it doesn't."""
        try:
            path = heard(text, reading, is_line=self._is_line, is_fallen=self._is_fallen)
        except Unheard as error:
            return str(error)
        if player.squashes and self._leaves(path, base):
            return "leaves"
        place = self._here(path, base)
        found = self._disk.alike(place) if reading.folds else place
        if found is None or not self._disk.has(found):
            return self._why(text, path, place, reading)
        return "outside" if player.library_only and self._is_outside(found) else ""

    def _leaves(self, path: bytes, base: str) -> bool:
        """Whether a relative path leads out of the music folder, if only to come back."""
        if self._music is None or path.startswith(b"/") or b".." not in path:
            return False
        start = below(base, self._music)
        if start is None:
            return False
        return os.path.normpath(os.path.join(os.fsencode(start), path)).startswith(b"..")

    def _is_outside(self, path: bytes) -> bool:
        """Whether a song is not in the music folder, where one was named."""
        folder = os.path.dirname(path)
        if folder not in self._is_in:
            inside = "" if self._music is None else below(os.fsdecode(folder), self._music)
            self._is_in[folder] = inside is not None
        return not self._is_in[folder]

    def _why(self, text: bytes, path: bytes, place: bytes, reading: Reading) -> str:
        """Why a song isn't where a player looks for it, by what would have been found otherwise."""
        if not is_utf8(text):
            return "not-utf8"
        if text != path and self._disk.has(self._at(text)):
            return _changed(text, reading, self._is_fallen)
        if self._disk.has(self._here(path, self._folder)) or self._is_in_music(path):
            return "start"
        if (alike := self._disk.alike(place)) is not None:
            return "accents" if _nfc(alike) == _nfc(place) else "case"
        is_raw = reading.decoding in (Decoding.NONE, Decoding.FILE_URL)
        if is_raw and b"%" in text and self._disk.has(self._at(unquote_to_bytes(text))):
            return "not-decoded"
        return "missing"

    def _is_in_music(self, path: bytes) -> bool:
        return self._music is not None and self._disk.has(self._here(path, self._music))

    def _here(self, path: bytes, base: str) -> bytes:
        """Where a player's path is on this machine."""
        if (path, base) not in self._places:
            self._places[path, base] = self._place(path, base)
        return self._places[path, base]

    def _place(self, path: bytes, base: str) -> bytes:
        for here, there in self._path_map:
            rest = _behind(path, os.fsencode(there))
            if rest is not None:
                return os.path.join(os.fsencode(here), rest)
        return os.path.normpath(os.path.join(os.fsencode(base), path))

    def _at(self, text: bytes) -> bytes:
        return self._here(text, self._folder)


def _behind(path: bytes, folder: bytes) -> bytes | None:
    """The part of a path behind a folder in the player's terms, which may be Windows'."""
    path, folder = (each.replace(b"\\", b"/") if b"\\" in folder else each for each in (path, folder))
    folder = folder.rstrip(b"/") + b"/"
    return path[len(folder) :] if path.startswith(folder) else None


def _changed(text: bytes, reading: Reading, is_fallen: bool) -> str:
    """Which of a player's rules changed a path that was right."""
    if is_fallen and reading.falls_back_by_file and not text.isascii():
        return "encoding"
    if b"\\" in text and reading.turns_backslashes:
        return "backslash"
    if reading.decoding in (Decoding.URI, Decoding.LIKELY_URI) and set(b"#?") & set(text):
        return "cut"
    return "percent" if set(b"%+") & set(text) else "spaces"


def _nfc(path: bytes) -> str:
    return unicodedata.normalize("NFC", os.fsdecode(path))


def _nothing(player: Player, items: Sequence[Item], code: str) -> Verdict:
    """A player that opens no such file misses all."""
    return Verdict(player, 0, tuple(Miss(item, code) for item in items))
