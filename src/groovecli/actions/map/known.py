"""What is known of songs, as columns by which a map is coloured."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from groovecli.audio.moods import read_moods
from groovecli.audio.year import read_year
from groovecli.describe.rows import known_descriptions
from groovecli.library.artists import first_artist
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Track
from groovecli.messages.actions import stopped_embedding
from groovecli.monitor import Monitor
from groovecli.playlists.playlist import Entry
from groovecli.reports.map.content import Column

_TEMPOS = (70, 90, 110, 130, 150)
_LOUDNESSES = (-20, -16, -12, -9, -7)
_MOST_DECADES = 7


def columns_of(
    tracks: Sequence[Track],
    entries: Sequence[Entry],
    library: Path,
    catalog: Catalog,
    monitor: Monitor,
) -> Iterator[Column]:
    """The columns in which anything is known; one of artists is always there."""
    years, moods = _in_files(tracks, monitor)
    known = known_descriptions(catalog, (track.id for track in tracks))
    said = [known.get(track.id) for track in tracks]
    named = {
        "genre": ("genre", [entry.genre for entry in entries]),
        "folder": ("folder", [_folder(track.path, library) for track in tracks]),
        "album": ("album", [track.tags.album for track in tracks]),
        "album_artist": ("album artist", [track.tags.album_artist for track in tracks]),
        "tag": ("genre in the tags", [track.tags.genre for track in tracks]),
        "mood": ("mood", moods),
        "key": ("key", [(each.key.name or "") if each else "" for each in said]),
    }
    seen: list[list[str]] = [[]]
    for key, (title, values) in named.items():
        own = [value.casefold() for value in values]
        if any(own) and own not in seen:  # folders are often the genres, and artists those of albums
            yield named_column(key, title, values)
        seen.append(own)
    if any(years):
        yield _by_decade(years)
    bpm = [each.tempo.bpm if each else None for each in said]
    lufs = [each.loudness.integrated_lufs if each else None for each in said]
    if any(value is not None for value in bpm):
        yield _by_edges("tempo", "tempo (BPM)", bpm, _TEMPOS)
    if any(value is not None for value in lufs):
        yield _by_edges("loudness", "loudness (LUFS)", lufs, _LOUDNESSES)
    yield named_column("artist", "artist", [first_artist(entry.artist) for entry in entries])


def named_column(key: str, title: str, values: Sequence[str]) -> Column:
    """A column of names; an empty one is not known."""
    labels = sorted(set(values) - {""}, key=lambda label: (label.casefold(), label))
    number = {label: place for place, label in enumerate(labels, 1)}
    return Column(key, title, tuple(labels), np.array([number.get(value, 0) for value in values], np.int64))


def _in_files(tracks: Sequence[Track], monitor: Monitor) -> tuple[list[int | None], list[str]]:
    """Years and moods, which only the files say."""
    years, moods = [], []
    for done, track in enumerate(tracks, 1):
        if monitor.stopped:
            raise stopped_embedding()
        years.append(read_year(track.path))
        moods.append(next(iter(read_moods(track.path)), ""))
        monitor.progress("read tags", done, len(tracks))
    return years, moods


def _folder(path: Path, library: Path) -> str:
    """The first folder below the library; empty for a song that is in none."""
    parts = os.path.relpath(path, os.path.abspath(library)).split(os.sep)
    return parts[0].encode(errors="replace").decode() if len(parts) > 1 and parts[0] != os.pardir else ""


def _by_decade(years: Sequence[int | None]) -> Column:
    decades = sorted({year // 10 * 10 for year in years if year})[-_MOST_DECADES:]
    labels = [f"{decade} to {decade + 9}" for decade in decades]
    has_before = any(year and year < decades[0] for year in years)
    if has_before:
        labels = [f"before {decades[0]}", *labels]
    of = [bisect_right(decades, year) + has_before if year else 0 for year in years]
    return Column("year", "year", tuple(labels), np.array(of, np.int64), is_ordered=True)


def _by_edges(key: str, title: str, values: Sequence[float | None], edges: Sequence[float]) -> Column:
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    labels = (f"under {edges[0]}", *between, f"{edges[-1]} and more")
    of = [0 if value is None else bisect_right(edges, value) + 1 for value in values]
    return Column(key, title, labels, np.array(of, np.int64), is_ordered=True)
