"""Which files are pages that groove wrote, so that a new one may replace them."""

from __future__ import annotations

from pathlib import Path

_HEAD = 1 << 16  # bytes in which it stands


GENERATOR = "groove"
"""What every page says of what wrote it, as `<meta name="generator">`."""


def is_any_page(path: Path) -> bool:
    """Whether a file is a page of any `Frame`."""
    with path.open("rb") as file:
        return f'<meta name="generator" content="{GENERATOR}">'.encode() in file.read(_HEAD)


def is_page(path: Path, kind: str) -> bool:
    """Whether a file is a page of a `Frame` of this kind."""
    with path.open("rb") as file:
        return f'<p class="kind">{kind}</p>'.encode() in file.read(_HEAD)
