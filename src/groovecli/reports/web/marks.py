"""Which files are pages that groove wrote, so that a new one may replace them."""

from __future__ import annotations

from pathlib import Path

_HEAD = 1 << 16  # bytes in which it stands


def is_page(path: Path, kind: str) -> bool:
    """Whether a file is a page of a `Frame` of this kind."""
    with path.open("rb") as file:
        return f'<p class="kind">{kind}</p>'.encode() in file.read(_HEAD)
