"""What is said of songs whose files are not there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.datasets.reach import Reach


def show(reach: Reach, *, said: Collection[Path] = ()) -> None:
    """Print which songs of a dataset are left out, and how many are used without their files.

    Files in `said` were listed before.
    """
    left_out = [file for file in reach.left_out if file.path not in said]
    render.rejected("songs of the dataset that can't be used now, so that they are left out", left_out)
    if reach.n_cached:
        first = next(lost.file for lost in reach.all if lost.is_used)
        one = reach.n_cached == 1
        render.note(
            f"{words.count(reach.n_cached, 'song')} can't be reached or {'has' if one else 'have'} changed,"
            f" and {'is' if one else 'are'} used from the cache, such as {first.path}: {first.text}"
        )
