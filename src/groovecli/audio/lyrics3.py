"""The fields of a Lyrics3 tag, which some MP3 files have in front of their ID3v1."""

from __future__ import annotations

from groovecli.audio.ape import decoded

_BEGIN, _END = b"LYRICSBEGIN", b"LYRICSEND"
_NAMES = {b"LYR": "lyrics", b"EAR": "artist", b"EAL": "album", b"ETT": "title"}


def lyrics3_fields(tag: bytes) -> list[tuple[str, str]]:
    """Keys and texts of a whole tag, of either version."""
    if tag.endswith(_END):
        return [("lyrics", decoded(tag[len(_BEGIN) : -len(_END)]))]
    position, fields = len(_BEGIN), []
    while (length := tag[position + 3 : position + 8]).isdigit():
        name, start = tag[position : position + 3], position + 8
        position = start + int(length)
        if name in _NAMES:
            fields.append((_NAMES[name], decoded(tag[start:position])))
    return fields
