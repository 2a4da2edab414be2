"""What `groove clean` says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.clean.item import Item
    from groovecli.actions.clean.run import Cleaned

_LISTED = 40


def show_found(found: Cleaned) -> None:
    """Print what can go, and what could go besides."""
    if found.items:
        rows = [(item.kind, item.name, item.why, words.size(item.size)) for item in found.items[:_LISTED]]
        render.table("can go", ("kind", "name", "why", "size"), rows, left=3, ranks=(1, 0, 2, 0))
    if len(found.items) > _LISTED:
        render.note(f"and {len(found.items) - _LISTED} more; --json lists them all")
    for item in found.items:
        render.listed(f"gone from {item.name}", item.files)
    for item in found.kept:
        render.warning(f"{item.name} {item.doubt}; nothing of it is removed")
        render.hint("connect the drive; if its songs are gone for good: `groove clean --missing --force`")
    for kind, items in _by_kind(found.others).items():
        size = words.size(sum(item.size for item in items))
        amount = f"{words.count(sum(item.n for item in items), 'file')}" if kind == "missing" else size
        render.note(f"more with --{kind}: {amount}")


def show_done(found: Cleaned, *, dry_run: bool) -> None:
    """Print what went, or would go, and what could not."""
    for item, why in found.failed:
        render.warning(f"{item.kind} {item.name}: {why}")
    if not found.items:
        is_left = found.failed or found.kept
        render.summary("nothing was removed" if is_left else "there is nothing to remove")
    elif dry_run:
        render.summary(f"would remove {in_a_line(found)}")
    else:
        render.summary(f"removed {words.count(len(found.items), 'item')}: {words.size(found.freed)} freed")


def in_a_line(found: Cleaned) -> str:
    """How much goes, by kinds."""
    kinds = ", ".join(f"{len(items)} x {kind}" for kind, items in _by_kind(found.items).items())
    return f"{words.count(len(found.items), 'item')} ({kinds}), {words.size(found.size)}"


def _by_kind(items: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.kind, []).append(item)
    return found


def to_json(found: Cleaned, *, dry_run: bool) -> dict[str, Any]:
    """Plain values of what went, or would go."""
    items = [item.to_json() for item in found.items]
    return {
        "schema": 1,
        "dry_run": dry_run,
        "removed": [] if dry_run else items,
        "would_remove": items if dry_run else [],
        "failed": [{**item.to_json(), "reason": why} for item, why in found.failed],
        "kept": [item.to_json() for item in found.kept],
        "more": [item.to_json() for item in found.others],
        "bytes": found.size if dry_run else found.freed,
    }
