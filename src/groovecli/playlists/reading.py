"""The entries of a playlist file, as the bytes that stand in it, and the songs that they name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from groovecli.files import A_FOLDER, other_kind
from groovecli.messages import players as messages
from groovecli.playlists.formats.xspf import NAMESPACE
from groovecli.playlists.players.locations import is_utf8

if TYPE_CHECKING:
    from xml.etree import ElementTree

SUFFIXES = (".m3u8", ".m3u", ".xspf", ".jspf", ".xml")
LINE_SUFFIXES = (".m3u8", ".m3u")
_LARGEST = 256 << 20
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://")
_TITLE = b"#PLAYLIST:"
_DIRECTIVES = (b"#EXT", b"#KODIPROP", b"# ", b"##")


@dataclass(frozen=True, slots=True)
class Item:
    """An entry, at which line of the file, or at which place of the list."""

    number: int
    text: bytes


@dataclass(frozen=True)
class Listed:
    """The entries of a playlist file; `comments` are lines with # that may be meant as songs.

    `title` is what the file calls the list; empty where it says nothing.
    """

    path: Path
    items: tuple[Item, ...]
    comments: tuple[Item, ...] = ()
    title: str = ""

    @property
    def suffix(self) -> str:
        """The file's ending, in small letters."""
        return self.path.suffix.lower()

    @property
    def is_of_lines(self) -> bool:
        """Whether each entry is a line."""
        return self.suffix in LINE_SUFFIXES

    @property
    def is_utf8(self) -> bool:
        """Whether all entries are."""
        return all(is_utf8(item.text) for item in self.items)


def playlists_of(path: Path) -> list[Path]:
    """A file as it is; of a folder the playlists that stand in it.

    Raises
    ------
    LibraryError
        There is no playlist in the folder.
    """
    if not path.is_dir():
        return [path]
    files = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file())
    if not files:
        raise messages.no_playlists(path, SUFFIXES)
    return files


def read_playlist(path: Path) -> Listed:
    """The entries of a playlist.

    Raises
    ------
    LibraryError
        There is no such file, or it is no playlist that groove reads.
    """
    suffix = path.suffix.lower()
    data = _bytes_of(path)
    if suffix not in SUFFIXES:
        raise messages.no_playlist(path, messages.NO_PLAYLIST_ENDING)
    if data.startswith(_UTF16_MARKS):
        raise messages.no_playlist(path, messages.IS_UTF16)
    if b"\0" in data:
        raise messages.no_playlist(path, messages.NOT_TEXT)
    if suffix in LINE_SUFFIXES:
        return _of_lines(path, data)
    title, texts = _of_json(path, data) if suffix == ".jspf" else _of_xml(path, data)
    items = tuple(Item(number, os.fsencode(text)) for number, text in enumerate(texts, 1))
    return Listed(path, items, title=title)


def list_name(path: Path) -> str:
    """What a playlist is called: by its file's `#PLAYLIST:` line or title, else as the file.

    Raises
    ------
    LibraryError
        As of `read_playlist`.
    """
    return " ".join(read_playlist(path).title.split()) or path.stem


def songs_in(path: Path) -> tuple[Path, ...]:
    """The songs of a playlist, in order, each once, whether they are there or not.

    Relative ones begin in the playlist's folder. Streams of the web are left out.

    Raises
    ------
    LibraryError
        As of `read_playlist`.
    """
    listed, folder = read_playlist(path), os.path.abspath(path.parent)
    places = (_place(item.text, is_address=not listed.is_of_lines) for item in listed.items)
    songs = (Path(os.path.normpath(os.path.join(folder, place))) for place in places if place)
    return tuple(dict.fromkeys(songs))


def _place(text: bytes, *, is_address: bool) -> str:
    """What an entry names, as a path of this system; empty where it is no file."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return os.fsdecode(unquote_to_bytes(text) if is_address else text)
    if scheme.group(1).lower() != b"file":
        return ""
    return os.fsdecode(unquote_to_bytes(urlsplit(os.fsdecode(text)).path))


def _bytes_of(path: Path) -> bytes:
    try:
        kind = A_FOLDER if path.is_dir() else other_kind(path)
        if kind is not None:
            raise messages.no_playlist(path, f"is {kind}, not a playlist")
        if path.stat().st_size > _LARGEST:
            raise messages.no_playlist(path, messages.IS_LARGE.format(_LARGEST >> 20))
        return path.read_bytes()
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
        raise messages.no_playlist(path, why) from error


def _of_lines(path: Path, data: bytes) -> Listed:
    """The lines that are no comments; a mark of UTF-8 at the start is none of the text."""
    items, comments, title = [], [], ""
    for number, line in enumerate(data.removeprefix(_UTF8_MARK).split(b"\n"), 1):
        line = line.removesuffix(b"\r")
        if not line.strip():
            continue
        if not line.startswith(b"#"):
            items.append(Item(number, line))
        elif line.startswith(_TITLE):
            title = title or line.removeprefix(_TITLE).decode(errors="replace").strip()
        elif not line.startswith(_DIRECTIVES):
            comments.append(Item(number, line))
    return Listed(path, tuple(items), tuple(comments), title)


def _of_xml(path: Path, data: bytes) -> tuple[str, list[str]]:
    """The title and the locations of an XSPF file; of rekordbox's collection, which has no title."""
    from xml.etree import ElementTree

    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise messages.no_playlist(path, messages.NO_XML.format(error)) from error
    if root.tag == f"{{{NAMESPACE}}}playlist":
        found = root.iterfind(".//{*}track")
        texts = [text for track in found if (text := (track.findtext("{*}location") or "").strip())]
        return root.findtext("{*}title") or "", texts
    if root.tag == "DJ_PLAYLISTS":
        return "", list(_of_rekordbox(root))
    raise messages.no_playlist(path, messages.NO_LIST_IN_IT)


def _of_rekordbox(root: ElementTree.Element) -> Iterator[str]:
    """The songs of the collection; in the lists are only their numbers."""
    for track in root.iterfind("COLLECTION/TRACK"):
        location = track.get("Location", "")
        yield location.replace("file://localhost/", "file:///", 1)


def _of_json(path: Path, data: bytes) -> tuple[str, list[str]]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise messages.no_playlist(path, messages.NO_JSON.format(error)) from error
    playlist = value["playlist"] if _is_object(value, "playlist") else {}
    tracks, title = playlist.get("track"), playlist.get("title")
    if not isinstance(tracks, list):
        raise messages.no_playlist(path, messages.NO_LIST_IN_IT)
    texts = [text for track in tracks if (text := _location(track))]
    return title.encode(errors="replace").decode() if isinstance(title, str) else "", texts


def _is_object(value: Any, name: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(name), dict)


def _location(track: Any) -> str:
    """The first address of a song that is one; JSPF has a list of them."""
    location = track.get("location") if isinstance(track, dict) else None
    first = location[0] if isinstance(location, list) and location else location
    return first.encode(errors="replace").decode() if isinstance(first, str) else ""
