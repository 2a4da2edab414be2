"""What `groove analyses export` and `groove analyses import` say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.analyses.export import Exported
    from groovecli.actions.analyses.merge import Imported


def show_exported(done: Exported) -> None:
    """Print what was written, and what could not be."""
    for name, why in done.failed:
        render.warning(f"{name}: {why}; `groove verify` repairs it")
    render.fields((kind, f"{n:,}") for kind, n in done.n.items())
    render.summary(f"{words.size(done.n_bytes)} in {done.out}")
    render.next_step(f"groove analyses import {done.out.name}")


def exported_json(done: Exported) -> dict[str, Any]:
    """Plain values of what was written."""
    failed = [{"name": name, "reason": why} for name, why in done.failed]
    return {
        "schema": 1,
        "out": str(done.out),
        "bytes": done.n_bytes,
        "written": dict(done.n),
        "failed": failed,
    }


def show_imported(done: Imported) -> None:
    """Print what came of a file."""
    if done.is_dry:
        render.fields((kind, f"{n:,}") for kind, n in done.n_in_file.items())
        render.summary(f"the file is whole, written by groove {done.groove}; nothing was changed")
        return
    kinds = [kind for kind in done.n_in_file if kind in done.n_new]
    rows = [
        (kind, *(f"{counts.get(kind, 0):,}" for counts in (done.n_new, done.n_known, done.n_conflicts)))
        for kind in kinds
    ]
    render.table("", ("what", "new", "here already", "different here"), rows)
    for kind, n in done.n_conflicts.items():
        render.warning(f"{kind}: {n:,} differ from yours, which stay")
    if done.n_unused:
        render.note(f"{words.count(done.n_unused, 'feature')} not used: yours has them, or no such clip")
    render.summary(f"{sum(done.n_new.values()):,} new of {sum(done.n_in_file.values()):,}")


def imported_json(done: Imported) -> dict[str, Any]:
    """Plain values of what came of a file."""
    return {
        "schema": 1,
        "dry_run": done.is_dry,
        "groove": done.groove,
        "in_file": dict(done.n_in_file),
        "new": dict(done.n_new),
        "known": dict(done.n_known),
        "conflicts": dict(done.n_conflicts),
        "n_unused": done.n_unused,
    }
