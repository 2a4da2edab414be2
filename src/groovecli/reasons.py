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
    AWAY = "away"
    IN_EDITED = "in-edited"
    IN_DELETED = "in-deleted"
    IN_AWAY = "in-away"
    CAPPED = "capped"
    DUPLICATE = "duplicate"
    VERSION = "version"
    UNLIKE = "unlike"
    LONG = "long"
    SHORT = "short"
    PREVIEW = "preview"
    LYRICS = "lyrics"
    SUMMARY = "summary"
    HAS_TAG = "has-tag"
    NOT_SURE = "not-sure"
    # Faults
    MISSING = "missing"
    NOT_LISTED = "not-listed"
    UNREADABLE = "unreadable"
    NO_FILE = "no-file"
    EMPTY = "empty"
    UNDECODABLE = "undecodable"
    ENDS_EARLY = "ends-early"
    SLOW = "slow"
    DIED = "died"
    STUCK = "stuck"
    LARGE = "large"
    NO_ANSWER = "no-answer"
    TOO_SHORT = "too-short"
    NO_SOUND = "no-sound"
    CHANGED = "changed"
    GONE = "gone"
    LINE_BREAK = "line-break"
    UNNAMEABLE = "unnameable"
    UNMAPPED = "unmapped"
    MALFORMED = "malformed"
    NO_SONG = "no-song"
    SAME_SONG = "same-song"
    CORRUPT = "corrupt"
    NOT_IN_TABLE = "not-in-table"
    NAMED_ONLY = "named-only"
    NO_TAGS_THERE = "no-tags-there"
    OTHER_SOUND = "other-sound"
    READ_ONLY = "read-only"
    LINK = "link"
    TAKEN = "taken"
    NO_PLACE = "no-place"
    CHANGED_SINCE = "changed-since"
    MOVED_SINCE = "moved-since"
    IN_PLAN_BEFORE = "in-plan-before"
    LATER_RUN = "later-run"
    NOT_WRITTEN = "not-written"
    OTHER = "other"

    @property
    def is_fault(self) -> bool:
        """Whether the file could not be used; otherwise it need not be."""
        return self not in _CHOICES


PASSING = frozenset({Reason.MISSING, Reason.NO_FILE, Reason.UNREADABLE, Reason.CHANGED, Reason.STUCK})
"""What may be over when a song is tried again: it says nothing of the song."""

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
        Reason.AWAY,
        Reason.IN_EDITED,
        Reason.IN_DELETED,
        Reason.IN_AWAY,
        Reason.CAPPED,
        Reason.DUPLICATE,
        Reason.VERSION,
        Reason.UNLIKE,
        Reason.LONG,
        Reason.SHORT,
        Reason.PREVIEW,
        Reason.LYRICS,
        Reason.SUMMARY,
        Reason.HAS_TAG,
        Reason.NOT_SURE,
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
    Reason.AWAY: "has mostly songs that can't be found; perhaps a drive is not connected",
    Reason.IN_EDITED: "would be in {}, which you changed",
    Reason.IN_DELETED: "would be in {}, which you deleted",
    Reason.IN_AWAY: "would be in {}, most of whose songs can't be found",
    Reason.CAPPED: "is left out of {}, which has enough songs of its artist",
    Reason.PREVIEW: "is a preview, which groove wrote",
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
    Reason.DUPLICATE: "is a duplicate of {}",
    Reason.VERSION: "is another version of {}",
    Reason.UNLIKE: "is unlike all music of the model: it may be speech or noise",
    Reason.LONG: "is longer than {}",
    Reason.SHORT: "is shorter than {}",
    Reason.SLOW: "took more than {} of work",
    Reason.DIED: "crashed its decoder: {}",
    Reason.STUCK: "gave no answer for {}",
    Reason.LARGE: "took more than {} of memory",
    Reason.NO_ANSWER: "got no finite numbers from the model",
    Reason.TOO_SHORT: "is too short: {}",
    Reason.NO_SOUND: "has no sound to compute {} from",
    Reason.CHANGED: "has changed since it was ingested: {}",
    Reason.GONE: "is the id of a song whose file was replaced or removed",
    Reason.LINE_BREAK: "has a line break in its path",
    Reason.UNNAMEABLE: "has a path that can't be written for {}",
    Reason.UNMAPPED: "is in no folder that --path-map names",
    Reason.MALFORMED: "{}",
    Reason.NO_SONG: "is not a song of {}",
    Reason.SAME_SONG: "is a duplicate of {}",
    Reason.CORRUPT: "is known to be corrupt in {}",
    Reason.NOT_IN_TABLE: "is not in {}",
    Reason.NAMED_ONLY: "is named in {} but is not there",
    Reason.HAS_TAG: "has {} in its tags already",
    Reason.NOT_SURE: "gets {}",
    Reason.NO_TAGS_THERE: "has a format whose tags groove can't write: {}",
    Reason.OTHER_SOUND: "would sound different with other tags, so it stays as it is",
    Reason.READ_ONLY: "is read-only",
    Reason.LINK: "is a link",
    Reason.TAKEN: "can't move to {}: a file is there",
    Reason.NO_PLACE: "can't move to {}",
    Reason.CHANGED_SINCE: "has changed since the plan was made",
    Reason.MOVED_SINCE: "has moved to {}",
    Reason.IN_PLAN_BEFORE: "is in the plan already",
    Reason.LATER_RUN: "was changed by a later run; undo that first: {}",
    Reason.NOT_WRITTEN: "can't be written: {}",
    Reason.OTHER: "{}",
}

BROKEN_LINK = "a broken link"
_NOWHERE = "is a link to a folder or file that isn't there; perhaps a drive is not connected"


@dataclass(frozen=True)
class Problem:
    """A reason, and what is special to the case."""

    reason: Reason
    detail: str = ""

    @property
    def text(self) -> str:
        """What to say behind the path."""
        if (self.reason, self.detail) == (Reason.NO_FILE, BROKEN_LINK):
            return _NOWHERE
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
