"""One thing that was looked at, and what came of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Level(enum.StrEnum):
    """How bad it is: a warning limits groove, a problem stops some of it."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What was looked at.
    text : str
        What was found, in a line.
    level : Level
    hint : str
        What to do about it; empty where all is well.
    facts : mapping
        What else was found, as plain values for `--json`.
    """

    name: str
    text: str
    level: Level = Level.OK
    hint: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        own = {"name": self.name, "level": str(self.level), "text": self.text, "hint": self.hint}
        return {**own, **self.facts}


def warning(name: str, text: str, hint: str, **facts: object) -> Check:
    """Something that limits groove."""
    return Check(name, text, Level.WARNING, hint, facts)


def problem(name: str, text: str, hint: str, **facts: object) -> Check:
    """Something that stops a part of groove."""
    return Check(name, text, Level.PROBLEM, hint, facts)
