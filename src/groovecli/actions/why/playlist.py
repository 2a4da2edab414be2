"""Why a song is in a playlist: how near it is to that one, and to the others beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from groovecli.actions.context import Context, check_call
from groovecli.actions.similar.opened import Opened, open_library
from groovecli.actions.similar.seeds import Asked, Floats, comparable, heard_seeds, of_playlist
from groovecli.checked import Checked, Places
from groovecli.errors import LibraryError
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.messages.similar import alone_in_playlist, is_folder
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath
from groovecli.playlists.reading import SUFFIXES, list_name

N_NEAREST = 3


@dataclass(frozen=True)
class WhyInRequest(Checked):
    """A song and a playlist, which it is in or not."""

    song: StrPath
    playlist: StrPath
    library: StrPath | None = None
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None


@dataclass(frozen=True)
class Rated:
    """A playlist, and how much a song is like its songs on average."""

    path: Path
    name: str
    n_songs: int
    likeness: float


@dataclass(frozen=True)
class WhyIn:
    """How near a song is to the songs of a playlist, and to those of the playlists in its folder.

    `nearest` are songs of the playlist with their likeness, from near to far; `others` the other
    playlists, the nearest first, by their songs that were analysed.
    """

    model: str
    track: Track
    is_in: bool
    playlist: Rated
    nearest: tuple[tuple[Track, float], ...]
    others: tuple[Rated, ...]
    failed: tuple[Rejected, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    n_damaged: int = 0

    @property
    def margin(self) -> float | None:
        """By how much it is more like this playlist than like the nearest other one; None without one."""
        return self.playlist.likeness - self.others[0].likeness if self.others else None


def run(request: WhyInRequest, context: Context) -> WhyIn:
    """Compare a song with a playlist and with the playlists beside it.

    Raises
    ------
    UsageError
        A folder stands where the song should.
    ModelError
        There is no such model, or it is damaged.
    LibraryError
        No song was analysed yet; the song can't be used; the playlist can't be read, or has no other song.
    Interrupted
        The user stopped it.
    """
    check_call("why_in", request, WhyInRequest, context)
    playlist, song = Path(request.playlist), Path(request.song)
    members = of_playlist(playlist)
    if os.path.isdir(song):
        raise is_folder(song)
    model = context.load(request.model)
    library = None if request.library is None else Path(request.library)
    command = "why SONG --playlist FILE"
    opened = open_library(model, context, library=library, n_clips=request.n_clips, command=command)
    seed = heard_seeds(model, [Asked((song,))], context, n_clips=request.n_clips)
    listed = heard_seeds(model, [members], context, n_clips=request.n_clips)
    track, vector = seed.tracks[0], seed.vectors[0]
    likeness = opened.likeness(track, vector, listed.tracks, listed.vectors)
    others = [i for i, each in enumerate(listed.tracks) if each.id != track.id]
    if not others:
        raise alone_in_playlist(song, playlist)
    order = sorted(others, key=lambda i: -likeness[i])
    return WhyIn(
        model=opened.model,
        track=track,
        is_in=len(others) < len(listed.tracks),
        playlist=Rated(playlist, list_name(playlist), len(listed.tracks), float(likeness[others].mean())),
        nearest=tuple((listed.tracks[i], float(likeness[i])) for i in order[:N_NEAREST]),
        others=_beside(opened, playlist, track, vector),
        failed=(*listed.failed, *opened.failed),
        passed_over=opened.passed_over,
        n_damaged=opened.n_damaged,
    )


def _beside(opened: Opened, playlist: Path, track: Track, vector: Floats) -> tuple[Rated, ...]:
    """The other playlists in a playlist's folder, the nearest to a song first."""
    rated = []
    for path in sorted(playlist.absolute().parent.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path == playlist.absolute() or not path.is_file():
            continue
        try:
            tracks = _known(opened, of_playlist(path).paths, track)
        except LibraryError:  # of the user's own, and not what is asked about
            continue
        if tracks:
            rows = opened.heard.rows[np.array(list(tracks.values()))]
            vectors = comparable(rows, opened.vectors.metric)
            likeness = opened.likeness(track, vector, list(tracks), vectors).mean()
            rated.append(Rated(path, list_name(path), len(tracks), float(likeness)))
    return tuple(sorted(rated, key=lambda each: -each.likeness))


def _known(opened: Opened, paths: Sequence[Path], track: Track) -> dict[Track, int]:
    """The analysed songs at some paths, and where they are in the library, without the song itself."""
    known = opened.heard.catalog.known_files(paths).values()
    songs = {each.id: each for each in known if isinstance(each, Track) and each.id != track.id}
    places = opened.heard.places_of(list(songs))
    return {songs[track_id]: places[track_id] for track_id in sorted(places)}
