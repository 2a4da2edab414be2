"""What `groove embed` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.models.results import Embedded


def to_json(embedded: Embedded, out: Path | None, plot: Path | None) -> dict[str, Any]:
    """Plain values of songs that were embedded; without a song, or stopped, nothing was written."""
    n, dim = embedded.stored.shape
    is_written = n and not embedded.interrupted
    return {
        "schema": 1,
        "model": embedded.model,
        "songs": n,
        "dim": dim,
        "out": str(out) if is_written and out else None,
        "plot": str(plot) if is_written and plot else None,
        "interrupted": embedded.interrupted,
        "described": sum(said is not None for said in embedded.descriptions),
        "failed": render.paths_json(embedded.failed),
        "not_described": render.paths_json(embedded.undescribed),
        "left_out": render.paths_json(embedded.left_out),
        "passed_over": embedded.passed_over.to_json(),
    }


def show(embedded: Embedded, out: Path | None, plot: Path | None) -> None:
    """Print how many songs have vectors, and which files have none."""
    n, dim = embedded.stored.shape
    render.rejected("left out", embedded.left_out)
    render.passed_over(embedded.passed_over)
    render.rejected("failed", embedded.failed)
    render.rejected("not described", embedded.undescribed)
    if embedded.interrupted:
        return  # the last line says how far it came
    if not n:
        render.warning("no song gave a vector: nothing was written")
        return
    if plot and out:
        render.note(f"wrote {plot}")
    what = f"as vectors of {dim} numbers" if out else "drawn"
    render.summary(f"{words.count(n, 'song')} {what} by {embedded.model}: {out or plot}")
