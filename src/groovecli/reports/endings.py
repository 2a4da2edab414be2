"""Which kinds of table a file's ending stands for, and whether they can be written here."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from groovecli.messages.evaluation import pyarrow_missing
from groovecli.messages.options import no_such_ending


def check_ending(path: Path, endings: Collection[str]) -> None:
    """Raise now what writing a table would raise after the work.

    Raises
    ------
    UsageError
        No kind of table has this ending.
    GrooveError
        The kind needs a package that is not there.
    """
    if path.suffix.lower() not in endings:
        raise no_such_ending(path, endings)
    if path.suffix.lower() == ".parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise pyarrow_missing() from error
