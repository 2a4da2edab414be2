"""The playlists on a map: those that are given, else those that `groove cluster` would make."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from groovecli.actions.arranged import Arrangement, arranged
from groovecli.actions.map.known import named_column
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Track
from groovecli.playlists import clusters
from groovecli.playlists.outlines import Floats, outlines
from groovecli.playlists.playlist import Entry
from groovecli.playlists.proximity import Library
from groovecli.playlists.reading import playlists_of, songs_in
from groovecli.playlists.rows import compared_by
from groovecli.reports.map.content import Area, Column

_MOST_AREAS = 60
_FEWEST = 3  # songs of a playlist that is drawn as an area

Groups = dict[str, list[int]]
"""Rows of the songs of each playlist, by its name."""


def given_groups(paths: Sequence[Path], files: Sequence[Sequence[Track]]) -> tuple[Groups, int]:
    """The songs of playlists that are on the map, and how many playlists have none there.

    Raises
    ------
    LibraryError
        There is no playlist, or it can't be read.
    """
    rows = {os.path.abspath(track.path): row for row, its in enumerate(files) for track in its}
    found: Groups = {}
    n_empty = 0
    for path in paths:
        for file in playlists_of(path):
            songs = [rows[os.fspath(song)] for song in songs_in(file) if os.fspath(song) in rows]
            n_empty += not songs
            if songs:
                found.setdefault(file.stem, []).extend(songs)
    return {name: list(dict.fromkeys(songs)) for name, songs in found.items()}, n_empty


def own_groups(library: Library, entries: Sequence[Entry], catalog: Catalog, seed: int) -> Groups:
    """The playlists that songs would be cut into."""
    rows = library.rows
    compared = compared_by(library.metric, rows)
    clustering = clusters.cluster(compared, seed=seed)
    lists = arranged(clustering, entries, compared, catalog, Arrangement("exemplar", seed=seed))
    return {
        playlist.name: list(cluster.members)
        for playlist, cluster in zip(lists, clustering.clusters, strict=True)
    }


def column_of(groups: Groups, n: int) -> Column:
    """The playlist of each song; of several the first."""
    values = [""] * n
    for name, rows in groups.items():
        for row in rows:
            values[row] = values[row] or name
    return named_column("playlist", "playlist", values)


def areas_of(groups: Groups, places: Floats) -> Iterator[Area]:
    """Where the largest playlists are, from large to small."""
    largest = sorted(groups.items(), key=lambda item: -len(item[1]))[:_MOST_AREAS]
    for name, rows in largest:
        if len(rows) >= _FEWEST:
            rings, middle = outlines(places, np.array(rows, np.intp))
            yield Area(name, rings, middle)
