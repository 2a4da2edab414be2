"""The test songs that a page lists: as many as it has room for, those on its map and wrong ones first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.evaluation.judged import Judged, misjudged
from groovecli.reports.web.frame import Section
from groovecli.reports.web.html import join, plain
from groovecli.reports.web.songs import Song

_MOST_OF_PAGE = 265_000  # bytes of a page of 300 kB; the rest is the frame's, and of scripts and styles
_MOST_BYTES, _FEWEST_BYTES = 60_000, 5_000  # of the list of songs
_MOST_DOTS, _FEWEST_DOTS = 300, 30
_BYTES_OF_A_DOT = 160  # with its ring


@dataclass(frozen=True)
class Listed:
    """Songs as a page's scripts have them, their genres' names, and each song's number by track id."""

    songs: tuple[dict[str, Any], ...]
    genres: tuple[str, ...]
    numbers: Mapping[str, int]

    @property
    def data(self) -> dict[str, Any]:
        """For `Frame.data["judged"]`: songs with n, p (name, address), t, g (genres) and c (per cent)."""
        return {"songs": list(self.songs), "genres": list(map(plain, self.genres))}


@dataclass(frozen=True)
class Room:
    """What the other sections leave of a page: bytes for the list of songs, and dots for the map."""

    n_bytes: int
    n_dots: int


def room(others: Iterable[Section]) -> Room:
    """The room beside these sections on a page of 300 kB at most."""
    n_left = _MOST_OF_PAGE - sum(len(join(section.body).encode()) for section in others)
    n_bytes = min(_MOST_BYTES, max(_FEWEST_BYTES, n_left // 2))
    n_dots = min(_MOST_DOTS, max(_FEWEST_DOTS, (n_left - n_bytes) // _BYTES_OF_A_DOT))
    return Room(n_bytes, n_dots)


def listed(
    songs: Sequence[Judged],
    genres: Sequence[str],
    folder: Path,
    *,
    on_map: Collection[int] = (),
    most_bytes: int = _MOST_BYTES,
) -> Listed:
    """The songs for a page in `folder`, as far as they fit.

    First those on the map, by their numbers among `songs`; then the surest mistakes; then right songs by
    name.
    """
    names = tuple(dict.fromkeys([*genres, *sorted({song.genre for song in songs})]))
    number_of = {genre: number for number, genre in enumerate(names)}
    kept: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    n_bytes = 0
    for song in dict.fromkeys((*(songs[number] for number in on_map), *_in_order(songs))):
        called = Song.at(song.path, song.called, folder)
        truth, guess = number_of[song.genre], number_of[song.guess]
        row = {**called.to_json(), "t": truth, "g": guess, "c": round(100 * song.confidence)}
        n_bytes += len(
            json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        )
        if n_bytes > most_bytes:
            break
        numbers[song.track_id] = len(kept)
        kept.append(row)
    return Listed(tuple(kept), names, numbers)


def _in_order(songs: Sequence[Judged]) -> Iterable[Judged]:
    right = [song for song in songs if song.is_right]
    return (*misjudged(songs), *sorted(right, key=lambda song: (song.called, song.track_id)))
