"""The options of a request, as a person types them: for commands that go on, or make a page again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from shlex import quote
from typing import Any

FLAGS: Mapping[str, str] = {
    "n_songs": "--count",
    "label_from": "--label-from",
    "genres": "--genres",
    "exclude": "--exclude",
    "playlists": "--playlists",
    "describe": "--describe",
    "n_clips": "--places",
    "model": "--model",
    "seed": "--seed",
    "insist": "--yes",
}
"""The options by the fields of requests; files to write are none, nor what replaces them."""


def options_of(request: Any, *, leave_out: tuple[str, ...] = ()) -> str:
    """The options of a request that are not as usual, each after a space: ` --label-from tag --yes`."""
    return "".join(
        f" {word}"
        for field in fields(request)
        if field.name in FLAGS and field.name not in leave_out
        for word in _words(field, getattr(request, field.name))
    )


def _words(field: Field[Any], value: Any) -> Iterator[str]:
    """An option with its values; nothing where it is as usual."""
    if value == field.default or field.default is MISSING:
        return
    flag = FLAGS[field.name]
    if value is True:
        yield flag
    elif field.name == "genres":
        yield f"{flag} {quote(','.join(value))}"
    else:
        for each in [value] if isinstance(value, str | Path) or not hasattr(value, "__iter__") else value:
            yield f"{flag} {quote(str(each))}"
