"""Files to tracks: find them below a folder and identify each by its sound."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from groovecli.audio import payload
from groovecli.audio.mark import is_marked
from groovecli.audio.read import probe
from groovecli.audio.tags import read_tags
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
)
from groovecli.library.walk import Listing, PassedOver, list_audio
from groovecli.messages.library import no_song_given, no_songs_in
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import StrPaths, as_paths
from groovecli.reasons import Reason
from groovecli.workers.pool import imap


def expand(paths: StrPaths, exclude: Sequence[str] = ()) -> Listing:
    """Files and folders as given -> audio files, each once, and the paths that are neither.

    `exclude` has patterns of files that are left out, below the folders and among those that are named.
    """
    files: dict[Path, None] = {}
    rejected: list[Rejected] = []
    passed_over = PassedOver()
    for path in as_paths(paths, "expand", "paths"):
        if os.path.isdir(path):
            listing = list_audio(path, exclude)
            files.update(dict.fromkeys(listing.files))
            rejected += listing.rejected
            passed_over += listing.passed_over
        elif os.path.exists(path):
            if rules_of(str(path.parent), exclude).hide(str(path)):
                passed_over += PassedOver(n_excluded=1)
            else:
                files[path] = None
        else:
            rejected.append(_no_file(path))
    return Listing(tuple(files), tuple(rejected), passed_over)


def scan(
    files: Sequence[Path],
    *,
    known: Known | None = None,
    identify: Callable[[Path], Track | Rejected] | None = None,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Scan:
    """Identify each file by its sound, and read its duration and tags.

    Files whose size and time of change are as in `known` are not opened again, damaged ones
    neither. `identify` opens a file that holds no sound, but what stands for it.
    """
    known = known or {}
    outcomes: dict[Path, Track | Rejected] = {}
    states = {path: state for path in files if (state := _state(path)) is not None}
    unread = []
    for path in files:
        earlier = known.get(path)
        if earlier is not None and earlier.state == states.get(path):
            outcomes[path] = earlier
        else:
            unread.append(path)
    identified = imap(
        identify or identify_sound,
        unread,
        n_items=len(unread),
        jobs=jobs,
        stage="scan",
        monitor=monitor,
        n_before=len(outcomes),
    )
    outcomes.update(zip(unread, identified, strict=False))
    ordered = [outcomes[path] for path in files if path in outcomes]
    tracks = [item for item in ordered if isinstance(item, Track)]
    if identify is None:
        tracks = _told_apart(tracks, set(unread))
    rejected = tuple(item for item in ordered if isinstance(item, Rejected))
    return Scan(tuple(tracks), rejected, states)


def _state(path: Path) -> FileState | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return FileState(status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def identify_sound(path: Path) -> Track | Rejected:
    """Open one file: its hash, duration and tags, or why it can't be used."""
    state = _state(path)
    if state is None:
        return _no_file(path)
    if state.size == 0:
        return Rejected(path, Reason.EMPTY, state=state)
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


def _no_file(path: Path) -> Rejected:
    """Why a path is not a file: songs are read more than once, and pipes and devices can't be."""
    try:
        kind = other_kind(path)
    except OSError as error:
        return Rejected(path, Reason.UNREADABLE, str(error.strerror or error))
    return Rejected(path, Reason.NO_FILE, kind) if kind else Rejected(path, Reason.MISSING)


def _told_apart(tracks: list[Track], new: Collection[Path]) -> list[Track]:
    """Where hashes of the edges agree, look at the whole payload before calling it one song.

    A song that was known keeps its id, else the first of them; the others are compared with it.
    """
    by_id: dict[str, list[Track]] = defaultdict(list)
    for track in tracks:
        by_id[track.id].append(track)
    ids: dict[Path, str] = {}
    for group in by_id.values():
        owner = next((track for track in group if track.path not in new), group[0])
        strangers = [track for track in group if track.path in new and track is not owner]
        if strangers:
            ids.update(_whole_ids(owner, strangers))
    return [replace(track, id=ids.get(track.path, track.id)) for track in tracks]


def _whole_ids(owner: Track, strangers: list[Track]) -> dict[Path, str]:
    """The owner's id for each stranger whose whole payload is the owner's, else one of its own."""
    ids = {}
    with suppress(OSError):  # a file that went away meanwhile
        same = payload.audio_hash(owner.path, whole=True)
        for track in strangers:
            whole = payload.audio_hash(track.path, whole=True)
            ids[track.path] = owner.id if whole == same else sha256_hex(whole.encode(), 32)
    return ids


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
        tracks = (replace(track, path=self.given.get(track.path, track.path)) for track in self.tracks)
        rejected = (replace(item, path=self.given.get(item.path, item.path)) for item in self.rejected)
        return replace(self, tracks=tuple(tracks), rejected=tuple(rejected))


def find_tracks(
    paths: StrPaths, catalog: Catalog | None, *, exclude: Sequence[str] = (), jobs: int, monitor: Monitor
) -> Found:
    """Files and folders to tracks with absolute paths; the catalogue, where given, remembers them.

    `exclude` has patterns of files that are left out below the folders.

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
    known = catalog.known_files() if catalog else {}
    scanned = scan(list(given), known=known, jobs=jobs, monitor=monitor)
    if catalog:
        catalog.remember(scanned)
    named = {path.absolute() for path in paths}  # who names a preview is told what it is
    rejected = [item for item in scanned.rejected if item.reason != Reason.PREVIEW or item.path in named]
    n_previews = len(scanned.rejected) - len(rejected)
    passed_over = listing.passed_over + PassedOver(n_previews=n_previews)
    if n_previews and not monitor.stopped and not (scanned.tracks or rejected or listing.rejected):
        raise no_songs_in(paths, passed_over.lines)
    return Found(scanned.tracks, (*listing.rejected, *rejected), passed_over, given)
