"""Files that hide a part of a folder from groove and from other players.

`.grooveignore`, `.plexignore` and MPD's `.mpdignore` hold patterns by the rules of gitignore; so do
Navidrome's `.ndignore` and Jellyfin's `.ignore`, which hide the whole folder where they are empty.
`.nomedia` (Android) and `.notmusic` always hide it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from groovecli.files import other_kind
from groovecli.library.tracks import Rejected
from groovecli.messages.options import no_pattern
from groovecli.reasons import Reason

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MARKERS = (".nomedia", ".notmusic")
"""Their folder is hidden, whatever is in them."""

RULES = (".mpdignore", ".plexignore", ".ignore", ".ndignore", ".grooveignore")
"""Files of patterns; where two differ, the later one decides."""

_EMPTY_HIDES_ALL = (".ignore", ".ndignore")


@dataclass(frozen=True)
class _Level:
    folder: str
    spec: GitIgnoreSpec


@dataclass(frozen=True)
class Rules:
    """What the ignore files say from the library's top folder down to one of its folders."""

    levels: tuple[_Level, ...] = ()

    def hide(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether a file or folder is hidden; the patterns nearest to it have the last word."""
        for level in reversed(self.levels):
            name = _composed(os.path.relpath(path, level.folder)) + ("/" if is_folder else "")
            decided = level.spec.check_file(name).include
            if decided is not None:
                return decided
        return False


def rules_in(folder: str, names: Collection[str], above: Rules) -> tuple[Rules | None, list[Rejected]]:
    """The rules that hold in a folder of these names, None where it is hidden, and what can't be read.

    Parameters
    ----------
    above : Rules
        Those that hold in the folder above it.
    """
    if any(marker in names for marker in MARKERS):
        return None, []
    lines: list[str] = []
    rejected: list[Rejected] = []
    for name in RULES:
        if name not in names:
            continue
        path = Path(folder, name)
        try:
            kind = other_kind(path)
            if kind is not None:
                rejected.append(Rejected(path, Reason.NO_FILE, kind))
                continue
            own = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
        except OSError as error:
            rejected.append(Rejected(path, Reason.UNREADABLE, str(error.strerror or error)))
            continue
        if name in _EMPTY_HIDES_ALL and not any(line.strip() for line in own):
            return None, rejected
        for number, line in enumerate(own, 1):
            if _is_pattern(line):
                lines.append(_composed(_inside(line)))
            else:
                rejected.append(Rejected(path, Reason.MALFORMED, f"line {number} is no pattern: {line}"))
    return (Rules((*above.levels, _Level(folder, _spec(lines)))) if lines else above), rejected


def rules_of(folder: str, patterns: Sequence[str]) -> Rules:
    """Patterns by the rules of gitignore, as they hold below a folder.

    Raises
    ------
    UsageError
        One is no pattern.
    """
    for pattern in patterns:
        if not _is_pattern(pattern):
            raise no_pattern(pattern)
    return (
        Rules((_Level(folder, _spec([_composed(pattern) for pattern in patterns])),))
        if patterns
        else Rules()
    )


def _spec(lines: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # few libraries need it

    return GitIgnoreSpec.from_lines(lines)


def _inside(line: str) -> str:
    """A pattern that hides all in a folder, `rock/**`, as one that does not hide the folder: `rock/*`."""
    line = line.rstrip()
    return line[:-1] if line.endswith("/**") and not line.startswith("!") else line


def _is_pattern(line: str) -> bool:
    try:
        _spec([line])
    except (ValueError, re.error):  # of the latter, ranges that run backwards: [FLAC-16bit]
        return False
    return True


def _composed(text: str) -> str:
    """Text as it is compared: macOS takes accents apart in names, people who write patterns don't."""
    return unicodedata.normalize("NFC", text)
