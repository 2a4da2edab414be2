"""The analysed songs of a library, opened for questions of which are near."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context, log_songs
from groovecli.actions.embed import embed
from groovecli.actions.hear import stored_as
from groovecli.library.heard import Heard, heard_by
from groovecli.library.ignore import rules_of
from groovecli.library.roots import library_roots
from groovecli.library.tracks import Rejected, Track, reachable, real_first
from groovecli.library.walk import PassedOver, check_folder
from groovecli.messages.actions import nothing_sounds, stopped_embedding
from groovecli.messages.similar import all_damaged, nothing_analysed
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import Embedded
from groovecli.playlists.named import Names
from groovecli.playlists.picks import P, Pick, Rules, allowed
from groovecli.playlists.proximity import SAME, Floats, Library, distances_between, farness_of
from groovecli.reasons import Reason

_TOGETHER = 64  # songs whose files are looked up at once


@dataclass(frozen=True)
class Opened:
    """Analysed songs: their vectors, and the files in which they are.

    `own` has the files of a library that was named, by track id; None where all songs count. `failed`,
    `left_out` (silent songs) and `passed_over` are what was found on the way through it, as `embedded` has
    it.
    """

    model: str
    heard: Heard
    vectors: Library
    own: Mapping[str, tuple[Track, ...]] | None = None
    failed: tuple[Rejected, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    left_out: tuple[Rejected, ...] = ()
    embedded: Embedded | None = None

    @cached_property
    def names(self) -> Names:
        """What songs are called, by tags or by folders of the libraries."""
        return Names(library_roots(self.heard.catalog))

    def artists(self) -> dict[str, list[int]]:
        """The artists of all files by tags or folders, each with the catalogue's numbers of its songs."""
        found = self.heard.artists()
        for number, path, title in self.heard.without_artist():
            if artist := self.names.of(path, title=title).artist:
                found.setdefault(artist, []).append(number)
        return found

    def __len__(self) -> int:
        return len(self.heard)

    @property
    def n_damaged(self) -> int:
        """Songs that are left out since their vectors are damaged, as far as was looked."""
        return len(self.heard.damaged)

    def files(self, places: Sequence[int]) -> list[tuple[Track, ...]]:
        """The files of some songs, by their places; of the library that was named, if one was."""
        known = [tuple(real_first(files)) for files in self.heard.files(places)]
        if self.own is None:
            return known
        own = self.own
        return [tuple(own[files[0].id]) if files and files[0].id in own else () for files in known]

    def likeness(
        self, one: Track, vector: Floats, others: Sequence[Track], vectors: Floats
    ) -> NDArray[np.float64]:
        """How much a song is like each of some songs, whether they are in the library or not."""
        places = self.heard.places_of([one.id, *(track.id for track in others)])
        usual, inside = self.vectors.usual, np.array([track.id in places for track in others])
        own = usual.spread(vector[None], are_inside=one.id in places)
        distances = distances_between(vector[None], vectors, self.vectors.metric)[0]
        farness = farness_of(distances, own, usual.spread(vectors, are_inside=inside))
        return np.where(distances < SAME, 1.0, usual.likeness(farness))  # also where nothing is usual

    def from_near_to_far(self, vector: NDArray[np.floating], *, is_inside: bool) -> Iterator[Pick]:
        """All songs, from near to far of a vector, each in one of its files; some of these may be gone."""
        waiting = self.vectors.ranked(vector, is_inside=is_inside)
        while some := [near for _, near in zip(range(_TOGETHER), waiting, strict=False)]:
            likeness = self.vectors.usual.likeness(np.array([near.farness for near in some]))
            places = [near.place for near in some]
            files, sound = self.files(places), self.heard.are_sound(places).tolist()
            for near, like, its, is_sound in zip(some, likeness.tolist(), files, sound, strict=True):
                if its and is_sound:
                    (track,) = self.names.named([reachable(its)])
                    yield Pick(track, near.place, near.distance, near.farness, like)


def open_library(
    model: LoadedModel,
    context: Context,
    *,
    library: Path | None,
    n_clips: int,
    command: str,
    exclude: Sequence[str] = (),
    genres: Sequence[str] = (),
) -> Opened:
    """All songs that were analysed, or those of a library, which is analysed now.

    `command` is what a hint puts before `--in`; `genres` takes only a library's songs of these.

    Raises
    ------
    LibraryError
        No song was analysed yet; the library is not there, or none of its songs can be decoded.
    Interrupted
        The user stopped it; what was heard is kept.
    """
    key, metric = stored_as(model, n_clips), model.description.spec.similarity
    if library is None:
        heard = heard_by(context.catalog, key)
        if heard is None:
            raise nothing_analysed(model.description.name, command)
        if not len(heard):
            raise all_damaged(model.description.name, len(heard.damaged))
        return Opened(model.description.name, heard, Library(heard.rows, metric))
    check_folder(library)
    embedded = embed(
        model,
        library,
        context.catalog,
        n_clips=n_clips,
        exclude=exclude,
        genres=genres,
        jobs=context.jobs,
        monitor=context.monitor,
    )
    if embedded.interrupted:
        raise stopped_embedding()
    heard = heard_by(context.catalog, key)
    if not embedded.tracks or heard is None:
        raise nothing_sounds(library, len(embedded.left_out), len(embedded.failed))
    log_songs(context.catalog, command.split()[0], [library], len(embedded.tracks), len(embedded.failed))
    own: dict[str, tuple[Track, ...]] = {}
    for track in embedded.tracks:
        own[track.id] = (*own.get(track.id, ()), track)
    heard = heard.only(list(own))
    return Opened(
        model.description.name,
        heard,
        Library(heard.rows, metric),
        own,
        failed=embedded.failed,
        passed_over=embedded.passed_over,
        left_out=embedded.left_out,
        embedded=embedded,
    )


def listed(
    candidates: Iterator[P],
    rules: Rules,
    gone: list[Rejected],
    *,
    exclude: Sequence[str] = (),
    is_again: Callable[[P], bool] = lambda _: False,
) -> Iterator[P]:
    """The candidates that may stand in one list: not excluded, and there; files that are gone are noted.

    For `is_again` see `allowed`.
    """
    excluded = rules_of(os.sep, exclude)
    wanted = (each for each in candidates if not excluded.hide(str(each.track.path)))
    return allowed(_there(wanted, gone), rules, is_again)


def _there(candidates: Iterator[P], gone: list[Rejected]) -> Iterator[P]:
    """The songs whose files are there; the others are noted."""
    for each in candidates:
        if os.path.exists(each.track.path):
            yield each
        else:
            gone.append(Rejected(each.track.path, Reason.MISSING))
