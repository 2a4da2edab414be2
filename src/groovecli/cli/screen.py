"""The screen that text goes to: whether there is one, how wide it is, and which colours it shows."""

from __future__ import annotations

import os
from typing import TextIO

UNKNOWN_WIDTH = 78
"""Columns of a terminal that does not say how many it has."""
MAX_LINE = 100
"""Columns of the longest line of a sentence, on however wide a screen."""
MIN_WIDTH = 20
COLOURS = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}
"""The styles that text may have: of the colours, only those that a terminal names itself."""

_state = {"color": "auto", "is_wide": False}


def set_color(mode: str) -> None:
    """Show colours "always", "never", or as the terminal and its settings have it: "auto"."""
    _state["color"] = mode


def be_wide(is_wide: bool) -> None:
    """Whether tables keep all their columns and names all their letters, on however narrow a screen."""
    _state["is_wide"] = is_wide


def is_wide() -> bool:
    """Whether nothing is to be left out of tables."""
    return bool(_state["is_wide"])


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at what is written to a stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def is_animated(stream: TextIO | None) -> bool:
    """Whether a line that was written can be replaced."""
    return is_terminal(stream) and not _is_dumb()


def has_color(stream: TextIO | None) -> bool:
    """Whether text may have colours: by --color, NO_COLOR, FORCE_COLOR and TERM, in this order."""
    if _state["color"] != "auto":
        return _state["color"] == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_animated(stream) and (os.name != "nt" or "WT_SESSION" in os.environ)


def width(stream: TextIO | None) -> int | None:
    """Columns of the screen behind a stream: COLUMNS, else the terminal's; None where there is none."""
    if not is_terminal(stream):
        return None
    assert stream is not None
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return max(int(asked), MIN_WIDTH)
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        found = 0
    return max(found or UNKNOWN_WIDTH, MIN_WIDTH)


def line_width(stream: TextIO | None) -> int | None:
    """Columns in which sentences are wrapped; None where they are not."""
    columns = width(stream)
    return columns and min(columns, MAX_LINE)


def painted(text: str, style: str, stream: TextIO | None) -> str:
    """Text in a style of `COLOURS`, or several with a space between, where the stream may have colours."""
    if not text or not style or not has_color(stream):
        return text
    return f"\033[{';'.join(COLOURS[name] for name in style.split())}m{text}\033[0m"


def can_show(text: str, stream: TextIO | None) -> bool:
    """Whether a stream's encoding has these letters."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def ellipsis(stream: TextIO | None) -> str:
    """What stands for letters that are left out."""
    return "…" if can_show("…", stream) else "..."


def _is_dumb() -> bool:
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")
