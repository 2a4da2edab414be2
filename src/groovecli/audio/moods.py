"""The moods in a file's tags."""

from __future__ import annotations

import re

from groovecli.audio.containers import container_tags
from groovecli.audio.tag_sets import Pairs, tag_sets, texts
from groovecli.paths import StrPath, as_path

_KEYS = frozenset(["tmoo", "mood", "wm/mood", "----:com.apple.itunes:mood"])
_BETWEEN = re.compile(r"[;,/\n]")
_MOST = 24  # letters: more are no mood but a sentence


def read_moods(path: StrPath) -> tuple[str, ...]:
    """The moods of a song in lower case, as its tags say them, each once."""
    path = as_path(path, "read_moods", "path")
    for pairs in tag_sets(path):
        if moods := _moods(pairs):
            return moods
    return _moods(container_tags(path))


def _moods(pairs: Pairs) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for key, value in pairs:
        if key.casefold().removeprefix("txxx:") in _KEYS:
            for part in _BETWEEN.split("\n".join(texts(value))):
                mood = " ".join(part.split()).casefold()
                if mood and len(mood) <= _MOST and not mood.isdecimal():
                    found[mood] = None
    return tuple(found)
