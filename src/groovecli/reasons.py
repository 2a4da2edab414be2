"""Why a file, a clip or a song is not used: each reason once, with its text and whether it is a fault.

The catalogue stores a reason by its value, and what is special to the case as the detail.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Reason(enum.StrEnum):
    """Why something is left out; a fault of it, or a choice of groove's."""

    # Choices
    LOOSE = "loose"
    NO_GENRE_TAG = "no-genre-tag"
    NO_GENRE = "no-genre"
    RESERVED = "reserved-genre"
    NO_TOP_GENRE = "no-top-genre"
    SAME_AUDIO = "same-audio"
    NOT_IN_SPLIT = "not-in-split"
    OTHER_SUBSET = "other-subset"
    EDITED = "edited"
    NOT_OURS = "not-ours"
    SILENT = "silent"
    STRAY = "stray"
    PREVIEW = "preview"
    LYRICS = "lyrics"
    SUMMARY = "summary"
    # Faults
    MISSING = "missing"
    NOT_LISTED = "not-listed"
    UNREADABLE = "unreadable"
    NO_FILE = "no-file"
    EMPTY = "empty"
    UNDECODABLE = "undecodable"
    ENDS_EARLY = "ends-early"
    SLOW = "slow"
    TOO_SHORT = "too-short"
    NO_SOUND = "no-sound"
    CHANGED = "changed"
    LINE_BREAK = "line-break"
    MALFORMED = "malformed"
    NO_SONG = "no-song"
    SAME_SONG = "same-song"
    CORRUPT = "corrupt"
    NOT_IN_TABLE = "not-in-table"
    NAMED_ONLY = "named-only"
    OTHER = "other"

    @property
    def is_fault(self) -> bool:
        """Whether the file could not be used; otherwise it need not be."""
        return self not in _CHOICES


_CHOICES = frozenset(
    {
        Reason.LOOSE,
        Reason.NO_GENRE_TAG,
        Reason.NO_GENRE,
        Reason.RESERVED,
        Reason.NO_TOP_GENRE,
        Reason.SAME_AUDIO,
        Reason.NOT_IN_SPLIT,
        Reason.OTHER_SUBSET,
        Reason.EDITED,
        Reason.NOT_OURS,
        Reason.SILENT,
        Reason.STRAY,
        Reason.PREVIEW,
        Reason.LYRICS,
        Reason.SUMMARY,
    }
)

# Read after a path; the detail stands for {}, or behind a text that has none.
_TEXTS = {
    Reason.LOOSE: "is in no genre folder",
    Reason.NO_GENRE_TAG: "has no genre in its tags",
    Reason.NO_GENRE: "has no genre in {}",
    Reason.RESERVED: "has the genre {}, which groove calls songs without one",
    Reason.NO_TOP_GENRE: "has no top genre in {}",
    Reason.SAME_AUDIO: "is a duplicate of {}",
    Reason.NOT_IN_SPLIT: "is not in the split file{}",
    Reason.OTHER_SUBSET: "is in tracks.csv, but in the {} set",
    Reason.EDITED: "was changed since groove wrote it",
    Reason.NOT_OURS: "was not written by groove",
    Reason.PREVIEW: "is a playlist's preview, which groove wrote",
    Reason.LYRICS: "has lyrics that can't be used: {}",
    Reason.SUMMARY: "is the data set's summary, not a song",
    Reason.MISSING: "no such file or folder",
    Reason.NOT_LISTED: "cannot be listed: {}",
    Reason.UNREADABLE: "cannot be read: {}",
    Reason.NO_FILE: "is {}, not a file",
    Reason.EMPTY: "is empty (0 bytes)",
    Reason.UNDECODABLE: "cannot be decoded: {}",
    Reason.ENDS_EARLY: "ends early: after {}",
    Reason.SILENT: "is silent",
    Reason.STRAY: "sounds like too few other songs",
    Reason.SLOW: "took more than {} to decode",
    Reason.TOO_SHORT: "is too short: {}",
    Reason.NO_SOUND: "has no sound to compute {} from",
    Reason.CHANGED: "has changed since it was ingested: {}",
    Reason.LINE_BREAK: "has a line break in its path",
    Reason.MALFORMED: "{}",
    Reason.NO_SONG: "is not a song of {}",
    Reason.SAME_SONG: "is a duplicate of {}",
    Reason.CORRUPT: "is known to be corrupt in {}",
    Reason.NOT_IN_TABLE: "is not in {}",
    Reason.NAMED_ONLY: "is named in {} but is not there",
    Reason.OTHER: "{}",
}


@dataclass(frozen=True)
class Problem:
    """A reason, and what is special to the case."""

    reason: Reason
    detail: str = ""

    @property
    def text(self) -> str:
        """What to say behind the path."""
        text = _TEXTS[self.reason]
        return text.format(self.detail) if "{}" in text else f"{text} {self.detail}".rstrip()

    def but(self, more: str) -> Problem:
        """The same, with something behind its detail."""
        return Problem(self.reason, f"{self.detail} {more}".strip())


def stored_problem(code: str, detail: str | None) -> Problem:
    """The problem that the catalogue has; of a reason that this groove does not know, `OTHER`."""
    try:
        return Problem(Reason(code), detail or "")
    except ValueError:
        return Problem(Reason.OTHER, f"{code} {detail or ''}".strip())
