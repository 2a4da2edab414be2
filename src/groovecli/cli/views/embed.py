"""What `groove embed` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.models.results import Embedded


def to_json(embedded: Embedded, out: Path | None, plot: Path | None) -> dict[str, Any]:
    """Plain values of songs that were embedded; without a song nothing was written."""
    n, dim = embedded.vectors.shape
    return {
        "schema": 1,
        "model": embedded.model,
        "songs": n,
        "dim": dim,
        "out": str(out) if n and out else None,
        "plot": str(plot) if n and plot else None,
        "failed": render.paths_json(embedded.failed),
        "left_out": render.paths_json(embedded.left_out),
        "passed_over": embedded.passed_over.to_json(),
    }


def show(embedded: Embedded, out: Path | None, plot: Path | None) -> None:
    """Print how many songs have vectors, and which files have none."""
    n, dim = embedded.vectors.shape
    render.rejected("left out", embedded.left_out)
    render.passed_over(embedded.passed_over)
    render.rejected("failed", embedded.failed)
    if not n and embedded.interrupted:
        return  # the last line says how far it came
    if not n:
        render.warning("no song gave a vector: nothing was written")
        return
    if plot and out:
        render.note(f"wrote {plot}")
    what = f"as vectors of {dim} numbers" if out else "drawn"
    render.summary(f"{words.count(n, 'song')} {what} by {embedded.model}: {out or plot}")
