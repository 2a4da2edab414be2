"""What goes wrong with datasets and their cached features."""

from __future__ import annotations

from collections.abc import Sequence

from groovecli.errors import DatasetError


def no_such_dataset(name: str, others: Sequence[str]) -> DatasetError:
    """There is no dataset of that name; `others` are those that there are."""
    return DatasetError(
        f"there is no dataset {name!r} yet" + (f" (there is: {', '.join(others)})" if others else ""),
        "make one with `groove ingest LIBRARY`",
    )
