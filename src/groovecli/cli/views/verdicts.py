"""Sentences on what figures mean, on as few lines as there is room for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from groovecli.cli import render, screen
from groovecli.cli.typesetting import n_cells


def say(*texts: str) -> None:
    """Print texts, each on a new line, the first of them bold, as it is the verdict.

    What has no room in one line is broken between sentences first.
    """
    room = screen.line_width(sys.stdout)
    for number, text in enumerate(texts):
        for line in _filled(re.split(r"(?<=\.) ", text), room):
            (render.answer if number else render.heading)(line)


def _filled(sentences: Iterable[str], room: int | None) -> list[str]:
    """Sentences as lines of as many as fit."""
    lines: list[str] = []
    for sentence in sentences:
        together = f"{lines[-1]} {sentence}" if lines else sentence
        if lines and (room is None or n_cells(together) <= room):
            lines[-1] = together
        else:
            lines.append(sentence)
    return lines
