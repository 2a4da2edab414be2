"""The genres of a report: of each song, from folders, from tags; and each song's artist."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.audio.tags import primary_genre
from groovecli.datasets.tables import known_genres
from groovecli.library.artists import artist_key, first_artist
from groovecli.library.catalog import Catalog
from groovecli.library.labels import by_folder, genres_of, looks_like_genres
from groovecli.library.tracks import Track
from groovecli.messages import report as messages
from groovecli.playlists.playlist import Entry

FOLDERS, TAGS = "folders", "genre tags"


@dataclass(frozen=True)
class Labels:
    """Genres of songs, by whatever playlists are compared with; "" where there is none.

    `genres` are those that count, `compared` has folders and tags where they are genres.
    """

    genres: tuple[str, ...]
    compared: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]


def labels_of(tracks: Sequence[Track], library: Path, catalog: Catalog, label_from: str) -> Labels:
    """The genres of songs, from folders or tags alone if that is asked for."""
    root = library.absolute()
    below = by_folder(root, [track.path for track in tracks]).genres
    folders = tuple(below.get(track.path, "") for track in tracks)
    tags = tuple(primary_genre(track.tags) for track in tracks)
    known = known_genres(catalog, (track.id for track in tracks))
    chosen = {
        "folder": folders,
        "tag": tags,
        "": tuple(genres_of(tracks, known, [library])),
    }[label_from]
    return Labels(chosen, *_compared(folders, tags))


def _compared(
    folders: tuple[str, ...], tags: tuple[str, ...]
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """What playlists are compared with, and what to say of what they are not."""
    counts = Counter(label for label in folders if label)
    if [each.casefold() for each in folders] == [each.casefold() for each in tags] and any(tags):
        return {f"{FOLDERS} and {TAGS}": tags}, ()
    found = {TAGS: tags} if any(tags) else {}
    if len(counts) > 1 and not looks_like_genres([label for label in folders if label]):
        return found, (messages.no_genre_folders(len(counts), statistics.median(counts.values())),)
    return ({FOLDERS: folders} if len(counts) > 1 else {}) | found, ()


def artists_of(entries: Sequence[Entry]) -> NDArray[np.intp]:
    """A number of each song's artist; songs without one have a number of their own."""
    keys = [artist_key(first_artist(entry.artist)) or f"\0{place}" for place, entry in enumerate(entries)]
    return np.unique(keys, return_inverse=True)[1].astype(np.intp) if keys else np.zeros(0, np.intp)
