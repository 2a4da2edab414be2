"""What `groove cluster` says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groovecli.actions.clustered import Clustered
    from groovecli.playlists.changes import ListChange
    from groovecli.playlists.undo import Undone


def show_json(clustered: Clustered) -> None:
    """Print the playlists as JSON."""
    render.as_json(
        {
            "schema": 1,
            "dry_run": clustered.is_dry,
            "model": clustered.model,
            "method": clustered.method,
            "page": str(clustered.page) if clustered.page else None,
            "refused": _refused_json(clustered),
            "playlists": [
                {
                    "id": w.id,
                    "name": w.name,
                    "changed": w.is_new,
                    "file": str(w.path),
                    "songs": w.n_songs,
                    "exemplar": str(exemplar),
                    "preview": str(w.preview) if w.preview else None,
                }
                for w, exemplar in zip(clustered.written, clustered.exemplars, strict=True)
            ],
            "share": clustered.share,
            "left_out": clustered.n_left_out,
            "in_no_playlist": render.paths_json(clustered.in_no_playlist),
            "changes": [change.to_json() for change in clustered.changes],
            "removed": [str(path) for path in clustered.removed],
            "deleted": list(clustered.deleted),
            "kept": [
                {"path": str(k.path), "reason": k.text, "code": k.reason, "instead": k.instead or None}
                for k in clustered.kept
            ],
            "failed": render.paths_json(clustered.failed),
            "not_described": render.paths_json(clustered.undescribed),
            "passed_over": clustered.passed_over.to_json(),
            "notes": list(clustered.notes),
        }
    )


def _refused_json(clustered: Clustered) -> dict[str, str] | None:
    refused = clustered.refused
    if refused is None:
        return None
    return {"what": refused.what, "hint": refused.hint, "option": clustered.insisting}


def show(clustered: Clustered, out: Path) -> None:
    """Print the playlists, and the songs that are in none."""
    rows = [
        (written.name, song, written.n_songs)
        for written, song in zip(clustered.written, clustered.sounds_like, strict=True)
    ]
    render.table("", ("playlist", "sounds like", "songs"), rows, left=2, ranks=(0, 1, 0))
    _show_what_is_left(clustered)
    if clustered.page:
        render.note(f"a page of the playlists: {clustered.page}")
    render.summary(_in_short(clustered, out))


def _show_what_is_left(clustered: Clustered) -> None:
    """Print what was removed, kept and left out."""
    for line in clustered.notes:
        render.note(line)
    render.rejected("in no playlist", clustered.in_no_playlist)
    would = "would be " if clustered.is_dry else ""
    render.listed(f"{would}removed, of an earlier run", clustered.removed)
    for change in clustered.changes:
        render.listed(f"can't be found, {would}left out of {change.name}", change.lost)
    for change in clustered.changes:
        if change.kind == "renamed":
            render.note(f"{would}renamed: {change.was} to {change.name}")
    if clustered.deleted:
        names = ", ".join(clustered.deleted)
        render.note(f"stays deleted: {names}; `--replace` makes all playlists again")
    for playlist in clustered.kept:
        new = f"; {playlist.instead} {would or 'is '}new beside it" if playlist.instead else ""
        render.note(f"left alone: {playlist.path} {playlist.text}{new}")
    render.passed_over(clustered.passed_over)
    render.rejected("failed", clustered.failed)
    render.rejected("not described", clustered.undescribed)


def show_changes(clustered: Clustered, out: Path) -> None:
    """Print what would become of each playlist, and before it why nothing does where that was refused."""
    if clustered.refused is not None:
        render.error(clustered.refused)
    changed = [change for change in clustered.changes if change.kind != "same"]
    rows = [
        (
            change.kind,
            change.name,
            change.n_before,
            change.n_after,
            len(change.came),
            len(change.moved),
            len(change.left),
        )
        for change in changed
    ]
    heads = ("change", "playlist", "songs", "then", "new", "moved in", "in none")
    if rows:
        render.table("", heads, rows, left=2, ranks=(0, 0, 0, 0, 1, 1, 1))
    _show_songs(changed)
    _show_what_is_left(clustered)
    n_changed = words.count(len(changed), "playlist")
    when = f" with `{clustered.insisting}`" if clustered.insisting else ""
    rewritten = _rewritten(clustered)
    if rewritten:
        names = ", ".join(path.name for path in rewritten)
        render.note(f"would be rewritten, with the same songs (order, paths or format): {names}")
    others = [f"{words.count(len(rewritten), 'file')} would be rewritten"] if rewritten else []
    n_removed = len(clustered.removed)
    others += [f"{words.count(n_removed, 'file')} would be removed"] if n_removed else []
    n_same = len(clustered.changes) - len(changed)
    stay = f"{n_same:,} {'keeps its' if n_same == 1 else 'keep their'} songs"
    render.summary(
        f"nothing was written; in {shown_folder(out)}, {n_changed} would change{when}"
        f"{''.join(f', {each}' for each in others)}, and {stay}"
    )


def _rewritten(clustered: Clustered) -> list[Path]:
    """The files that would have other bytes, though no song comes to their lists or leaves them."""
    same = {change.id for change in clustered.changes if change.kind == "same"}
    changed = {written.path for written in clustered.written if written.id not in same}
    new = dict.fromkeys(written.path for written in clustered.written if written.is_new)
    return [path for path in new if path not in changed]


def shown_folder(folder: Path) -> str:
    """A folder as it is called, with what tells that it is one."""
    return f"{str(folder).rstrip(os.sep)}{os.sep}"


def _show_songs(changes: Sequence[ListChange]) -> None:
    """List the songs that come, move and go."""
    for change in changes:
        if change.kind in ("new", "gone"):
            continue
        came = [f"+ {path}" for path in change.came]
        moved = [f"> {path}, from {name}" for path, name in change.moved]
        left = [f"- {path}" for path in change.left]
        render.lines(change.name, (*came, *moved, *left))


def show_undone(undone: Undone, out: Path, *, as_json: bool) -> None:
    """Print what was put back and removed when the last run was taken back."""
    if as_json:
        kept = [{"path": str(k.path), "reason": k.text, "code": k.reason} for k in undone.kept]
        restored, removed = ([str(path) for path in paths] for paths in (undone.restored, undone.removed))
        paths = {"restored": restored, "removed": removed}
        render.as_json({"schema": 1, **paths, "kept": kept, "notes": list(undone.notes)})
        return
    for note in undone.notes:
        render.warning(note)
    render.listed("put back", undone.restored)
    render.listed("removed", undone.removed)
    for each in undone.kept:
        render.note(f"left alone: {each.path} {each.text}")
    n_files = words.count(len(undone.restored) + len(undone.removed), "file")
    render.summary(f"the last run in {shown_folder(out)} was taken back: {n_files}")


def _in_short(clustered: Clustered, out: Path) -> str:
    """How many playlists of how many songs there are, where, and by what."""
    n_songs = sum(written.n_songs for written in clustered.written)
    n_none = clustered.n_left_out
    none = f"; {words.count(n_none, 'file')} in no playlist" if n_none else ""
    if none and clustered.share is not None:
        none += f", {words.percent(min(clustered.share, 0.999))} of the library in one"
    lists = f"{words.count(len(clustered.written), 'playlist')} of {words.count(n_songs, 'song')}"
    done = "nothing was written; there would be " if clustered.is_dry else ""
    done = "nothing changed: " if clustered.is_unchanged else done
    return f"{done}{lists} in {shown_folder(out)}, by {clustered.model} and {clustered.method}{none}"
