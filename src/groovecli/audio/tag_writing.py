"""Values written into a file's tags, each format in its own way; mutagen does the writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import mutagen.id3
from mutagen.aac import AAC
from mutagen.ac3 import AC3
from mutagen.apev2 import APEv2
from mutagen.asf import ASFTags
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

from groovecli.audio.genre_tags import named, parts
from groovecli.audio.tag_sets import KINDS, texts
from groovecli.errors import AudioError
from groovecli.reasons import Reason

_ID3: Any = mutagen.id3
_WITHOUT = (AAC, AC3)

Field = Literal["genre", "tempo", "key", "playlist"]
Values = Mapping[Field, tuple[str, ...]]

# What each kind of tags calls a field: ID3, MP4, APE, WMA, Vorbis comments.
_FRAMES: dict[Field, str] = {"genre": "TCON", "tempo": "TBPM", "key": "TKEY", "playlist": "TIT1"}
_ATOMS: dict[Field, str] = {
    "genre": "\xa9gen",
    "tempo": "tmpo",
    "key": "----:com.apple.iTunes:initialkey",
    "playlist": "\xa9grp",
}
_ITEMS: dict[Field, str] = {"genre": "Genre", "tempo": "BPM", "key": "InitialKey", "playlist": "Grouping"}
_OF_WMA: dict[Field, str] = {
    "genre": "WM/Genre",
    "tempo": "WM/BeatsPerMinute",
    "key": "WM/InitialKey",
    "playlist": "WM/ContentGroupDescription",
}
_COMMENTS: dict[Field, str] = {
    "genre": "genre",
    "tempo": "bpm",
    "key": "initialkey",
    "playlist": "grouping",
}


def tagged_values(path: Path, fields: Sequence[Field]) -> dict[Field, tuple[str, ...]]:
    """What a file's own tags have of some fields, those that are not empty.

    Raises
    ------
    AudioError
        mutagen can't write tags into such a file, or it is damaged.
    """
    tags = _opened(path).tags
    found = {field: _values(tags, field) for field in fields} if tags is not None else {}
    return {field: values for field, values in found.items() if values}


def write_values(path: Path, values: Values) -> None:
    """Write values into a file's tags, instead of those of the same fields; all else stays.

    ID3 keeps its version: several values have NULs between them in 2.4, slashes in 2.3.

    Raises
    ------
    AudioError
        mutagen can't write tags into such a file, or it is damaged.
    OSError
        The disk refused.
    """
    file = _opened(path)
    if file.tags is None:
        _guarded(path, file.add_tags)
    tags = file.tags
    for field, own in values.items():
        _put(tags, field, own)
    if isinstance(tags, ID3) and (2, 2) <= tags.version < (2, 4):
        if tags.version < (2, 3):
            tags.update_to_v23()  # type: ignore[no-untyped-call]
        _guarded(path, lambda: file.save(v2_version=3, v23_sep="/"))
    else:
        _guarded(path, file.save)


def _opened(path: Path) -> Any:
    """A file as mutagen sees it, with ID3's frames as they are."""
    file = _guarded(path, lambda: mutagen.File(path, KINDS))
    tags = getattr(file, "tags", None)
    if isinstance(tags, ID3) and tags.version[:2] == (2, 3):
        file = _guarded(path, lambda: type(file)(path, translate=False))
    if file is None or isinstance(file, _WITHOUT):
        raise AudioError(path, Reason.NO_TAGS_THERE, path.suffix.lower().lstrip(".") or "no ending")
    return file


def _guarded(path: Path, do: Callable[[], Any]) -> Any:
    """What mutagen gives; its many kinds of errors are the file's, but for those of the disk."""
    try:
        return do()
    except Exception as error:
        for each in (error, error.__context__):
            if isinstance(each, OSError) and each.errno is not None:
                raise each from None
        raise AudioError(path, Reason.NO_TAGS_THERE, str(error) or "it is damaged") from error


def _put(tags: Any, field: Field, values: tuple[str, ...]) -> None:
    kind = _kind(tags)
    if kind is _FRAMES:
        frame = _FRAMES[field]
        tags.delall(frame)
        is_latin = all(text.isascii() for text in values)
        encoding = 0 if is_latin else 3 if tags.version >= (2, 4) else 1
        tags.add(getattr(_ID3, frame)(encoding=encoding, text=list(values)))
    elif kind is _ATOMS and field == "tempo":
        tags[kind[field]] = [round(float(text)) for text in values]
    elif kind is _ATOMS and field == "key":
        tags[kind[field]] = [text.encode() for text in values]
    else:
        tags[kind[field]] = list(values)


def _kind(tags: Any) -> dict[Field, str]:
    """What a kind of tags calls the fields."""
    kinds = ((ID3, _FRAMES), (MP4Tags, _ATOMS), (APEv2, _ITEMS), (ASFTags, _OF_WMA))
    return next((names for kind, names in kinds if isinstance(tags, kind)), _COMMENTS)


def _values(tags: Any, field: Field) -> tuple[str, ...]:
    kind = _kind(tags)
    if kind is _FRAMES:
        own = [text for frame in tags.getall(kind[field]) for text in texts(frame)]
        if tags.version < (2, 4):
            own = [part for text in own for part in (parts(text) if field == "genre" else text.split("/"))]
    else:
        own = texts(tags[kind[field]]) if kind[field] in tags else []
    if field == "genre":
        own = [name for text in own for name in named(text)]
    return tuple(text for text in (each.strip() for each in own) if text)
