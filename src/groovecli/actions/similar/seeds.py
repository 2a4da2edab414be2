"""Songs that are asked about, from anywhere: their vectors, and what they are together."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context
from groovecli.actions.hear import vectors_of
from groovecli.actions.similar.opened import Opened
from groovecli.files import A_FOLDER
from groovecli.library.artists import artist_key, first_artist
from groovecli.library.roots import library_roots
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Rejected, Track, reachable
from groovecli.messages.actions import stopped_embedding
from groovecli.messages.similar import (
    empty_playlist,
    no_seed,
    no_seeds,
    no_such_artist,
)
from groovecli.models.loaded import LoadedModel
from groovecli.playlists.named import Names
from groovecli.playlists.nearest import Metric
from groovecli.playlists.proximity import unit
from groovecli.playlists.reading import songs_in
from groovecli.reasons import Reason

Floats = NDArray[np.float64]

PUSHED = 0.5
"""How far a question moves away from songs that are not wanted, as a share of the way to those that are."""


@dataclass(frozen=True)
class Seeds:
    """Songs that are asked about.

    vectors : np.ndarray [shape=(n, d), dtype=float64], of length one where cosine compares them
    weights : np.ndarray [shape=(n,), dtype=float64]
    """

    tracks: tuple[Track, ...]
    vectors: Floats
    weights: Floats
    failed: tuple[Rejected, ...] = ()

    @property
    def mean(self) -> Floats:
        """Their weighted mean [shape=(d,)]."""
        found: Floats = np.average(self.vectors, axis=0, weights=self.weights)
        return found


@dataclass(frozen=True)
class Asked:
    """Songs or folders, and what each of their songs counts; a playlist's entries are songs alone."""

    paths: tuple[Path, ...]
    weight: float = 1.0
    are_songs: bool = False


def heard_seeds(model: LoadedModel, asked: Iterable[Asked], context: Context, *, n_clips: int) -> Seeds:
    """Listen to songs or folders of songs, as far as that was not done before.

    Their vectors are kept by their sound, and their files are not: to ask about a song doesn't make it one
    of the songs that answers come from.

    Raises
    ------
    LibraryError
        None of them can be used.
    Interrupted
        The user stopped it.
    """
    weights: dict[str, float] = {}
    tracks: dict[str, Track] = {}
    failed: list[Rejected] = []
    for some in asked:
        folders = tuple(path for path in some.paths if some.are_songs and os.path.isdir(path))
        failed += (Rejected(path, Reason.NO_FILE, A_FOLDER) for path in folders)
        paths = tuple(path for path in some.paths if path not in folders)
        if not paths:
            continue
        found = find_tracks(
            paths, context.catalog, remember=False, jobs=context.jobs, monitor=context.monitor
        )
        failed += found.rejected
        for track in found.tracks:
            tracks.setdefault(track.id, track)
            weights[track.id] = weights.get(track.id, 0.0) + some.weight
    heard = vectors_of(
        model,
        list(tracks.values()),
        context.catalog,
        n_clips=n_clips,
        jobs=context.jobs,
        stage="embed",
        monitor=context.monitor,
    )
    if context.monitor.stopped:
        raise stopped_embedding()
    failed += heard.rejected
    if not heard.tracks:
        first, n = failed[0], len(failed)
        is_missing = first.reason == Reason.MISSING
        if n == 1:
            raise no_seed(first.path, first.text, is_missing=is_missing)
        raise no_seeds(n, first.path, first.text, is_missing=is_missing)
    vectors = comparable(heard.rows[:], model.description.spec.similarity)
    tracks_named = Names(library_roots(context.catalog)).named(heard.tracks)
    return Seeds(tracks_named, vectors, np.array([weights[t.id] for t in heard.tracks]), tuple(failed))


def comparable(vectors: NDArray[np.floating], metric: Metric) -> Floats:
    """Vectors as their means may be taken: of length one where cosine compares them."""
    return unit(vectors) if metric == "cosine" else vectors.astype(np.float64)


def question(wanted: Seeds, unwanted: Seeds | None = None) -> Floats:
    """The point that songs are to be near to: among those wanted, away from those that are not."""
    if unwanted is None:
        return wanted.mean
    return wanted.mean + PUSHED * (wanted.mean - unwanted.mean)


def of_artist(opened: Opened, name: str) -> Asked:
    """All analysed songs of an artist.

    Raises
    ------
    LibraryError
        There is none.
    """
    wanted, names = artist_key(first_artist(name)), opened.artists()
    spelt = {artist_key(first_artist(each)): each for each in names}
    if not wanted or wanted not in spelt:
        close = difflib.get_close_matches(wanted, spelt, 1)
        raise no_such_artist(name, first_artist(spelt[close[0]]) if close else None)
    numbers = {n for each in names if artist_key(first_artist(each)) == wanted for n in names[each]}
    places = np.flatnonzero(np.isin(opened.heard.numbers, list(numbers))).tolist()
    files = [its for its in opened.files(places) if its]
    if not files:
        raise no_such_artist(name, None)
    return Asked(tuple(reachable(its).path for its in files))


def artist_meant(opened: Opened, paths: Sequence[Path]) -> tuple[Path, str] | None:
    """The first of some paths that leads nowhere and is the name of an artist, with that name."""
    missing = [path for path in paths if not os.path.lexists(path) and artist_key(str(path))]
    if not missing:
        return None
    keys = {artist_key(first_artist(name)): first_artist(name) for name in opened.artists()}
    found = ((path, keys.get(artist_key(str(path)), "")) for path in missing)
    return next(((path, name) for path, name in found if name), None)


def of_playlist(path: Path) -> Asked:
    """All songs of a playlist.

    Raises
    ------
    LibraryError
        It can't be read, or names no file.
    """
    songs = songs_in(path)
    if not songs:
        raise empty_playlist(path)
    return Asked(songs, are_songs=True)


def weighted(paths: Sequence[Path], weights: Sequence[float]) -> list[Asked]:
    """Songs or folders with their weights; 1 each where there are none."""
    return [
        Asked((path,), weight) for path, weight in zip(paths, weights or (1.0,) * len(paths), strict=True)
    ]
