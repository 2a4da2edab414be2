"""Songs like some songs: from all that was analysed, or from one library."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from groovecli.actions.context import Context, check_call, check_seed
from groovecli.actions.similar.odd import Odd
from groovecli.actions.similar.opened import Opened, listed, open_library
from groovecli.actions.similar.seeds import (
    Asked,
    Seeds,
    artist_meant,
    heard_seeds,
    of_artist,
    of_playlist,
    question,
    weighted,
)
from groovecli.actions.similar.sounds import Sounds
from groovecli.actions.similar.written import check_out, write_list
from groovecli.checked import Checked, Count, Places, Share, Weight
from groovecli.library.ignore import rules_of
from groovecli.library.tracks import Rejected
from groovecli.library.walk import PassedOver
from groovecli.messages import words
from groovecli.messages.similar import (
    is_an_artist,
    no_song_asked,
    no_weights,
    none_left,
    only_song,
    wanted_and_not,
)
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath, StrPaths, as_paths
from groovecli.playlists.eligible import ODD, rules_for
from groovecli.playlists.picks import Pick, Rules, called, picked


@dataclass(frozen=True)
class SimilarRequest(Checked):
    """Which songs to look for others like them, where, and how many.

    Parameters
    ----------
    songs, artists, playlists : several
        Songs or folders; artists of analysed songs; M3U files. What is found is like all of them.
    weights : tuple of float
        What each of `songs` counts; nothing for 1 each.
    avoid : several
        Songs or folders that what is found is pushed away from.
    library : str or Path, optional
        Only songs of this folder, which is analysed first; else all that were analysed before.
    exclude : tuple of str
        Patterns of files that are left out.
    include : tuple of str
        Kinds of `ODD` to let in that are left out otherwise.
    variation : float [range=0..1]
        0 gives the nearest songs, 1 draws them from five times as many, by `seed`.
    out : str or Path, optional
        A playlist to write; `force` puts it in the place of a file.
    """

    songs: StrPaths = ()
    weights: tuple[Weight, ...] = ()
    artists: tuple[str, ...] = ()
    playlists: StrPaths = ()
    avoid: StrPaths = ()
    n_songs: Count = 25
    library: StrPath | None = None
    per_artist: Count = 2
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    variation: Share = 0.0
    seed: int = 0
    out: StrPath | None = None
    absolute: bool = False
    force: bool = False
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None


@dataclass(frozen=True)
class Similar:
    """Songs like some songs, the nearest first.

    `n_compared` songs were looked through; `gone` would be in the list, and their files are not there.
    `out` is the playlist that was written, if one was; without a song there is none, and `nothing` says
    why there is no song. `n_damaged` songs are left out since their vectors
    are damaged.
    """

    model: str
    seeds: Seeds
    picks: tuple[Pick, ...]
    n_compared: int
    gone: tuple[Rejected, ...] = ()
    failed: tuple[Rejected, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    n_damaged: int = 0
    out: Path | None = None
    nothing: str = ""
    left_out: tuple[Rejected, ...] = ()
    asked_for: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether a file failed, a song's vector is damaged, or no song was found."""
        return bool(self.failed or self.n_damaged or not self.picks)

    @property
    def name(self) -> str:
        """What the seeds are called together."""
        tracks = self.seeds.tracks
        if self.asked_for:
            return self.asked_for
        return called(tracks[0]) if len(tracks) == 1 else words.count(len(tracks), "song")


def run(request: SimilarRequest, context: Context) -> Similar:
    """Find the songs that are most like some songs.

    Raises
    ------
    UsageError
        No song is given; weights don't fit the songs; a song is to be both near and far; the playlist has
        another ending, or is there.
    ModelError
        There is no such model, or it is damaged.
    LibraryError
        No song was analysed yet, or none of the songs can be used.
    StorageError
        The playlist can't be written.
    Interrupted
        The user stopped it; what was heard is kept.
    """
    check_call("similar", request, SimilarRequest, context)
    check_seed(request.seed)
    playlists = as_paths(request.playlists, "SimilarRequest", "playlists")
    _check(request)
    from_playlists = [of_playlist(path) for path in playlists]  # sooner than after minutes of listening
    model = context.load(request.model)
    opened = open_library(
        model,
        context,
        library=None if request.library is None else Path(request.library),
        n_clips=request.n_clips,
        command="similar SONG",
        exclude=request.exclude,
    )
    songs = as_paths(request.songs, "SimilarRequest", "songs")
    if (meant := artist_meant(opened, songs)) is not None:
        raise is_an_artist(*meant)
    asked = [
        *weighted(songs, request.weights),
        *(of_artist(opened, name) for name in request.artists),
        *from_playlists,
    ]
    seeds = heard_seeds(model, asked, context, n_clips=request.n_clips)
    avoid = as_paths(request.avoid, "SimilarRequest", "avoid")
    unwanted = heard_seeds(model, [Asked(avoid)], context, n_clips=request.n_clips) if avoid else None
    if unwanted and not {track.id for track in seeds.tracks} - {track.id for track in unwanted.tracks}:
        raise wanted_and_not(seeds.tracks[0].path)
    odd = Odd(model, opened, rules_for(request.include, kinds=ODD))
    found = _found(request, opened, seeds, unwanted, odd, context)
    return _written(replace(found, asked_for=_asked_for(request)), request)


def _asked_for(request: SimilarRequest) -> str:
    """The name of the one playlist or artist that is asked about; empty where it is anything else."""
    playlists = as_paths(request.playlists, "SimilarRequest", "playlists")
    names = [*(path.stem for path in playlists), *request.artists]
    return names[0] if len(names) == 1 and not as_paths(request.songs, "SimilarRequest", "songs") else ""


def _check(request: SimilarRequest) -> None:
    """Raise what is wrong with a request before any work."""
    songs = as_paths(request.songs, "SimilarRequest", "songs")
    if not (songs or request.playlists or request.artists):
        raise no_song_asked()
    if request.weights and len(request.weights) != len(songs):
        raise no_weights(len(songs), len(request.weights))
    avoid = {path.absolute() for path in as_paths(request.avoid, "SimilarRequest", "avoid")}
    if both := [song for song in songs if song.absolute() in avoid]:
        raise wanted_and_not(both[0])
    rules_of(os.sep, request.exclude)
    rules_for(request.include, kinds=ODD)
    check_out(None if request.out is None else Path(request.out), force=request.force)


def _found(
    request: SimilarRequest,
    opened: Opened,
    seeds: Seeds,
    unwanted: Seeds | None,
    odd: Odd,
    context: Context,
) -> Similar:
    gone: list[Rejected] = []
    known = (*seeds.tracks, *(unwanted.tracks if unwanted else ()))
    rules, sounds = Rules(request.per_artist), Sounds(opened.heard.rows, context)
    for some in (seeds, unwanted) if unwanted else (seeds,):
        sounds.know(some.tracks, some.vectors)
    for track in known:
        rules.know(track)
    is_inside = len(known) == 1 and bool(opened.heard.places_of([known[0].id]))
    candidates = opened.from_near_to_far(question(seeds, unwanted), is_inside=is_inside)
    exclude = request.exclude if request.library is None else ()  # a library's are left out already
    picks = picked(
        listed(candidates, rules, gone, exclude=exclude, is_again=odd.or_else(sounds.has)),
        request.n_songs,
        variation=request.variation,
        seed=request.seed,
    )
    if not picks and len(opened) <= 1:
        raise only_song(seeds.tracks[0].path)
    return Similar(
        model=opened.model,
        seeds=seeds,
        picks=picks,
        n_compared=len(opened),
        gone=tuple(gone),
        left_out=odd.rejected,
        failed=(*seeds.failed, *(unwanted.failed if unwanted else ()), *opened.failed),
        passed_over=opened.passed_over,
        n_damaged=opened.n_damaged,
        nothing="" if picks else none_left(len(opened), excluded=bool(request.exclude), n_gone=len(gone)),
    )


def _written(found: Similar, request: SimilarRequest) -> Similar:
    """The same with the playlist that is asked for; without a song there is none."""
    if request.out is None or not found.picks:
        return found
    out, tracks = Path(request.out), [pick.track for pick in found.picks]
    unwritable = write_list(out, f"Like {found.name}", tracks, absolute=request.absolute)
    return replace(found, out=out, failed=(*found.failed, *unwritable))
