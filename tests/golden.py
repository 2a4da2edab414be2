"""Texts that a person reads, kept as files; GROOVE_NEW_TEXTS=1 writes them anew, to see what changed."""

from __future__ import annotations

import os
from pathlib import Path

_WRITE = "GROOVE_NEW_TEXTS" in os.environ  # before tests take GROOVE_* away


def assert_as_kept(path: Path, text: str) -> None:
    """The text is that of a file."""
    if _WRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{path.name}: GROOVE_NEW_TEXTS=1 writes it anew"
