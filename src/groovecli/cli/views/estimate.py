"""What `--dry-run` of `groove ingest` and `groove embed` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from groovecli.cli import render
from groovecli.cli.progress import say_stopped
from groovecli.errors import ExitCode
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.estimate import Estimate
    from groovecli.monitor import Monitor


def finish(found: Estimate, monitor: Monitor, *, json: bool) -> None:
    """Print an estimate and end the command; the exit code tells whether measured files failed."""
    if monitor.stopped:
        say_stopped(monitor, "nothing was measured")
        raise typer.Exit(ExitCode.INTERRUPTED)
    if json:
        render.as_json(to_json(found))
    else:
        show(found)
    if found.failed:
        raise typer.Exit(ExitCode.PARTIAL)


def show(found: Estimate) -> None:
    """Print what a command would take."""
    render.rejected("failed", found.failed)
    render.fields(
        [
            ("files", f"{found.n_files:,}"),
            ("done already", f"{found.n_done:,}"),
            ("measured", f"{found.n_measured:,}"),
            ("disk", f"about {words.size(found.n_bytes)} of {words.size(found.n_free)} free"),
        ]
    )
    if found.n_bytes > found.n_free:
        render.warning("the disk has too little room")
        render.hint("`groove clean --dry-run` says what can go")
    n = words.count(found.n_waiting, "file")
    took = f"{n} would take about {words.duration(found.seconds)} on this computer"
    render.summary(took if found.n_waiting else "there is nothing to do")


def to_json(found: Estimate) -> dict[str, Any]:
    """Plain values of what a command would take."""
    return {
        "schema": 1,
        "dry_run": True,
        "files": found.n_files,
        "done": found.n_done,
        "waiting": found.n_waiting,
        "measured": found.n_measured,
        "seconds": found.seconds,
        "bytes": found.n_bytes,
        "free": found.n_free,
        "failed": render.paths_json(found.failed),
    }
