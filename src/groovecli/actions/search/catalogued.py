"""What the catalogue has of songs, for words: their tags and folders, and what was measured."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.describe.description import VERSION
from groovecli.library.heard import Heard
from groovecli.words.probes import Probe

MEASURED = ("bpm", "bpm_confidence", "tonic", "is_minor", "lufs", "range_lu", "brightness_hz")
"""What is taken of a description, as its columns are called."""
N_FOLDERS = 3
"""How many folders above a file say what it is."""

_TOGETHER = 20_000  # songs
_FILES = "SELECT track, path, tags FROM files WHERE track IN (SELECT value FROM json_each(?))"
_SAID = (
    f"SELECT track, {', '.join(MEASURED)} FROM descriptions"
    " WHERE version = ? AND track IN (SELECT value FROM json_each(?))"
)

Hits = dict[int, str]
"""Places of songs, each with the field in which words were found."""


def measured_of(heard: Heard) -> dict[str, NDArray[np.float64]]:
    """What was measured of all songs, by the names of `MEASURED`; NaN where nothing was."""
    table = np.full((len(heard), len(MEASURED)), np.nan)
    for start, numbers, place_of in _parts(heard):
        for number, *values in heard.catalog.rows(_SAID, VERSION, json.dumps(numbers)):
            table[start + place_of[number]] = [np.nan if value is None else value for value in values]
    return dict(zip(MEASURED, table.T, strict=True))


def found_in_tags(heard: Heard, probes: Sequence[Probe], library: Path | None) -> list[Hits]:
    """Where each probe's words are; folders count below the library, if one is named."""
    hits: list[Hits] = [{} for _ in probes]
    root = "" if library is None else os.path.abspath(library)
    starts = {_start(word) for probe in probes for word in probe.words}
    for start, numbers, place_of in _parts(heard) if probes else ():
        for number, raw, tags in heard.catalog.each(_FILES, json.dumps(numbers)):
            path = os.fsdecode(raw)
            if not _may_have(starts, path, tags or ""):
                continue
            texts = _texts(path, tags, root)
            for probe, its in zip(probes, hits, strict=True):
                if field := probe.found_in(texts):
                    its.setdefault(start + place_of[number], field)
    return hits


def _parts(heard: Heard) -> Iterator[tuple[int, list[int], Mapping[int, int]]]:
    """Songs some at a time: the place of the first, their numbers, and the place of each among them."""
    for start in range(0, len(heard), _TOGETHER):
        numbers = heard.numbers[start : start + _TOGETHER].tolist()
        yield start, numbers, {number: place for place, number in enumerate(numbers)}


def _start(word: str) -> str:
    """What is in a text that has the word, whatever its plural."""
    return word[:-1] if len(word) > 2 else word


def _may_have(starts: set[str], path: str, tags: str) -> bool:
    """Whether a closer look is worth it; most texts have none of the words."""
    text = (path + tags).casefold()
    return not text.isascii() or "\\u" in text or "'" in text or any(start in text for start in starts)


def _texts(path: str, tags: str | None, root: str) -> dict[str, tuple[str, ...]]:
    """The fields of a file: its tags, the name of the file where it has no title, and its folders."""
    known: dict[str, str] = json.loads(tags) if tags else {}
    fields: dict[str, tuple[str, ...]] = {name: (text,) for name, text in known.items()}
    folder, name = os.path.split(path)
    if root and folder.startswith(root):
        folder = folder.removeprefix(root)
    fields.setdefault("title", (os.path.splitext(name)[0],))
    fields["folder"] = tuple(folder.split(os.sep)[-N_FOLDERS:])
    return fields
