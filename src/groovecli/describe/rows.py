"""Descriptions as rows of the catalogue and as rows of numbers, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from groovecli.describe.description import VERSION, Key, Loudness, SongDescription, Tempo
from groovecli.library.catalog import Catalog
from groovecli.library.descriptions import COLUMNS, Values, add_descriptions, stored_descriptions
from groovecli.library.tracks import Track

_COURSES = ("steady", "drifting", "changing")
_COURSE, _WHOLE = COLUMNS.index("course"), {COLUMNS.index("tonic"), COLUMNS.index("is_minor")}
_LARGEST = 1e9
_TOGETHER = 5000


def values_of(said: SongDescription) -> Values:
    """A description as its row."""
    tempo, key, loudness = said.tempo, said.key, said.loudness
    return (
        *(tempo.bpm, tempo.confidence, tempo.other_bpm, tempo.other_weight, tempo.course),
        *(key.tonic, int(key.is_minor), key.confidence, key.tuning_cents),
        *(loudness.integrated_lufs, loudness.range_lu, loudness.true_peak_dbtp),
        *(said.brightness_hz, said.measured_s),
    )


def description_of(row: Values) -> SongDescription | None:
    """The description that a row is of; None where it can't be one, as damage makes them."""
    if len(row) != len(COLUMNS) or not _is_possible(row):
        return None
    v: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    return SongDescription(
        Tempo(v["bpm"], v["bpm_confidence"], v["other_bpm"], v["other_weight"], v["course"]),
        Key(v["tonic"], bool(v["is_minor"]), v["key_confidence"], v["tuning_cents"]),
        Loudness(v["lufs"], v["range_lu"], v["true_peak_dbtp"]),
        v["brightness_hz"],
        v["measured_s"],
    )


def _is_possible(row: Values) -> bool:
    v: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    if v.pop("course") not in (None, *_COURSES):
        return False
    needed = ("bpm_confidence", "other_weight", "is_minor", "key_confidence", "tuning_cents", "measured_s")
    if any(v[name] is None for name in needed):
        return False
    there = {name: value for name, value in v.items() if value is not None}
    if not all(isinstance(value, float | int) and abs(value) < _LARGEST for value in there.values()):
        return False  # NaN, too
    return (
        all(0 <= v[name] <= 1 for name in needed[:4])
        and v["is_minor"] in (0, 1)
        and there.get("tonic", 0) in range(12)
        and all(there.get(name, 1) > 0 for name in ("bpm", "other_bpm"))
        and all(there.get(name, 0) >= 0 for name in ("range_lu", "brightness_hz", "measured_s"))
    )


def as_numbers(row: Values) -> list[float]:
    """A row as numbers alone, for a file with many: NaN where there is none."""
    numbers = [math.nan if value is None else value for value in row]
    course = row[_COURSE]
    numbers[_COURSE] = math.nan if course is None else _COURSES.index(str(course))
    return [float(number) for number in numbers]


def from_numbers(numbers: Iterable[float]) -> Values:
    """The row that `as_numbers` made numbers of.

    Raises
    ------
    ValueError
        They are no description.
    """
    row: list[float | int | str | None] = [None if math.isnan(number) else number for number in numbers]
    for place in _WHOLE:
        number = row[place]
        row[place] = int(number) if isinstance(number, float) and number.is_integer() else number
    course = row[_COURSE]
    if isinstance(course, float):
        row[_COURSE] = _COURSES[int(course)] if course in range(len(_COURSES)) else "none"
    if description_of(tuple(row)) is None:
        raise ValueError("a description is none")
    return tuple(row)


def known_descriptions(catalog: Catalog | None, ids: Iterable[str]) -> dict[str, SongDescription]:
    """What is known of some tracks by this version of the describer, by track id."""
    wanted, known = list(dict.fromkeys(ids)), {}
    for start in range(0, len(wanted) if catalog else 0, _TOGETHER):
        assert catalog is not None
        rows = stored_descriptions(catalog, VERSION, wanted[start : start + _TOGETHER])
        known.update({track: said for track, row in rows.items() if (said := description_of(row))})
    return known


def keep_descriptions(catalog: Catalog | None, said: Mapping[str, SongDescription]) -> None:
    """Keep what this version of the describer says of tracks, by track id."""
    if catalog is not None:
        add_descriptions(catalog, VERSION, {track: values_of(each) for track, each in said.items()})


def known_of(tracks: Sequence[Track], catalog: Catalog) -> tuple[SongDescription | None, ...]:
    """What is known of each of some songs: None where it was not measured; nothing where none was."""
    known = known_descriptions(catalog, (track.id for track in tracks))
    return tuple(known.get(track.id) for track in tracks) if known else ()
