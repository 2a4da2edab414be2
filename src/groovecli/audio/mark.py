"""A mark in the tags of files that groove writes: marked files never count as songs, wherever they are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import mutagen.id3

_ID3: Any = mutagen.id3
_KEY, _VALUE = "GROOVE", "preview of"
_SOUGHT = f"{_KEY}{_VALUE}".encode()
_MOST_BYTES = 64 * 1024  # that are searched; pictures may lie behind them


def marked(mp3: bytes, title: str, *, album: str = "", of: str = "a playlist") -> bytes:
    """An MP3 file without tags, with the mark of a preview `of` something, a title and an album."""
    tags = _ID3.ID3()
    tags.add(_ID3.TXXX(encoding=3, desc=_KEY, text=[f"{_VALUE} {of}"]))
    tags.add(_ID3.TPE1(encoding=3, text=["groove"]))
    for frame, text in ((_ID3.TIT2, title), (_ID3.TALB, album)):
        if text:
            tags.add(frame(encoding=3, text=[text]))
    file = io.BytesIO(mp3)
    tags.save(file, padding=lambda _: 0)
    return file.getvalue()


def is_marked(path: Path) -> bool:
    """Whether an MP3 file has the mark, in whichever encoding other programs left it.

    Raises
    ------
    OSError
        The file can't be read.
    """
    if path.suffix.lower() != ".mp3":
        return False
    with path.open("rb") as file:
        header = file.read(10)
        if header[:3] != b"ID3":
            return False
        size = sum(byte << 7 * place for place, byte in enumerate(reversed(header[6:])))
        frames = file.read(min(size, _MOST_BYTES))
    return _SOUGHT in frames.replace(b"\0", b"").replace(b"\xff\xfe", b"")  # UTF-16 is Latin-1 then
