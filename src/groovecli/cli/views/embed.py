"""What `groove embed` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.models.results import Embedded


def to_json(embedded: Embedded, out: Path) -> dict[str, Any]:
    """Plain values of songs that were embedded; without a song nothing was written."""
    n, dim = embedded.vectors.shape
    return {
        "schema": 1,
        "model": embedded.model,
        "songs": n,
        "dim": dim,
        "out": str(out) if n else None,
        "failed": render.paths_json(embedded.failed),
        "left_out": render.paths_json(embedded.left_out),
        "passed_over": embedded.passed_over.to_json(),
    }


def show(embedded: Embedded, out: Path, plot: Path | None) -> None:
    """Print how many songs have vectors, and which files have none."""
    n, dim = embedded.vectors.shape
    render.rejected("left out", embedded.left_out)
    render.passed_over(embedded.passed_over)
    render.rejected("failed", embedded.failed)
    if not n:
        render.warning(f"no song gave a vector: {out} was not written")
        return
    if plot:
        render.note(f"wrote {plot}")
    render.summary(f"{words.count(n, 'song')} as vectors of {dim} numbers by {embedded.model}: {out}")
