"""Files to tracks: find them below a folder and identify each by its sound."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from groovecli.errors import AudioError
from groovecli.files import other_kind, sha256_hex
from groovecli.library.catalog import Catalog
from groovecli.library.ignore import rules_of
from groovecli.library.tracks import (
    FileState,
    Known,
    Rejected,
    Scan,
    Track,
    state_of,
)
from groovecli.library.walk import Listing, PassedOver, States, list_audio
from groovecli.messages.library import no_song_given, no_songs_in
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import StrPaths, as_paths
from groovecli.reasons import Problem, Reason
from groovecli.workers.pool import imap

T = TypeVar("T", Track, Rejected)

_KEPT_TOGETHER = 200  # files: a crash costs no more than that many
_KEPT_EVERY_S = 5.0


def expand(paths: StrPaths, exclude: Sequence[str] = ()) -> Listing:
    """Files and folders as given -> audio files, each once, and the paths that are neither.

    `exclude` has patterns of files that are left out, below the folders and among those that are named.
    """
    files: dict[Path, None] = {}
    rejected: list[Rejected] = []
    passed_over = PassedOver()
    states: dict[str, FileState | None] = {}
    for path in as_paths(paths, "expand", "paths"):
        if os.path.isdir(path):
            listing = list_audio(path, exclude)
            files.update(dict.fromkeys(listing.files))
            rejected += listing.rejected
            passed_over += listing.passed_over
            states |= listing.states
        elif os.path.exists(path):
            if rules_of(str(path.parent), exclude).hide(str(path)):
                passed_over += PassedOver(n_excluded=1)
            else:
                files[path] = None
        else:
            rejected.append(_no_file(path))
    return Listing(tuple(files), tuple(rejected), passed_over, states)


def scan(
    files: Sequence[Path],
    *,
    known: Known | None = None,
    looked_at: States | None = None,
    begin: Callable[[], object] | None = None,
    keep: Callable[[Sequence[Track | Rejected]], None] | None = None,
    identify: Callable[[Path], Track | Rejected] | None = None,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Scan:
    """Identify each file by its sound, and read its duration and tags.

    Files whose size and time of change are as in `known` are not opened again, damaged ones
    neither. `looked_at` has what a walk saw of them. `begin` is called before the first file is opened.
    `keep` is given what is new, a few hundred files at a time. `identify` opens a file that holds no
    sound, but what stands for it.
    """
    known, looked_at = known or {}, looked_at or {}
    outcomes: dict[Path, Track | Rejected] = {}
    states: dict[Path, FileState] = {}
    unread = []
    for path in files:
        name, earlier = os.fspath(path), known.get(path)
        state = looked_at[name] if name in looked_at else file_state(path)
        if earlier is not None and earlier.state == state:
            outcomes[path] = earlier
        else:
            unread.append(path)
            if state is not None:
                states[path] = state
    if unread and begin:
        begin()
    identified = imap(
        identify or identify_sound,
        unread,
        n_items=len(unread),
        jobs=jobs,
        stage="scan",
        monitor=monitor,
        n_before=len(outcomes),
        lost=_lost,
        failed=_is_bad,
    )
    if identify is None:
        identified = _told_apart(identified, outcomes.values())
    with closing(_kept(_as_seen_here(identified, states), keep)) as new:
        outcomes.update(zip(unread, new, strict=False))
    ordered = [outcomes[path] for path in files if path in outcomes]
    return Scan(
        tuple(item for item in ordered if isinstance(item, Track)),
        tuple(item for item in ordered if isinstance(item, Rejected)),
    )


def _as_seen_here(
    items: Generator[Track | Rejected], states: Mapping[Path, FileState]
) -> Generator[Track | Rejected]:
    """The same with the files' states on this machine: on a worker's, a copy has another time of change."""
    with closing(items):
        for item in items:
            state = states.get(item.path)
            yield item if item.state in (None, state) or state is None else replace(item, state=state)


def _kept(
    items: Generator[Track | Rejected], keep: Callable[[Sequence[Track | Rejected]], None] | None
) -> Generator[Track | Rejected]:
    """The same, and `keep` is given them in batches, also where this ends early."""
    fresh: list[Track | Rejected] = []
    last = time.monotonic()
    try:
        with closing(items):
            for item in items:
                fresh.append(item)
                if keep and (len(fresh) >= _KEPT_TOGETHER or time.monotonic() - last > _KEPT_EVERY_S):
                    keep(fresh)
                    fresh, last = [], time.monotonic()
                yield item
    finally:
        if keep and fresh:
            keep(fresh)


def file_state(path: Path) -> FileState | None:
    """Size and time of a file; None where there is none that can be looked at."""
    try:
        return state_of(os.stat(path))
    except OSError:
        return None


def identify_sound(path: Path) -> Track | Rejected:
    """Open one file: its hash, duration and tags, or why it can't be used."""
    state = file_state(path)
    if state is None:
        return _no_file(path)
    if state.size == 0:
        return Rejected(path, Reason.EMPTY, state=state)
    from groovecli.audio import payload  # with what decodes, which files that are known do without
    from groovecli.audio.mark import is_marked
    from groovecli.audio.read import probe
    from groovecli.audio.tag_reading import read_tags

    try:
        if is_marked(path):
            return Rejected(path, Reason.PREVIEW, state=state)
        track_id = payload.audio_hash(path)
        info = probe(path)
    except OSError as error:
        return Rejected(path, Reason.UNREADABLE, str(error.strerror or error))
    except AudioError as error:
        return Rejected.by(path, error.problem, state)
    return Track(track_id, path, state, info.duration_s, read_tags(path))


def _lost(path: Path, problem: Problem) -> Rejected:
    """A file that a worker was lost over; one that got stuck may do better another time."""
    return Rejected.by(path, problem, None if problem.reason == Reason.STUCK else file_state(path))


def _is_bad(outcome: Track | Rejected) -> bool:
    return isinstance(outcome, Rejected) and outcome.reason.is_fault


def whole_id(path: Path) -> str | None:
    """The id of a file whose edges sound like another song's: of its whole sound; None if unreadable."""
    from groovecli.audio import payload

    try:
        return sha256_hex(payload.audio_hash(path, whole=True).encode(), 32)
    except (OSError, AudioError):
        return None


def _no_file(path: Path) -> Rejected:
    """Why a path is not a file: songs are read more than once, and pipes and devices can't be."""
    try:
        kind = other_kind(path)
    except OSError as error:
        return Rejected(path, Reason.UNREADABLE, str(error.strerror or error))
    return Rejected(path, Reason.NO_FILE, kind) if kind else Rejected(path, Reason.MISSING)


def _told_apart(
    items: Generator[Track | Rejected], known: Iterable[Track | Rejected]
) -> Generator[Track | Rejected]:
    """Where hashes of the edges agree, look at the whole payload before calling it one song.

    A song that was known keeps its id, else the first of them; the others are compared with it.
    """
    owners: dict[str, Track] = {}
    for item in known:
        if isinstance(item, Track):
            owners.setdefault(item.id, item)
    with closing(items):
        for item in items:
            if isinstance(item, Track) and item.id in owners:
                yield replace(item, id=_whole_id(owners[item.id], item))
            else:
                if isinstance(item, Track):
                    owners[item.id] = item
                yield item


def _whole_id(owner: Track, stranger: Track) -> str:
    """The owner's id where the whole payloads are the same, else one of the stranger's own."""
    from groovecli.audio import payload

    with suppress(OSError):  # a file that went away meanwhile
        whole = payload.audio_hash(stranger.path, whole=True)
        if whole != payload.audio_hash(owner.path, whole=True):
            return sha256_hex(whole.encode(), 32)
    return owner.id


@dataclass(frozen=True)
class Found:
    """The tracks at some paths, the files that can't be tracks, and what was passed over in the folders.

    `given` has the paths as they were given, relative ones too, by the absolute ones.
    """

    tracks: tuple[Track, ...]
    rejected: tuple[Rejected, ...]
    passed_over: PassedOver
    given: Mapping[Path, Path]

    def as_given(self) -> Found:
        """The same under the names that the user gave."""
        return replace(
            self,
            tracks=tuple(map(self._named, self.tracks)),
            rejected=tuple(map(self._named, self.rejected)),
        )

    def _named(self, item: T) -> T:
        given = self.given.get(item.path, item.path)
        return item if given is item.path else replace(item, path=given)


def find_tracks(
    paths: StrPaths,
    catalog: Catalog | None,
    *,
    exclude: Sequence[str] = (),
    remember: bool = True,
    begin: Callable[[], object] | None = None,
    jobs: int,
    monitor: Monitor,
) -> Found:
    """Files and folders to tracks with absolute paths, which the catalogue remembers, if it should.

    `exclude` has patterns of files that are left out below the folders; `begin` is called before the first
    file is opened, if one has to be.

    Raises
    ------
    UsageError
        There is no path, or something else than paths.
    LibraryError
        There is no audio file at any of the paths.
    """
    paths = as_paths(paths, "find_tracks", "paths")
    if not paths:
        raise no_song_given()
    listing = expand(paths, exclude)
    if not listing.files and not listing.rejected:
        raise no_songs_in(paths, listing.passed_over.lines)
    given = {path.absolute(): path for path in listing.files}
    known = catalog.known_files(given, listing.states) if catalog else {}
    keep = catalog.remember if catalog and remember else None
    scanned = scan(
        list(given),
        known=known,
        looked_at=listing.states,
        begin=begin,
        keep=keep,
        jobs=jobs,
        monitor=monitor,
    )
    named = {path.absolute() for path in paths}  # who names a preview is told what it is
    rejected = [item for item in scanned.rejected if item.reason != Reason.PREVIEW or item.path in named]
    n_previews = len(scanned.rejected) - len(rejected)
    passed_over = listing.passed_over + PassedOver(n_previews=n_previews)
    if n_previews and not monitor.stopped and not (scanned.tracks or rejected or listing.rejected):
        raise no_songs_in(paths, passed_over.lines)
    return Found(scanned.tracks, (*listing.rejected, *rejected), passed_over, given)
