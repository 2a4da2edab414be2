"""What `groove apply`, `groove undo` and `groove tag` say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import tidy, words
from groovecli.reasons import Reason

if TYPE_CHECKING:
    from groovecli.actions.apply import Applied, Done
    from groovecli.actions.tag.request import Tagged, TaggedSong
    from groovecli.library.changes.run import CutOff, TakenBack


def _say_cut_off(runs: Sequence[CutOff]) -> None:
    for run in runs:
        render.warning(tidy.cut_off(run.command, run.n_done, run.path))


def _cut_off_json(runs: Sequence[CutOff]) -> list[dict[str, Any]]:
    return [
        {"command": run.command, "songs": run.n_done, "path": str(run.path) if run.path else None}
        for run in runs
    ]


def _below(path: Path, library: Path) -> str:
    return str(path.relative_to(library)) if path.is_relative_to(library) else str(path)


# apply


def applied_json(done: Applied) -> None:
    """Print what a plan changed as JSON."""
    render.as_json(
        {
            "schema": 1,
            "plan": str(done.plan),
            "library": str(done.library),
            "dry_run": done.is_dry,
            "changed": [_done_json(each) for each in done.done],
            "moved": done.n_moved,
            "tagged": len(done.done) - done.n_moved,
            "done_before": done.n_before,
            "refused": render.paths_json(done.refused),
            "lyrics_left": [str(path) for path in done.beside],
            "cut_off": _cut_off_json(done.cut_off),
        }
    )


def _done_json(done: Done) -> dict[str, Any]:
    what = {"to": str(done.target)} if done.target else {"genre": list(done.genre)}
    return {"path": str(done.path), **what, "why": done.why}


def applied(done: Applied) -> None:
    """Print each change and how many there were."""
    _say_cut_off(done.cut_off)
    rows = [
        (
            _below(each.path, done.library),
            _below(each.target, done.library) if each.target else f"genre {', '.join(each.genre)}",
            each.why,
        )
        for each in done.done
    ]
    if rows:
        render.table("", ("song", "becomes", "why"), rows, left=3, ranks=(0, 0, 1))
    render.rejected("left as they are", done.refused)
    render.listed("lyrics that stay where they were", done.beside)
    verbs = ("would move", "would be tagged") if done.is_dry else ("moved", "tagged")
    n_tagged = len(done.done) - done.n_moved
    parts = [f"{words.count(done.n_moved, 'song')} {verbs[0]}"] if done.n_moved or not n_tagged else []
    parts += [f"{words.count(n_tagged, 'song')} {verbs[1]}"] if n_tagged else []
    parts += (
        [f"{done.n_before:,} {'was' if done.n_before == 1 else 'were'} so already"] if done.n_before else []
    )
    parts += [f"{len(done.refused):,} left as they are"] if done.refused else []
    render.summary(", ".join(parts))
    if done.is_dry and done.done:
        render.next_step(f"groove apply {quote(str(done.plan))}")
    elif done.done:
        if done.n_moved:
            render.note("playlists with the old paths no longer find these songs")
        render.hint("`groove undo` takes it back")


# undo


def undone_json(done: TakenBack) -> None:
    """Print what was taken back as JSON."""
    render.as_json(
        {
            "schema": 1,
            "command": done.command,
            "library": done.library,
            "started": done.started,
            "restored": [str(step.song) for step in done.steps],
            "left": render.paths_json(done.left),
            "failed": render.paths_json(done.failed),
            "given_up": render.paths_json(done.given_up),
            "earlier": done.n_earlier,
            "cut_off": _cut_off_json(done.cut_off),
        }
    )


def undone(done: TakenBack) -> None:
    """Print what was taken back, and what was left alone."""
    _say_cut_off(done.cut_off)
    render.rejected("left as they are", done.left)
    render.rejected("not taken back", done.failed)
    render.rejected("given up: no undo restores them any more", done.given_up)
    rest = len(done.left) + len(done.failed) + len(done.given_up)
    more = f", {rest:,} not" if rest else ""
    what = f"`groove {done.command}` of {done.started}"
    render.summary(f"{words.count(len(done.steps), 'song')} as before {what}{more}")
    if any(item.reason != Reason.LATER_RUN for item in done.failed):
        render.hint("the same command tries these songs again; with `--force` it gives them up")
    elif done.n_earlier:
        render.note(f"{words.count(done.n_earlier, 'earlier run')} can be undone, too")


# tag


def tagged_json(done: Tagged) -> None:
    """Print what was written as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": done.model or None,
            "min_confidence": done.min_confidence,
            "dry_run": done.is_dry,
            "tagged": [_song_json(song) for song in done.songs],
            "done_before": done.n_before,
            "kept": render.paths_json(done.kept),
            "failed": render.paths_json(done.failed),
            "passed_over": done.passed_over.to_json(),
            "cut_off": _cut_off_json(done.cut_off),
        }
    )


def _song_json(song: TaggedSong) -> dict[str, Any]:
    return {
        "path": str(song.path),
        "values": {name: list(values) for name, values in song.values.items()},
        "before": {name: list(values) for name, values in song.before.items()},
    }


def tagged(done: Tagged) -> None:
    """Print what was written into each song."""
    _say_cut_off(done.cut_off)
    if done.line:
        render.note(f"{done.model}: {done.line}")
    rows = [(song.path, _in_words(song)) for song in done.songs]
    if rows:
        render.table("", ("song", "gets"), rows, left=2)
    render.passed_over(done.passed_over)
    render.rejected("left as they are", done.kept)
    render.rejected("failed", done.failed)
    n = words.count(len(done.songs), "song")
    parts = [f"{n} would be tagged" if done.is_dry else f"{n} tagged"]
    parts += [f"{done.n_before:,} had it already"] if done.n_before else []
    parts += [f"{len(done.kept):,} left as they are"] if done.kept else []
    parts += [f"{len(done.failed):,} failed"] if done.failed else []
    render.summary(", ".join(parts))
    if done.songs:
        again = "the same command without --dry-run writes it"
        render.hint(again if done.is_dry else "`groove undo` takes it back")


def _in_words(song: TaggedSong) -> str:
    return "; ".join(
        f"{name} {', '.join(values)}"
        + (f" (was {', '.join(was)})" if (was := song.before.get(name)) else "")
        for name, values in song.values.items()
    )
