"""What `groove duplicates` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.duplicates import Duplicates
    from groovecli.library.recordings import Group

_KINDS = {"same-audio": "same audio", "recording": "same recording", "version": "other version"}


def show_json(found: Duplicates) -> None:
    """Print the groups as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "songs": found.n_songs,
            "compared": found.n_compared,
            "fingerprints_made": found.n_made,
            "duplicates": found.n_copies,
            "versions": found.n_versions,
            "bytes": found.n_bytes,
            "groups": [_group_json(group) for group in found.groups],
            "out": str(found.out) if found.out else None,
            "left_out": render.paths_json(found.left_out),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
        }
    )


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "best": str(group.best.path),
        "others": [
            {
                "path": str(copy.track.path),
                "kind": copy.kind,
                "likeness": None if copy.likeness is None else round(copy.likeness, 4),
                "best_because": copy.why.text,
                "code": copy.why.code,
                "bytes": copy.track.state.size,
            }
            for copy in group.copies
        ],
    }


def show(found: Duplicates) -> None:
    """Print each file that has a better one, the better one, and why it is better."""
    rows = [
        (
            render.below(copy.track.path, found.library),
            render.below(group.best.path, found.library),
            copy.why.text,
            _KINDS[copy.kind],
        )
        for group in found.groups
        for copy in group.copies
    ]
    if rows:
        columns = ("file", "the best is", "because", "what it is")
        render.table("", columns, rows, left=4, ranks=(0, 0, 1, 2))
    render.passed_over(found.passed_over)
    render.rejected("left out", found.left_out)
    render.rejected("failed", found.failed)
    if found.out:
        render.note(f"wrote {found.out}")
    render.summary(_in_short(found))


def _in_short(found: Duplicates) -> str:
    songs = words.count(found.n_songs, "song")
    made = f", {found.n_made:,} of them new" if found.n_made else ""
    how = f"{words.count(found.n_compared, 'fingerprint')} compared{made}"
    if not found.groups:
        return f"no duplicates among {songs} ({how})"
    copies = words.count(found.n_copies, "duplicate")
    room = f" ({words.size(found.n_bytes)})" if found.n_copies else ""
    others = f" and {words.count(found.n_versions, 'other version')}" if found.n_versions else ""
    return f"{copies}{room}{others} among {songs}; nothing was deleted ({how})"
