"""The playlists on a map: those that are given, else those that `groove cluster` would make."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groovecli.actions.arranged import Arrangement, arranged, entries_of
from groovecli.actions.context import Context
from groovecli.actions.map.known import named_column
from groovecli.actions.map.standing import Ground
from groovecli.actions.once import only, songs_once
from groovecli.datasets.tables import known_genres
from groovecli.library.labels import genres_of
from groovecli.library.tracks import Rejected, Track
from groovecli.messages import map as messages
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import Embedded
from groovecli.playlists import clusters
from groovecli.playlists.eligible import Rules
from groovecli.playlists.outlines import Floats, outlines
from groovecli.playlists.reading import list_name, playlists_of, songs_in
from groovecli.playlists.rows import compared_by
from groovecli.reports.map.content import Area, Column

_MOST_AREAS = 60
_FEWEST = 3  # songs of a playlist that is drawn as an area

Groups = dict[str, list[int]]
"""Rows of the songs of each playlist, by its name."""


@dataclass(frozen=True)
class Drawn:
    """The playlists on a map, what to say of them, and files that could not be compared with others."""

    groups: Groups
    notes: tuple[str, ...] = ()
    unread: tuple[Rejected, ...] = ()


def given_groups(paths: Sequence[Path], files: Sequence[Sequence[Track]]) -> Drawn:
    """The songs of playlists that are on the map.

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
                name = list_name(file)
                found.setdefault(file.stem if name in found else name, []).extend(songs)
    notes = (messages.not_on_map(n_empty),) if n_empty else ()
    return Drawn({name: list(dict.fromkeys(songs)) for name, songs in found.items()}, notes)


def own_groups(
    model: LoadedModel, embedded: Embedded, rows: Mapping[str, int], ground: Ground, context: Context
) -> Drawn:
    """The playlists that `groove cluster` would make of a library; of no song there is none.

    `rows` has the row of each song on the map, by its id.

    Raises
    ------
    Interrupted
        The user stopped it; the fingerprints that were made are kept.
    """
    once = songs_once(model, embedded, Rules(), context)
    kept = once.songs.kept
    n_apart = len(rows) - len(kept)
    notes = (messages.in_no_playlist(n_apart),) if n_apart else ()
    if not len(kept):
        return Drawn({}, notes, once.unread)
    tracks = [embedded.tracks[number] for number in kept.tolist()]
    known = known_genres(context.catalog, (track.id for track in tracks))
    entries = entries_of(tracks, genres_of(tracks, known, [ground.library]), ground.library)
    compared = compared_by(model.description.spec.similarity, only(embedded.stored, kept))
    clustering = clusters.cluster(compared, seed=ground.seed)
    how = Arrangement("exemplar", seed=ground.seed)
    lists = arranged(clustering, entries, compared, context.catalog, how)
    groups = {
        playlist.name: [rows[tracks[member].id] for member in cluster.members]
        for playlist, cluster in zip(lists, clustering.clusters, strict=True)
    }
    return Drawn(groups, notes, once.unread)


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
            yield Area(name, *outlines(places, np.array(rows, np.intp)))
