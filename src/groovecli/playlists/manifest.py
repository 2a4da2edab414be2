"""What a folder of playlists remembers: which files groove wrote, of which songs, and how.

A manifest may be edited, or come from anywhere: what is not as it should be counts as not there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from groovecli.files import json_bytes
from groovecli.library.tracks import PLAYLISTS_MANIFEST, PREVIEW_SUFFIX
from groovecli.messages.playlists import manifest_of_newer_groove
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.playlist import Entry

_SCHEMA = 2
_ID_DIGITS = 16
_LONGEST_NAME = 255  # bytes, as file systems have it
SUFFIXES = tuple(each.suffix for each in FORMATS.values())


@dataclass(frozen=True)
class About:
    """What lists were made from, and how: `options` are those that the grouping depends on.

    `n_grouped` is of how many songs, when all were last grouped. `player` is who they were written for;
    empty where that may be any. `paths` are the other options by which files were written.
    """

    library: str = ""
    model: str = ""
    model_id: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    n_grouped: int = 0
    player: str = ""
    paths: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OldList:
    """A list of an earlier run.

    `songs` are lines of `song_line`, the exemplar first of all; `absent` are songs that belong to it but
    were not found, or were left out. `file` is empty where one file holds all lists. `preview_of` tells
    which songs a preview has.
    """

    id: str
    name: str
    file: str = ""
    songs: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    exemplar: str = ""
    preview: str = ""
    preview_of: str = ""
    is_given: bool = False
    is_deleted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values, without those that say nothing."""
        values = {name: value for name, value in vars(self).items() if value or name in ("id", "name")}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


@dataclass(frozen=True)
class Manifest:
    """What a folder remembers; `files` has the SHA-256 of each file as groove wrote it.

    One of an older groove `is_old`: it has files, and their lists are to be read from them. `is_damaged`
    where there is a file, and its files or lists can't be read from it.
    """

    about: About = field(default_factory=About)
    files: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[OldList, ...] = ()
    is_old: bool = False
    is_damaged: bool = False

    def to_bytes(self) -> bytes:
        """As its file has it; the same for the same lists."""
        about = self.about
        value = {
            "schema": _SCHEMA,
            "library": about.library,
            "model": {"name": about.model, "id": about.model_id},
            "options": dict(about.options),
            "grouped": about.n_grouped,
            **({"player": about.player} if about.player else {}),
            **({"paths": dict(about.paths)} if about.paths else {}),
            "files": dict(sorted(self.files.items())),
            "lists": [each.to_json() for each in self.lists],
        }
        return json_bytes(value, indent=1)


def read_manifest(folder: Path) -> Manifest:
    """What a folder remembers; nothing where it has no manifest, or a damaged one.

    Raises
    ------
    LibraryError
        A newer groove wrote it.
    """
    path = folder / PLAYLISTS_MANIFEST
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return Manifest(is_damaged=os.path.lexists(path))
    if not isinstance(value, dict):
        return Manifest(is_damaged=True)
    schema = value.get("schema", 1)
    if isinstance(schema, int) and schema > _SCHEMA:
        raise manifest_of_newer_groove(folder)
    files = _files(value.get("files"))
    is_damaged = not isinstance(value.get("files"), dict) or (not files and bool(value["files"]))
    if schema != _SCHEMA:
        coming = _files(value.get("coming"))  # what an older groove was writing when it was killed
        is_damaged = is_damaged or type(schema) is not int
        return Manifest(files=coming | files, is_old=True, is_damaged=is_damaged)
    lists = value.get("lists")
    is_damaged = is_damaged or not isinstance(lists, list)
    return Manifest(_about(value), files, tuple(_lists(lists, files)), is_damaged=is_damaged)


def _files(value: Any) -> dict[str, str]:
    """File name -> SHA-256; nothing where anything else stands there."""
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        return {}
    return {name: each for name, each in value.items() if is_own_name(name)}


def is_own_name(name: str) -> bool:
    """Whether a playlist or preview in the folder itself can be called so."""
    is_plain = os.path.basename(name) == name and "\\" not in name and "\0" not in name
    try:
        is_plain = is_plain and len(os.fsencode(name)) <= _LONGEST_NAME
    except UnicodeEncodeError:  # half a letter, as JSON may have it
        return False
    return is_plain and not name.startswith(".") and name.endswith((*SUFFIXES, PREVIEW_SUFFIX))


def _about(value: Mapping[str, Any]) -> About:
    model = value.get("model")
    model = model if isinstance(model, dict) else {}
    options, n_grouped, paths = value.get("options"), value.get("grouped"), value.get("paths")
    return About(
        _text(value.get("library")),
        _text(model.get("name")),
        _text(model.get("id")),
        options if isinstance(options, dict) else {},
        n_grouped if isinstance(n_grouped, int) else 0,
        _text(value.get("player")),
        paths if isinstance(paths, dict) else {},
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _lists(value: Any, files: Mapping[str, str]) -> Iterator[OldList]:
    """The lists that have an id and a name; a file counts only where its SHA-256 is known."""
    taken: set[str] = set()
    for each in value if isinstance(value, list) else ():
        if not isinstance(each, dict) or not (name := _text(each.get("name"))):
            continue
        number = _text(each.get("id"))
        if not number or number in taken:
            continue
        taken.add(number)
        found = OldList(
            number,
            name,
            _text(each.get("file")),
            _texts(each.get("songs")),
            _texts(each.get("absent")),
            _text(each.get("exemplar")),
            _text(each.get("preview")),
            _text(each.get("preview_of")),
            each.get("is_given") is True,
            each.get("is_deleted") is True,
        )
        has_file = found.file in files and not found.file.endswith(PREVIEW_SUFFIX)
        has_preview = found.preview in files and found.preview.endswith(PREVIEW_SUFFIX)
        if has_file or found.is_deleted or not found.file:
            yield found if has_preview else replace(found, preview="", preview_of="")


# Songs


def song_line(entry: Entry, library: str) -> str:
    """A song as a manifest has it: its id, and its path below the library."""
    path = _absolute(entry.path)
    below = library.rstrip("/") + "/"
    way = path[len(below) :] if library and path.startswith(below) else path
    return f"{entry.id[:_ID_DIGITS] or '-'} {way}"


def _absolute(path: Path) -> str:
    """The whole path; asks nobody where it is one, for large libraries have many."""
    text = str(path)
    return text if text.startswith("/") and "/." not in text and "//" not in text else os.path.abspath(text)


def is_line_of(line: str, entry: Entry, library: str) -> bool:
    """Whether a line is of a song: by its sound, else by its path."""
    number, _, way = song_line(entry, library).partition(" ")
    known, _, place = line.partition(" ")
    return known == number if "-" not in (known, number) else place == way


class Rows:
    """Which song of a run a line of a manifest is: by its sound, else by its path."""

    def __init__(self, entries: Sequence[Entry], library: str) -> None:
        self._entries = entries
        self._library = library
        self._by_id: dict[str, int] = {}
        for row, entry in enumerate(entries):
            if entry.id:
                self._by_id.setdefault(entry.id[:_ID_DIGITS], row)

    @cached_property
    def _by_path(self) -> dict[str, int]:
        rows: dict[str, int] = {}
        for row, entry in enumerate(self._entries):
            rows.setdefault(_absolute(entry.path), row)
        return rows

    def of(self, line: str) -> int | None:
        """The song's row; None where it is not there."""
        number, _, _ = line.partition(" ")
        row = self._by_id.get(number)
        return row if row is not None else self._by_path.get(str(self.path(line)))

    def path(self, line: str) -> Path:
        """Where the song was."""
        return path_of(line, self._library)


def path_of(line: str, library: str) -> Path:
    """Where the song of a line is."""
    return Path(os.path.normpath(os.path.join(library, line.partition(" ")[2])))
