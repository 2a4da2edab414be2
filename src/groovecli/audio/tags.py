"""What a file's tags say, read with mutagen whatever the format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen

_SEPARATORS = re.compile(r"\s*[;/,|\x00]\s*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


@dataclass(frozen=True)
class Tags:
    """The tags that groove uses; an empty string where a tag is missing."""

    artist: str = ""
    album: str = ""
    title: str = ""
    genre: str = ""
    album_artist: str = ""


# Tag -> its keys in Vorbis comments and APE (any case), ID3 and MP4.
_KEYS: dict[str, tuple[str, ...]] = {
    "artist": ("artist", "TPE1", "\xa9ART", "Author"),
    "album": ("album", "TALB", "\xa9alb", "WM/AlbumTitle"),
    "title": ("title", "TIT2", "\xa9nam", "Title"),
    "genre": ("genre", "TCON", "\xa9gen", "WM/Genre"),
    "album_artist": ("albumartist", "TPE2", "aART", "WM/AlbumArtist"),
}


def read_tags(path: Path) -> Tags:
    """Read a file's tags; what can't be read is as if it had none."""
    try:
        file = mutagen.File(path)
    except Exception:  # mutagen raises many kinds on damaged files, and tags are never vital
        return Tags()
    if file is None or file.tags is None:
        return Tags()
    return Tags(**{name: _first(file.tags, keys) for name, keys in _KEYS.items()})


def primary_genre(tags: Tags) -> str:
    """The first genre of the genre tag in lower case; several may share one tag."""
    return _SEPARATORS.split(tags.genre.strip())[0].lower()


def _first(tags: Any, keys: tuple[str, ...]) -> str:
    for key in keys:
        try:
            value = tags[key]
        except (KeyError, ValueError):
            continue
        text = _text(value)
        if text:
            return text
    return ""


def _text(value: Any) -> str:
    genres = getattr(value, "genres", None)  # ID3's TCON resolves "(17)" to "Rock" there
    value = genres or getattr(value, "text", value)
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return _CONTROL.sub(" ", str(value)).strip()
