"""Sentences on a stream: safe, wrapped at words on a terminal, with a coloured word before them."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from groovecli.cli import screen
from groovecli.cli.tables import KEPT
from groovecli.cli.typesetting import command_lines, n_cells, shortened, wrapped

_INDENT = 2
_LONGEST = 5_000  # letters: more than any path, as lines of damaged playlists have them
_SHOWN = 200
_COMMANDS = re.compile(r"`[^`]*`|(?<=: )groove .*$")


def shown(value: object) -> str:
    """Text that is safe on a terminal: control characters are written out, and a name of a page is cut."""
    text = str(value)
    if len(text) > _LONGEST:
        text = f"{text[:_SHOWN]} ... ({len(text):,} letters)"
    return "".join(c if c.isprintable() or "\ud800" <= c <= "\udfff" else ascii(c)[1:-1] for c in text)


def say(text: str, stream: TextIO, *, head: str = "", head_style: str = "", style: str = "") -> None:
    """Print a sentence, with a word before it that says what it is."""
    whole = shown(f"{head} {text}" if head else text)
    for number, line in enumerate(wrapped(whole, screen.line_width(stream))):
        first = head if not number else ""
        rest = line.removeprefix(first)
        if head in ("hint:", "stopped:"):
            rest = _COMMANDS.sub(lambda found: screen.painted(found.group(), "cyan", stream), rest)
        else:
            rest = screen.painted(rest, style, stream)
        put(screen.painted(first, head_style, stream) + rest, stream)


def say_command(head: str, command: str, stream: TextIO) -> None:
    """Print a command such that it can be copied whole."""
    hanging = len(head) + 1
    lines = command_lines(shown(command), screen.line_width(stream), hanging=hanging)
    for number, line in enumerate(lines):
        before = f"{head} " if not number else " " * hanging
        put(before + screen.painted(line, "cyan", stream), stream)


def say_item(name: object, text: str, stream: TextIO) -> None:
    """Print a name and what is said of it, in a line of a list; on a terminal the name is never folded."""
    name, text = shown(name), shown(f": {text}" if text else "")
    width = None if screen.is_wide() else screen.line_width(stream)
    if width is None or n_cells(name + text) <= width - _INDENT:
        put(f"  {name}{text}", stream)
        return
    room = width - _INDENT - n_cells(text)
    ellipsis = screen.ellipsis(stream)
    if room >= KEPT:
        put(f"  {shortened(name, room, ellipsis)}{text}", stream)
        return
    put(f"  {shortened(name, width - _INDENT - 1, ellipsis)}:", stream)
    for line in wrapped("    " + text.removeprefix(": "), width, hanging=0):
        put(line, stream)


def put(line: str, stream: TextIO) -> None:
    """Print a line that is safe already; on stderr at once."""
    print(line, file=stream, flush=stream is sys.stderr)
