"""What `groove remove-genre` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.remove_genre import GenreRemoved


def what(found: GenreRemoved) -> str:
    """The genres that go, and how many songs."""
    return f"{', '.join(found.genres)} ({words.count(found.n_songs, 'song')})"


def show(found: GenreRemoved, *, dry_run: bool) -> None:
    """Print what went, or would go, and whether too little is left."""
    if len(found.left) < 2:
        left = ", ".join(found.left) or "no genre"
        render.warning(f"left: {left}; a network needs two genres to tell apart")
        render.hint("add one: `groove add-genre NAME FOLDER`")
    done = "would remove" if dry_run else "removed"
    render.summary(f"{done} {what(found)} from dataset {found.dataset}")


def to_json(found: GenreRemoved, *, dry_run: bool) -> dict[str, Any]:
    """Plain values of genres that went, or would go."""
    return {
        "schema": 1,
        "dataset": found.dataset,
        "removed": [] if dry_run else list(found.genres),
        "would_remove": list(found.genres) if dry_run else [],
        "songs": found.n_songs,
        "clips": found.n_clips,
        "left": list(found.left),
    }
