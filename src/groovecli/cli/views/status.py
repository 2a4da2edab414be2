"""What `groove status` says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words
from groovecli.messages.similar import DAMAGED_HINT

if TYPE_CHECKING:
    from groovecli.actions.status.failed import Failed
    from groovecli.actions.status.run import Status


def show(found: Status) -> None:
    """Print what there is, and what it takes on the disk."""
    library = found.library
    n_failed = sum(library.n_failed.values())
    render.fields(
        [
            ("songs", f"{library.n_songs:,} in {words.count(library.n_files, 'file')}"),
            *([("gone", _gone(found.n_gone))] if found.n_gone else []),
            ("length", words.duration(library.duration_s)),
            *([("described", f"{found.n_described:,} songs")] if found.n_described else []),
            ("failed", f"{n_failed:,}" + ("; `groove status --failed` lists them" if n_failed else "")),
        ]
    )
    render.answer("")
    if found.models:
        render.table(
            "analysed by",
            ("model", "state", "songs", "missing", "size"),
            [
                (m.model, m.use, f"{m.n_songs:,}", f"{m.n_missing:,}", words.size(m.n_bytes))
                for m in found.models
            ],
            left=2,
        )
    for m in found.models:
        if m.missing and m.use == "in use":
            rest = m.n_missing - len(m.missing)
            more = f", and {rest:,} more" if rest else ""
            render.note(f"{m.model} has no analysis of {', '.join(map(render.shown, m.missing))}{more}")
        if m.n_without_file:
            of = words.count(m.n_without_file, "song")
            render.note(f"{m.model} has analyses of {of} besides, of which groove knows no file")
        if m.n_damaged:
            of = words.count(m.n_damaged, "song")
            render.warning(f"{m.model} has lost its analyses of {of}: the file of its vectors is too short")
            render.hint(f"`{DAMAGED_HINT}` analyses them again")
    if found.datasets:
        render.table(
            "datasets",
            ("dataset", "feature", "songs", "clips", "missing", "size"),
            [row for each in found.datasets for row in _dataset_rows(each)],
            left=2,
            ranks=(0, 0, 0, 1, 2, 0),
        )
    sizes = [(name, words.size(n_bytes)) for name, n_bytes in found.sizes.items() if n_bytes]
    render.table("on the disk", ("part", "size"), [*sizes, ("free", words.size(found.free))])
    if found.runs:
        rows = [(run.command, moment(run.at)) for run in found.runs]
        render.table("last runs", ("command", "ended"), rows, left=2)
    if found.datasets and found.copy_of is None:
        render.warning("there is no copy of your datasets yet; the next change of one makes it")
    render.summary(f"{words.size(sum(found.sizes.values()))} in {found.home}")


def _gone(n: int) -> str:
    return f"{words.count(n, 'file')} not there now; `groove clean --missing` lists them"


def _dataset_rows(each: Any) -> list[tuple[str, ...]]:
    songs, clips = f"{each.n_songs:,}", f"{each.n_clips - each.n_unusable:,}"
    if not each.features:
        return [(each.name, "none cached", songs, clips, words.NONE, words.size(0))]
    return [
        (each.name, f.key.rpartition("-")[0], songs, clips, f"{f.n_missing:,}", words.size(f.n_bytes))
        for f in each.features
    ]


def moment(at: float) -> str:
    """A time as a date; one that is still to come says so, since a clock was changed."""
    if not at:
        return "unknown"
    try:
        text = time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
    except (OverflowError, ValueError, OSError):
        return "unknown"
    return f"{text} (in the future: the clock was changed)" if at > time.time() + 60 else text


def to_json(found: Status) -> dict[str, Any]:
    """Plain values of what there is."""
    library = found.library
    by_reason = [{"stage": stage, "code": code, "n": n} for (stage, code), n in library.n_failed.items()]
    return {
        "schema": 1,
        "home": str(found.home),
        "songs": library.n_songs,
        "files": library.n_files,
        "gone": found.n_gone,
        "duration_s": library.duration_s,
        "described": found.n_described,
        "failed": by_reason,
        "models": [vars(each) for each in found.models],
        "datasets": [
            {**vars(each), "features": [vars(feature) for feature in each.features], "bytes": each.n_bytes}
            for each in found.datasets
        ],
        "bytes": dict(found.sizes),
        "free": found.free,
        "copy_of": found.copy_of,
        "runs": [{"command": run.command, "ended": run.at, "summary": run.summary} for run in found.runs],
    }


def show_failed(found: Failed) -> None:
    """Print the files that failed, and whether they are tried again."""
    for each in found.failures:
        when = f", {moment(each.at)}" if each.at else ""
        render.answer(f"{render.shown(each.path)}: {each.problem.text} ({each.stage}{when})")
    n = words.count(len(found.failures), "failure")
    if not found.failures:
        render.summary("no file failed")
    elif found.is_forgotten:
        render.summary(f"{n} forgotten: the next command tries these files again")
    else:
        render.summary(n)
        render.next_step("groove status --retry")


def failed_json(found: Failed) -> dict[str, Any]:
    """Plain values of the files that failed."""
    return {
        "schema": 1,
        "failures": [each.to_json() for each in found.failures],
        "n": len(found.failures),
        "forgotten": found.is_forgotten,
    }
