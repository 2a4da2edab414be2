"""What `groove verify` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.verify.run import Verified
    from groovecli.library.rescue import Rescued

_LISTED = 20
_OF_CATALOGUE = ("table", "dataset")
_PARTS = ("catalogue", "tables")


def show(found: Verified) -> None:
    """Print what was looked at, and what was damaged."""
    if found.rescued:
        _show_rescued(found.rescued, found.n_adopted)
    for damage in found.damaged[:_LISTED]:
        render.warning(f"{damage.kind} {damage.name}: {damage.why}; {damage.repair}")
    if len(found.damaged) > _LISTED:
        render.note(f"and {len(found.damaged) - _LISTED} more; --json lists them all")
    for note in found.notes:
        render.note(note)
    render.fields(_looked_at(found))
    if found.largest_difference is not None:
        difference = words.percent(found.largest_difference, 2)
        render.answer(f"stored and fresh vectors differ by at most {difference}")
    if not found.is_complete:
        render.note(f"{words.count(found.n_left, 'chunk file')} left for the next time")
    n = len(found.damaged) + bool(found.rescued)
    render.summary(f"{words.count(n, 'thing')} damaged" if n else "nothing is damaged")


def _looked_at(found: Verified) -> Iterator[tuple[str, str]]:
    """What was looked at, and the state of the catalogue: its tables and settings are parts of it."""
    n_damaged = sum(damage.kind in _OF_CATALOGUE for damage in found.damaged)
    damaged = f"damage in {words.count(n_damaged, 'place')}" if n_damaged else "no damage"
    yield "catalogue", "built again" if found.rescued else damaged
    for kind, n in found.n_checked.items():
        if kind not in _PARTS:
            yield kind, f"{n:,} checked"


def _show_rescued(rescued: Rescued, n_adopted: int) -> None:
    """Print what became of a damaged catalogue."""
    render.warning(f"the catalogue is damaged: {rescued.why}")
    if rescued.aside:
        render.note(f"kept as {rescued.aside}")
    n_read = sum(rescued.n_read.values())
    render.note(f"built again of {words.count(n_read, 'row')} that could be read")
    if rescued.lost:
        render.note(f"rows were lost of: {', '.join(rescued.lost)}")
    if rescued.backup:
        n_restored = sum(rescued.n_restored.values())
        render.note(f"{words.count(n_restored, 'row')} restored from {rescued.backup}")
    for copy in rescued.damaged_copies:
        render.warning(f"this copy is damaged, too: {copy}")
    if rescued.are_datasets_lost:
        render.warning("datasets are lost; `groove ingest MUSIC` makes them again")
    if n_adopted:
        render.note(f"{words.count(n_adopted, 'chunk file')} found again")


def to_json(found: Verified) -> dict[str, Any]:
    """Plain values of what was looked at, and what was damaged."""
    return {
        "schema": 1,
        "checked": dict(found.n_checked),
        "damaged": [damage.to_json() for damage in found.damaged],
        "catalogue": found.rescued and _rescued_json(found.rescued),
        "n_adopted": found.n_adopted,
        "complete": found.is_complete,
        "n_left": found.n_left,
        "largest_difference": found.largest_difference,
        "notes": list(found.notes),
    }


def _rescued_json(rescued: Rescued) -> dict[str, Any]:
    return {
        "why": rescued.why,
        "kept_as": None if rescued.aside is None else str(rescued.aside),
        "rows_read": dict(rescued.n_read),
        "tables_with_losses": list(rescued.lost),
        "rows_restored": dict(rescued.n_restored),
        "backup": None if rescued.backup is None else str(rescued.backup),
        "damaged_copies": list(map(str, rescued.damaged_copies)),
        "datasets_lost": rescued.are_datasets_lost,
    }
