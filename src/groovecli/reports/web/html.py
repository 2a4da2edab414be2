"""HTML that can't be broken by a name: tags whose texts and attributes are always escaped."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote


class Html(str):
    """Text that stands in a page as it is; `tag`, `text` and `join` make it."""

    __slots__ = ()


Child = Html | str | bytes | Path | int | None | Sequence["Child"]
"""What stands in a tag: all but `Html` is escaped; None is nothing."""

_VOID = frozenset(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])
# What no page may hold: control characters but for tab and line break, and halves of letters.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def plain(value: str | bytes | Path | int) -> str:
    """Text of any kind as letters; bytes that are no UTF-8 and control characters become U+FFFD."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    letters = re.sub("[\ud800-\udfff]", "\ufffd", str(value))
    return _UNSEEN.sub("\ufffd", letters)


def text(value: str | bytes | Path | int) -> Html:
    """Text of any kind, escaped."""
    return value if isinstance(value, Html) else Html(escape(plain(value)))


def name(value: str | bytes | Path) -> Html:
    """A name of any script: its direction stays its own."""
    return tag("bdi", value)


def join(*children: Child) -> Html:
    """Parts of a page, one after the other."""
    return Html("".join(_each(children)))


def _each(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, str | bytes | Path | int):
            yield text(child)
        else:
            yield from _each(child)


def tag(element: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """An element: `tag("td", name, class_="num", data_row=3)`.

    An attribute's last underscore is left out, the others are hyphens. True is an attribute without a
    value; False and None are no attribute.
    """
    given = "".join(_attribute(*each) for each in attributes.items())
    if element in _VOID:
        return Html(f"<{element}{given}>")
    return Html(f"<{element}{given}>{join(*children)}</{element}>")


def _attribute(key: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    key = key.removesuffix("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{escape(plain(value))}"'


def data(identity: str, values: Any) -> Html:
    """Values for a script, as JSON that no text in it can end."""
    written = plain(json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    for letter in "<>&\u2028\u2029":
        written = written.replace(letter, f"\\u{ord(letter):04x}")
    return Html(f'<script type="application/json" id="{escape(identity)}">{written}</script>')


def address(path: Path, folder: Path) -> str:
    """What a page in `folder` calls a file by: from there, so that both can be moved together."""
    target, start = os.path.abspath(path), os.path.abspath(folder)
    try:
        return quote(os.fsencode(os.path.relpath(target, start).replace(os.sep, "/")))
    except ValueError:  # Windows: another drive
        return Path(target).as_uri()
