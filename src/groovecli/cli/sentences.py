"""Sentences on a stream: safe, wrapped at words on a terminal, with a coloured word before them."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from groovecli.cli import screen
from groovecli.cli.typesetting import command_lines, wrapped

_QUOTED = re.compile(r"`[^`]*`")


def shown(value: object) -> str:
    """Text that is safe on a terminal: control characters are written out."""
    text = str(value)
    return "".join(c if c.isprintable() or "\ud800" <= c <= "\udfff" else ascii(c)[1:-1] for c in text)


def say(text: str, stream: TextIO, *, head: str = "", head_style: str = "", style: str = "") -> None:
    """Print a sentence, with a word before it that says what it is."""
    whole = shown(f"{head} {text}" if head else text)
    for number, line in enumerate(wrapped(whole, screen.line_width(stream))):
        first = head if not number else ""
        rest = line.removeprefix(first)
        if head == "hint:":
            rest = _QUOTED.sub(lambda found: screen.painted(found.group(), "cyan", stream), rest)
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


def put(line: str, stream: TextIO) -> None:
    """Print a line that is safe already; on stderr at once."""
    print(line, file=stream, flush=stream is sys.stderr)
