"""The items of an APEv2 tag, one by one: mutagen drops the whole tag for one that is not UTF-8."""

from __future__ import annotations

_HEAD = 32  # length of the tag's header, and of its footer
_TEXT = 0  # of the kinds of items; others are binary, or links


def ape_items(tag: bytes) -> list[tuple[str, str]]:
    """Keys and texts of a whole tag; several values of one key have a NUL between them."""
    position = _HEAD if tag.startswith(b"APETAGEX") else 0
    items = []
    while position + 8 < len(tag):
        length = int.from_bytes(tag[position : position + 4], "little")
        kind = tag[position + 4] >> 1 & 3
        end_of_key = tag.find(b"\0", position + 8)
        if end_of_key < 0 or tag.startswith(b"APETAGEX", position):
            break
        key = tag[position + 8 : end_of_key].decode("ascii", "replace")
        position = end_of_key + 1 + length
        if kind == _TEXT:
            items.append((key, decoded(tag[end_of_key + 1 : position])))
    return items


class Unsaid(str):
    """Text of bytes that don't say their encoding; as Latin-1, or cp1252, they are what they were."""


_WINDOWS = {n: text for n in range(0x80, 0xA0) if (text := bytes([n]).decode("cp1252", "ignore"))}


def decoded(text: bytes) -> str:
    """Text that should be UTF-8; old programs wrote it as Windows does. No byte is lost."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return Unsaid(text.decode("latin-1").translate(_WINDOWS))
