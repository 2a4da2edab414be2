"""Text in columns of a screen: cells, sentences that wrap at words, names shortened in their middle."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# No line ends before a unit, or before a number that ends a part of a list: '17 %', 'rock 19, folk 2'.
_UNITS = re.compile(r"(?<=\d) (?=(?:%|s|min|h|MB|GB|Hz)(?:\W|$))|(?<=\w) (?=[\d,]*\d(?:[,;] |$))")
_QUOTED = re.compile(r"`[^`]*`")
_KEPT = "\0"  # stands for a space at which no line may end; text that is shown has no such letter


def n_cells(text: str) -> int:
    """How many columns of a screen text takes: two for a letter of Chinese, Japanese or Korean."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def shortened(text: str, width: int, ellipsis: str = "…") -> str:
    """Text in at most `width` columns: its beginning and its end, with an ellipsis between."""
    if n_cells(text) <= width:
        return text
    room = width - n_cells(ellipsis)
    if room <= 0:
        return ellipsis[:width]
    ends = range(min(room, len(text)), -1, -1)
    head = next(text[:n] for n in ends if n_cells(text[:n]) <= (room + 1) // 2)
    room -= n_cells(head)
    tail = next(text[len(text) - n :] for n in ends if n_cells(text[len(text) - n :]) <= room)
    return head + ellipsis + tail


def wrapped(text: str, width: int | None, *, hanging: int = 2) -> list[str]:
    """A sentence as lines that end between words; one line where no `width` is given.

    Lines after the first begin `hanging` columns further right. A word that is longer than a line keeps
    one for itself, and `commands` in back-ticks and numbers with their units stay in one piece.
    """
    if width is None or n_cells(text) <= width:
        return [text]
    indent = len(text) - len(text.lstrip(" "))
    further = indent + hanging
    lines: list[str] = []
    line = ""
    for word in _words(text, width - further):
        if not line:
            line = " " * (further if lines else indent) + word
        elif n_cells(line) + 1 + n_cells(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = " " * further + word
    return [*lines, line]


def _words(text: str, room: int) -> Iterator[str]:
    def kept(found: re.Match[str]) -> str:
        whole = found.group()
        return whole.replace(" ", _KEPT) if n_cells(whole) <= room else whole

    glued = _QUOTED.sub(kept, _UNITS.sub(_KEPT, text))
    return (word.replace(_KEPT, " ") for word in glued.split(" ") if word)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Text with spaces before or behind it, up to `width` columns."""
    space = " " * (width - n_cells(text))
    return space + text if right else text + space


def command_lines(command: str, width: int | None, *, hanging: int) -> list[str]:
    """A command as lines that a shell takes for one when they are copied, ended between arguments."""
    if width is None or hanging + n_cells(command) <= width:
        return [command]
    lines, line = [], ""
    for word in _arguments(command):
        if line and hanging + n_cells(line) + 1 + n_cells(word) + 2 > width:
            lines.append(line + " \\")
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _arguments(command: str) -> Sequence[str]:
    """A command's arguments as they are typed, quotes and all."""
    return re.findall(r"""(?:[^\s'"\\]|\\.|'[^']*'|"[^"]*"|['"\\])+""", command)
