"""What `groove cluster` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.cluster import Clustered


def show_json(clustered: Clustered) -> None:
    """Print the playlists as JSON."""
    render.as_json(
        {
            "schema": 1,
            "dry_run": clustered.is_dry,
            "model": clustered.model,
            "method": clustered.method,
            "playlists": [
                {
                    "name": w.name,
                    "file": str(w.path),
                    "songs": w.n_songs,
                    "exemplar": str(exemplar),
                    "preview": str(w.preview) if w.preview else None,
                }
                for w, exemplar in zip(clustered.written, clustered.exemplars, strict=True)
            ],
            "left_out": clustered.n_left_out,
            "in_no_playlist": render.paths_json(clustered.in_no_playlist),
            "removed": [str(path) for path in clustered.removed],
            "kept": [
                {"path": str(k.path), "reason": k.text, "code": k.reason, "instead": k.instead or None}
                for k in clustered.kept
            ],
            "failed": render.paths_json(clustered.failed),
            "passed_over": clustered.passed_over.to_json(),
            "notes": list(clustered.notes),
        }
    )


def show(clustered: Clustered, out: Path) -> None:
    """Print the playlists, and the songs that are in none."""
    rows = [
        (written.name, song, written.n_songs)
        for written, song in zip(clustered.written, clustered.sounds_like, strict=True)
    ]
    render.table("", ("playlist", "sounds like", "songs"), rows, left=2, ranks=(0, 1, 0))
    for line in clustered.notes:
        render.note(line)
    render.rejected("in no playlist", clustered.in_no_playlist)
    would = "would be " if clustered.is_dry else ""
    render.listed(f"{would}removed, of an earlier run", clustered.removed)
    for playlist in clustered.kept:
        new = f"; {playlist.instead} {would or 'is '}new beside it" if playlist.instead else ""
        render.note(f"left alone: {playlist.path} {playlist.text}{new}")
    render.passed_over(clustered.passed_over)
    render.rejected("failed", clustered.failed)
    render.summary(_in_short(clustered, out))


def _in_short(clustered: Clustered, out: Path) -> str:
    """How many playlists of how many songs there are, where, and by what."""
    n_songs = sum(written.n_songs for written in clustered.written)
    n_none = clustered.n_left_out
    none = f"; {words.count(n_none, 'file')} in no playlist" if n_none else ""
    lists = f"{words.count(len(clustered.written), 'playlist')} of {words.count(n_songs, 'song')}"
    done = "nothing was written; there would be " if clustered.is_dry else ""
    return f"{done}{lists} in {out}, by {clustered.model} and {clustered.method}{none}"
