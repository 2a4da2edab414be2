"""An entry of a playlist and the path that a player makes of it; and the way back."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

from groovecli.playlists.players.player import Decoding, Reading, Trim

_CONTROLS = bytes(range(0x21))  # what MPD strips: control characters and the space
_DRIVE = re.compile(rb"[A-Za-z]:[\\/]")
_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*):")
_STREAM = re.compile(rb"\s*(?!file:)[A-Za-z][A-Za-z0-9+.-]+://", re.IGNORECASE)
_LONE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_FILE = re.compile(rb"file:(//(localhost)?)?(?=/)", re.IGNORECASE)
_TO_THE_LEFT = b" \t\r\n"
_TEXT_ALONE = (Decoding.FILE_URL, Decoding.FORM, Decoding.FORM_OR_NOT)  # decode to text, not to bytes


class Unheard(ValueError):
    """A player makes no path of an entry; the value is the code of why."""


def is_stream(text: bytes) -> bool:
    """Whether an entry is an address on the network."""
    return _STREAM.match(text) is not None


def is_utf8(text: bytes) -> bool:
    """Whether bytes are text in UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_on_windows(location: bytes) -> bool:
    """Whether a path begins with a drive's letter or a share of Windows."""
    return _DRIVE.match(location) is not None or location.startswith(b"\\\\")


def heard(text: bytes, reading: Reading, *, is_line: bool = True, is_fallen: bool = False) -> bytes:
    """The path that a player makes of an entry, relative or absolute.

    `is_line` where the entry is a line of its own, as in M3U files; `is_fallen` where the file has
    entries that aren't UTF-8, so that a player that decides by file decodes this one otherwise too.

    Raises
    ------
    Unheard
        It makes none: the entry is a comment to it, an address, or isn't UTF-8.
    """
    text = _trimmed(_as_utf8(text, reading, is_fallen), reading.trim)
    if is_line and text.startswith(b"#"):
        raise Unheard("comment")
    path = text if is_on_windows(text) else _decoded(text, reading.decoding)
    if reading.decoding in _TEXT_ALONE and not is_utf8(path):
        raise Unheard("not-utf8")
    if reading.turns_backslashes and not _FILE.match(text):
        path = path.replace(b"\\", b"/")
    if reading.trim == Trim.PARTS:
        path = b"/".join(part.strip(_CONTROLS) for part in path.split(b"/"))
    return path


def _as_utf8(text: bytes, reading: Reading, is_fallen: bool) -> bytes:
    if text.isascii():
        return text
    if not is_utf8(text):
        if not reading.fallback:
            raise Unheard("not-utf8")
        return text.decode(reading.fallback, errors="replace").encode()
    if is_fallen and reading.falls_back_by_file:
        return text.decode(reading.fallback, errors="replace").encode()
    return text


def _trimmed(text: bytes, trim: Trim) -> bytes:
    if trim == Trim.LEFT:
        return text.lstrip(_TO_THE_LEFT)
    if trim == Trim.ENDS:
        return text.decode().strip().encode()
    return text


def _decoded(text: bytes, decoding: Decoding) -> bytes:
    """An entry without its escapes and its "file://"."""
    is_address = _FILE.match(text) is not None
    if decoding == Decoding.NONE:
        return text[_FILE.match(text).end() :] if is_address else text  # type: ignore[union-attr]
    if decoding == Decoding.FILE_URL:
        return _of_uri(text) if is_address else text
    if decoding == Decoding.FORM_OR_NOT:
        decoded = unquote_to_bytes(text.replace(b"+", b" "))
        return text if decoded == text.replace(b"+", b" ") else decoded
    if decoding == Decoding.FORM:
        text = text.replace(b"+", b" ")
        return _of_uri(text) if is_address else unquote_to_bytes(text)
    if decoding == Decoding.LIKELY_URI and _LONE_PERCENT.search(text):
        text = text.replace(b"%", b"%25")
    return _of_uri(text)


def _of_uri(text: bytes) -> bytes:
    """The path of a URI, without what follows # or ?."""
    if match := _FILE.match(text):
        text = text[match.end() :]
    elif _SCHEME.match(text):
        raise Unheard("address")
    return unquote_to_bytes(re.split(rb"[#?]", text, maxsplit=1)[0])


def as_line(location: bytes, reading: Reading) -> bytes | None:
    """A path as a line that a player reads as this path; None where there is none.

    As it is, if possible, else in the player's own escapes.
    """
    for line in _lines(location, reading.decoding):
        if b"\n" in line or b"\r" in line:
            continue
        if reading == Reading() or is_on_windows(location):
            return line
        try:
            if heard(line, reading) == location:
                return line
        except Unheard:
            continue
    return None


def _lines(location: bytes, decoding: Decoding) -> tuple[bytes, ...]:
    """A path as it is, then in the escapes that a player decodes."""
    if decoding == Decoding.LIKELY_URI:
        return location, quote_from_bytes(location).encode()
    if decoding == Decoding.FORM_OR_NOT:
        return location, location.replace(b"%", b"%25").replace(b"+", b"%2B")
    if decoding == Decoding.FILE_URL and location.startswith(b"/"):
        return location, as_uri(location).encode()
    return (location,)


def as_uri(location: bytes, host: str = "") -> str:
    """A path as a URI: one that is relative to the playlist, or begins with "file://" and the host."""
    if is_on_windows(location):
        path = quote_from_bytes(location.replace(b"\\", b"/"), safe="/:")
        return f"file:{path}" if path.startswith("//") else f"file://{host}/{path}"
    uri = quote_from_bytes(location)
    return f"file://{host}{uri}" if location.startswith(b"/") else uri
