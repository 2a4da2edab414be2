"""Players of Debian, which load a playlist and say which files they make of its entries."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

_SYSTEM_PYTHON = "/usr/bin/python3"
_TOTEM = """
import sys
import gi
gi.require_version("TotemPlParser", "1.0")
from gi.repository import GLib, TotemPlParser
parser = TotemPlParser.Parser()
parser.connect("entry-parsed", lambda parser, uri, entry: print(uri))
for path in sys.argv[1:]:
    parser.parse(GLib.filename_to_uri(path, None), False)
"""


class Mpd:
    """The Music Player Daemon, with a music folder and a folder of playlists."""

    def __init__(self, socket: Path, music: Path, lists: Path) -> None:
        self._socket = socket
        self._music = music
        self.lists = lists

    def _ask(self, *words: str) -> bytes:
        env = {**os.environ, "MPD_HOST": str(self._socket)}
        return subprocess.run(["mpc", *words], env=env, capture_output=True, timeout=60, check=False).stdout

    def is_up(self) -> bool:
        """Whether it answers."""
        return self._socket.exists() and b"volume" in self._ask("status")

    def update(self) -> None:
        """Look at the music again."""
        self._ask("update", "--wait")

    def load(self, name: str) -> list[bytes]:
        """Load a playlist: its path in the music folder, or its name in the folder of playlists."""
        self._ask("clear")
        self._ask("load", name)
        files = self._ask("playlist", "-f", "%file%").split(b"\n")
        return [os.path.join(os.fsencode(self._music), file) for file in files if file]


@contextmanager
def mpd(folder: Path, music: Path) -> Iterator[Mpd]:
    """A running MPD; its playlists are in `folder`/lists."""
    if not (shutil.which("mpd") and shutil.which("mpc")):
        pytest.skip("MPD is not installed (Debian: mpd mpc)")
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    places = {"music_directory": music, "playlist_directory": folder / "lists", "db_file": folder / "db"}
    places |= {"state_file": folder / "state", "bind_to_address": folder / "s"}
    lines = [f'{name} "{place}"' for name, place in places.items()]
    lines += ['filesystem_charset "UTF-8"', "audio_output {", ' type "null"', ' name "none"', "}", ""]
    (folder / "mpd.conf").write_text("\n".join(lines))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["mpd", "--no-daemon", "--stderr", str(folder / "mpd.conf")], stdout=log, stderr=log
        )
    try:
        server = Mpd(folder / "s", music, folder / "lists")
        end = time.monotonic() + 20
        while not server.is_up():
            if process.poll() is not None or time.monotonic() > end:
                pytest.skip(f"MPD does not start here: {(folder / 'log').read_text()[-200:]}")
            time.sleep(0.05)
        server.update()
        yield server
    finally:
        process.terminate()
        process.wait(20)


class Vlc:
    """libvlc, which reads playlists as VLC does, and plays nothing."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("vlc")
        if name is None:
            pytest.skip("VLC is not installed (Debian: vlc-bin vlc-plugin-base)")
        self._lib = ctypes.CDLL(name)
        for function in ("new", "media_new_path", "media_subitems", "media_list_item_at_index"):
            getattr(self._lib, f"libvlc_{function}").restype = ctypes.c_void_p
        self._lib.libvlc_media_get_mrl.restype = ctypes.c_void_p
        vlc = self._lib.libvlc_new(2, (ctypes.c_char_p * 2)(b"--no-video", b"--quiet"))
        if not vlc:
            pytest.skip("VLC does not start here")
        self._vlc = ctypes.c_void_p(vlc)

    def load(self, path: Path) -> list[bytes]:
        """The paths that it makes of a playlist's entries."""
        lib = self._lib
        media = ctypes.c_void_p(lib.libvlc_media_new_path(self._vlc, os.fsencode(path)))
        lib.libvlc_media_parse_with_options(media, 0, 20_000)
        end = time.monotonic() + 20
        while not lib.libvlc_media_get_parsed_status(media) and time.monotonic() < end:
            time.sleep(0.01)
        items = ctypes.c_void_p(lib.libvlc_media_subitems(media))
        return [self._path(items, n) for n in range(lib.libvlc_media_list_count(items))]

    def _path(self, items: ctypes.c_void_p, n: int) -> bytes:
        item = ctypes.c_void_p(self._lib.libvlc_media_list_item_at_index(items, n))
        address = ctypes.string_at(self._lib.libvlc_media_get_mrl(item))
        return unquote_to_bytes(address.removeprefix(b"file://").split(b"#")[0].split(b"?")[0])


def totem(path: Path) -> list[bytes]:
    """The paths that the parser of GNOME's players makes of a playlist's entries."""
    if not Path(_SYSTEM_PYTHON).exists():
        pytest.skip("there is no Python of the system")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    found = subprocess.run(
        [_SYSTEM_PYTHON, "-c", _TOTEM, path], env=env, capture_output=True, timeout=60, check=False
    )
    if b"Namespace TotemPlParser not available" in found.stderr or b"'gi'" in found.stderr:
        pytest.skip("totem-plparser is not installed (Debian: gir1.2-totemplparser-1.0 python3-gi)")
    lines = found.stdout.split(b"\n")
    return [unquote_to_bytes(line.removeprefix(b"file://")) for line in lines if line]
