"""A way from one song to another through songs that sound ever more like the other one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np

from groovecli.actions.context import Context, check_call
from groovecli.actions.similar.odd import Odd
from groovecli.actions.similar.opened import Opened, open_library
from groovecli.actions.similar.seeds import Asked, Floats, Seeds, comparable, heard_seeds
from groovecli.actions.similar.sounds import Sounds
from groovecli.actions.similar.written import check_out, write_list
from groovecli.checked import Checked, Count, Places, Range
from groovecli.library.ignore import rules_of
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.messages.similar import is_folder, same_songs
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath
from groovecli.playlists.eligible import ODD, rules_for
from groovecli.playlists.journey import Stop, journey
from groovecli.playlists.picks import Pick, Rules, allowed, artist_of, called
from groovecli.playlists.proximity import SAME, distances_between, unit
from groovecli.reasons import Reason

_LOOKED_AT = (0.0, 0.25, 0.5, 0.75, 1.0)  # points of the straight line between the two songs
_NEAR_EACH = 150  # songs


@dataclass(frozen=True)
class BetweenRequest(Checked):
    """The two songs that a way is to lead from and to, and how many songs it has, both included.

    The other fields are those of `SimilarRequest`.
    """

    start: StrPath
    end: StrPath
    n_songs: Annotated[int, Range(2, 500)] = 12
    library: StrPath | None = None
    per_artist: Count = 2
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    out: StrPath | None = None
    absolute: bool = False
    force: bool = False
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None


@dataclass(frozen=True)
class Between:
    """Songs from one to another, both included; `steps` are the distances from each to the next.

    There are fewer than `n_wanted` songs where no more fit between the two; `gone` lie near the way, and
    their files are not there.
    """

    model: str
    tracks: tuple[Track, ...]
    steps: tuple[float, ...]
    n_wanted: int
    n_compared: int
    gone: tuple[Rejected, ...] = ()
    failed: tuple[Rejected, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    n_damaged: int = 0
    out: Path | None = None
    left_out: tuple[Rejected, ...] = ()

    @property
    def evenness(self) -> float:
        """The longest step as a multiple of the mean one."""
        return max(self.steps) / max(sum(self.steps) / len(self.steps), np.finfo(float).tiny)


def run(request: BetweenRequest, context: Context) -> Between:
    """Find a way from one song to another.

    Raises
    ------
    UsageError
        The two are one song; the playlist has another ending, or is there.
    ModelError
        There is no such model, or it is damaged.
    LibraryError
        No song was analysed yet, or one of the two can't be used.
    StorageError
        The playlist can't be written.
    Interrupted
        The user stopped it; what was heard is kept.
    """
    check_call("between", request, BetweenRequest, context)
    rules_of(os.sep, request.exclude)
    rules_for(request.include, kinds=ODD)
    out = None if request.out is None else Path(request.out)
    check_out(out, force=request.force)
    for end in (request.start, request.end):
        if os.path.isdir(end):
            raise is_folder(Path(end))
    model = context.load(request.model)
    opened = open_library(
        model,
        context,
        library=None if request.library is None else Path(request.library),
        n_clips=request.n_clips,
        command="between A B",
        exclude=request.exclude,
    )
    opened.vectors.open()
    first, last = (
        heard_seeds(model, [Asked((Path(song),))], context, n_clips=request.n_clips)
        for song in (request.start, request.end)
    )
    found = _way(request, opened, model, first, last, context)
    if out is None:
        return found
    name = f"From {called(found.tracks[0])} to {called(found.tracks[-1])}"
    unwritable = write_list(out, name, found.tracks, absolute=request.absolute)
    return replace(found, out=out, failed=(*found.failed, *unwritable))


def _way(
    request: BetweenRequest, opened: Opened, model: LoadedModel, start: Seeds, end: Seeds, context: Context
) -> Between:
    first, last = start.tracks[0], end.tracks[0]
    a, b = start.vectors[0], end.vectors[0]
    metric = model.description.spec.similarity
    sounds = Sounds(opened.heard.rows, context)
    sounds.know([first], a[None])
    if (
        first.id == last.id
        or distances_between(a[None], b[None], metric)[0, 0] < SAME
        or sounds.like(last, unit(b[None])[0])
    ):
        raise same_songs(first.path, last.path)
    sounds.know([last], b[None])
    odd = Odd(model, opened, rules_for(request.include, kinds=ODD))
    pool, gone = _pool(request, opened, a, b, (first, last), sounds, odd)
    places = np.array([pick.place for pick in pool], np.intp)
    between = comparable(opened.heard.rows[places], metric)
    vectors = np.vstack([a, between, b]) if pool else np.vstack([a, b])
    tracks = [first, *(pick.track for pick in pool), last]
    line = b - a
    steps = distances_between(vectors, vectors, metric)
    progress = (vectors - a) @ line / (line @ line)
    stops = [Stop(i, artist_of(t.tags)) for i, t in enumerate(tracks)]
    way = journey(steps, progress, stops, request.n_songs, per_artist=request.per_artist)
    return Between(
        model=opened.model,
        tracks=tuple(tracks[i] for i in way),
        steps=tuple(float(steps[i, j]) for i, j in pairwise(way)),
        n_wanted=request.n_songs,
        n_compared=len(opened),
        gone=gone,
        left_out=odd.rejected,
        failed=opened.failed,
        passed_over=opened.passed_over,
        n_damaged=opened.n_damaged,
    )


def _pool(
    request: BetweenRequest,
    opened: Opened,
    a: Floats,
    b: Floats,
    ends: tuple[Track, Track],
    sounds: Sounds,
    odd: Odd,
) -> tuple[list[Pick], tuple[Rejected, ...]]:
    """Songs that lie near the line between two songs, each once and not left out; those that are gone."""
    excluded = rules_of(os.sep, request.exclude if request.library is None else ())
    found: dict[int, Pick] = {}
    for share in _LOOKED_AT:
        near = opened.from_near_to_far((1 - share) * a + share * b, is_inside=False)
        found |= {pick.place: pick for _, pick in zip(range(_NEAR_EACH), near, strict=False)}
    known = Rules(len(found) + 2)
    for track in ends:
        known.know(track)
    wanted = [pick for _, pick in sorted(found.items()) if not excluded.hide(str(pick.track.path))]
    there = [pick for pick in wanted if os.path.exists(pick.track.path)]
    gone = {pick.track.path for pick in wanted} - {pick.track.path for pick in there}
    rejected = tuple(Rejected(path, Reason.MISSING) for path in sorted(gone))
    return list(allowed(there, known, odd.or_else(sounds.has))), rejected
