"""Reading a file's tags, in any format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from groovecli.audio.containers import container_tags
from groovecli.audio.genre_tags import named
from groovecli.audio.tag_sets import Pairs, tag_sets, texts
from groovecli.audio.tags import Tags
from groovecli.paths import StrPath, as_path

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PREFIX = re.compile(r"(?:txxx:|----:com\.apple\.itunes:|com\.apple\.quicktime\.|track/|song/)")
_FILLING = dict.fromkeys(map(ord, " _-"))


# Tag -> its keys in ID3, MP4, Vorbis comments and APE, WMA, Matroska; as `_name` writes them.
_KEYS: dict[str, tuple[str, ...]] = {
    "artist": ("tpe1", "\xa9art", "artist", "author", "artists", "leadperformer", "album/artist"),
    "album": ("talb", "\xa9alb", "album", "wm/albumtitle", "album/title"),
    "title": ("tit2", "\xa9nam", "title"),
    "genre": ("tcon", "\xa9gen", "genre", "wm/genre", "album/genre"),
    "album_artist": ("tpe2", "aart", "albumartist", "wm/albumartist", "album/artist"),
}
_NAMES = frozenset(key for keys in _KEYS.values() for key in keys)
_WITH_LISTS = frozenset({".wav", ".wave", ".aif", ".aiff", ".aifc"})  # of tags beside those of ID3
_MAIN = ("artist", "album", "title", "genre")


def read_tags(path: StrPath) -> Tags:
    """Read a file's tags, the first value of each; what can't be read is as if it had none."""
    path = as_path(path, "read_tags", "path")
    found: dict[str, str] = {}
    for pairs in tag_sets(path):
        found = _read(pairs) | found
        if all(name in found for name in _MAIN):
            break
    if not found or (path.suffix.lower() in _WITH_LISTS and not all(name in found for name in _MAIN)):
        found = _read(container_tags(path)) | found
    return Tags(**found)


def _read(pairs: Pairs) -> dict[str, str]:
    """The tags that are in a set of them."""
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        name = _name(key)
        if name in _NAMES:
            values.setdefault(name, []).extend(texts(value))
    found = {tag: _first(tag, keys, values) for tag, keys in _KEYS.items()}
    return {tag: text for tag, text in found.items() if text}


@lru_cache(maxsize=4096)
def _name(key: str) -> str:
    """A key without what differs between programs: `Album Artist`, `ALBUM_ARTIST`, `TXXX:ALBUMARTIST`."""
    return _PREFIX.sub("", key.casefold(), 1).translate(_FILLING)


def _first(tag: str, keys: Iterable[str], values: Mapping[str, list[str]]) -> str:
    """The first text of the first key that has one."""
    found: Iterable[Any] = (text for key in keys for text in values.get(key, ()))
    if tag == "genre":
        found = (name for text in found for name in named(text))
    return next((line for text in found if (line := _CONTROL.sub(" ", text).strip())), "")
