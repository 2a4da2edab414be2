"""Text of tags and names, as files of playlists can hold it."""

from __future__ import annotations

import math
import re

from groovecli.playlists.playlist import Entry

MARK = "Written by groove: its next run replaces or removes this file, unless the file was edited."
"""What a file says that `groove cluster` wrote."""
_ON_REQUEST = "Written by groove. It is yours: no later run replaces or removes it unasked."

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+")


def as_own(data: bytes) -> bytes:
    """The bytes of a file that no later run replaces, for it says so."""
    return data.replace(MARK.encode(), _ON_REQUEST.encode(), 1)


def one_line(text: str) -> str:
    """Text on one line; what can't be UTF-8, as in the name of an old file, becomes "?"."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line.encode(errors="replace").decode()


def seconds(duration_s: float) -> float | None:
    """A duration that is one; None where there is none."""
    return duration_s if math.isfinite(duration_s) and duration_s > 0 else None


def label(entry: Entry) -> str:
    """Artist and title, as far as they are known."""
    return one_line(" - ".join(part for part in (entry.artist.strip(), entry.shown_title) if part))
