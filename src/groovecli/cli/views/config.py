"""What `groove config` says."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from groovecli.cli import render


def show(rows: Sequence[tuple[object, ...]], home: str | PathLike[str], files: Sequence[str]) -> None:
    """Print the settings, each with its value, where this is from and what it means; then the places."""
    render.table(
        "settings",
        ("setting", "value", "from", "meaning"),
        rows,
        left=4,
        ranks=(0, 0, 0, 1),
        least={3: render.WHOLE},
    )
    render.fields([("home", home), *(("config file", file) for file in files)])
    render.note("A value of the first config file counts before one of the second.")
