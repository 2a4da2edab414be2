"""What `groove map` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.map.run import Mapped


def show_json(found: Mapped) -> None:
    """Print what is on the map as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "out": str(found.out),
            "title": found.title,
            "songs": found.n_songs,
            "on_the_last_map": found.n_kept,
            "bytes": found.n_bytes,
            "colours": list(found.colours),
            "playlists": list(found.playlists),
            "notes": list(found.notes),
            "left_out": render.paths_json(found.left_out),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
        }
    )


def show(found: Mapped) -> None:
    """Print where the map is, and what is not on it."""
    render.answer(str(found.out))
    render.passed_over(found.passed_over)
    render.rejected("left out", found.left_out)
    render.rejected("failed", found.failed)
    for note in found.notes:
        render.note(note)
    if found.n_kept is not None:
        n_new = found.n_songs - found.n_kept
        render.note(
            f"{words.count(found.n_kept, 'song')} as on the last map or page of playlists, {n_new:,} new"
        )
    render.note(f"colours: {', '.join(found.colours)}")
    size = words.size(found.n_bytes)
    say = render.summary if render.is_on_screen() else render.note
    say(f"{found.title}; {size}, by {found.model}")
