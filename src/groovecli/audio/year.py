"""The year in a file's tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from groovecli.audio.containers import container_tags
from groovecli.audio.tag_sets import tag_sets, texts
from groovecli.paths import StrPath, as_path

# Of the recording before that of this edition; ID3, MP4, Vorbis comments and APE, WMA.
_KEYS = (
    *("originaldate", "originalyear", "tdor", "tory", "wm/originalreleaseyear"),
    *("tdrc", "tyer", "\xa9day", "date", "year", "wm/year"),
)
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")


def read_year(path: StrPath) -> int | None:
    """The year of a song, as its tags say it; None where they don't."""
    path = as_path(path, "read_year", "path")
    for pairs in tag_sets(path):
        if year := _year(pairs):
            return year
    return _year(container_tags(path))


def _year(pairs: Iterable[tuple[str, Any]]) -> int | None:
    found: dict[str, int] = {}
    for key, value in pairs:
        name = key.casefold().replace("_", "").replace(" ", "").removeprefix("txxx:")
        match = _YEAR.search(" ".join(texts(value))) if name in _KEYS else None
        if match:
            found[name] = int(match[1])
    return next((found[key] for key in _KEYS if key in found), None)
