"""What `groove doctor` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.doctor.run import Diagnosis


def show(found: Diagnosis) -> None:
    """Print each thing that was looked at, and what to do about the bad ones."""
    rows: list[tuple[str, object]] = []
    for check in found.checks:
        rows.append((f"{check.level} {check.name}", check.text))
        if check.hint:
            rows.append(("", f"hint: {check.hint}"))
    render.fields(rows)
    render.summary(in_a_line(found))


def in_a_line(found: Diagnosis) -> str:
    """How many things are bad."""
    if not found.problems and not found.warnings:
        return "everything is well"
    problems, warnings = (
        words.count(len(found.problems), "problem"),
        words.count(len(found.warnings), "warning"),
    )
    return f"{problems}, {warnings}"


def to_json(found: Diagnosis) -> dict[str, Any]:
    """Plain values of everything that was looked at."""
    counts = {"n_problems": len(found.problems), "n_warnings": len(found.warnings)}
    return {"schema": 1, **counts, "checks": [check.to_json() for check in found.checks]}
