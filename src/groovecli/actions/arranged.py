"""Clusters to playlists: their songs in order, no artist too often, named by what tells them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groovecli.describe.description import SongDescription
from groovecli.describe.rows import known_descriptions
from groovecli.library.artists import artist_key, first_artist
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Rejected, Track
from groovecli.messages.words import count
from groovecli.playlists.called import called, numbered_folders
from groovecli.playlists.clusters import Cluster, Clustering
from groovecli.playlists.names import name_playlists
from groovecli.playlists.order import capped, ordered, own_artist
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.rows import Rows
from groovecli.playlists.terms import Traits
from groovecli.reasons import Reason

_READ, _LEAST_READ = 2000, 5  # songs whose year and moods are read: of all lists, and of each at least
_SLOW, _FAST = 85.0, 140.0  # beats a minute
_SURE = 0.5  # of a tempo
_QUIET, _LOUD = -18.0, -9.0  # LUFS
_DARK_HZ, _BRIGHT_HZ = 1500.0, 3000.0
_CALM_LU, _CALM_LUFS = 6.0, -16.0


@dataclass(frozen=True)
class Arrangement:
    """How playlists are made of clusters: the order, the most songs of an artist, the format of names."""

    order: str = "smooth"
    per_artist: int | None = None
    name_format: str = ""
    seed: int = 0


def entries_of(tracks: Sequence[Track], genres: Sequence[str], library: Path) -> list[Entry]:
    """Songs as playlists have them; artist and title by folders and files where tags don't say them."""
    numbered = numbered_folders(track.path for track in tracks)
    found = []
    for track, genre in zip(tracks, genres, strict=True):
        tags, path = track.tags, track.path
        name = called(path, library, artist=tags.artist, title=tags.title, numbered=numbered)
        found.append(Entry(path, track.duration_s, name.artist, name.title, genre, track.id))
    return found


def arranged(
    clustering: Clustering, entries: Sequence[Entry], vectors: Rows, catalog: Catalog, how: Arrangement
) -> list[Playlist]:
    """Playlists of clusters of songs.

    Parameters
    ----------
    entries, vectors : sequences
        Of all songs, by row.
    """
    artists = [artist_key(first_artist(entry.artist)) for entry in entries]
    rows = [_kept(cluster, artists, how) for cluster in clustering.clusters]
    groups = [[entries[i] for i in kept] for kept, _ in rows]
    exemplars = [entries[cluster.exemplar] for cluster in clustering.clusters]
    traits = _traits(groups, catalog)
    names = name_playlists(groups, exemplars, traits=traits, format=how.name_format)
    playlists = []
    for name, (kept, others), exemplar in zip(names, rows, exemplars, strict=True):
        songs = tuple(entries[i] for i in _in_order(kept, entries, artists, vectors, how))
        playlists.append(Playlist(name, songs, exemplar, tuple(entries[i] for i in others)))
    return playlists


def _kept(cluster: Cluster, artists: Sequence[str], how: Arrangement) -> tuple[list[int], list[int]]:
    """The rows of a cluster from near to far, and those of songs that an artist has too many of."""
    if how.per_artist is None:
        return list(cluster.members), []
    members = np.array(cluster.members, np.intp)
    parts = capped([artists[i] for i in members], how.per_artist)
    kept, others = (members[list(part)].tolist() for part in parts)
    return kept, others


def _in_order(
    rows: Sequence[int],
    entries: Sequence[Entry],
    artists: Sequence[str],
    vectors: Rows,
    how: Arrangement,
) -> Iterator[int]:
    names, titles = [artists[i] for i in rows], [entries[i].shown_title for i in rows]
    numbers = np.array(rows, np.intp)
    for place in ordered(how.order, names, titles, lambda places: vectors[numbers[places]], seed=how.seed):
        yield rows[place]


def too_many(playlists: Sequence[Playlist]) -> Iterator[Rejected]:
    """The songs that one artist has too many of in a list, which is why they are in none."""
    for playlist in playlists:
        for entry in playlist.beside:
            yield Rejected(entry.path, Reason.CAPPED, playlist.name)


def own_lists(playlists: Sequence[Playlist]) -> Iterator[str]:
    """Which lists are an artist's own, so that a cap doesn't hold for that artist."""
    for playlist in playlists:
        keys = [artist_key(first_artist(entry.artist)) for entry in (*playlist.entries, *playlist.beside)]
        if own := own_artist(keys):
            n = keys.count(own)
            artist = next(e.artist for e, key in zip(playlist.entries, keys, strict=False) if key == own)
            yield f"{playlist.name} is a playlist of one artist: {count(n, 'song')} by {artist}"


# What can be said of songs


def _traits(groups: Sequence[Sequence[Entry]], catalog: Catalog) -> list[list[Traits]]:
    """Traits of the songs of each list: measured words of all, years and moods of the nearest ones."""
    known = known_descriptions(catalog, (entry.id for group in groups for entry in group))
    n_read = max(_LEAST_READ, _READ // max(1, len(groups)))
    return [
        [_traits_of(entry, known, is_read=place < n_read) for place, entry in enumerate(group)]
        for group in groups
    ]


def _traits_of(entry: Entry, known: Mapping[str, SongDescription], *, is_read: bool) -> Traits:
    said = known.get(entry.id)
    words = tuple(words_of(said)) if said else ()
    if not is_read:
        return Traits(words)
    from groovecli.audio.moods import read_moods  # with mutagen and PyAV
    from groovecli.audio.year import read_year

    year = read_year(entry.path)
    return Traits(words, read_moods(entry.path), f"{year // 10 * 10}s" if year else "")


def words_of(said: SongDescription) -> Iterator[str]:
    """What a description says in words; nothing where a song is in the middle."""
    tempo, loudness, hz = said.tempo, said.loudness, said.brightness_hz
    if tempo.bpm is not None and tempo.confidence >= _SURE:
        yield from _beyond(tempo.bpm, _SLOW, _FAST, "slow", "fast")
    if (lufs := loudness.integrated_lufs) is not None:
        yield from _beyond(lufs, _QUIET, _LOUD, "quiet", "loud")
        is_even = loudness.range_lu is not None and loudness.range_lu <= _CALM_LU
        if is_even and lufs <= _CALM_LUFS and (tempo.bpm is None or tempo.bpm <= _SLOW):
            yield "calm"
    if hz is not None:
        yield from _beyond(hz, _DARK_HZ, _BRIGHT_HZ, "dark", "bright")


def _beyond(value: float, low: float, high: float, below: str, above: str) -> Iterator[str]:
    if value <= low or value >= high:
        yield below if value <= low else above
