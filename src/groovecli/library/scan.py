"""Files to tracks: which there are below a folder, and what each is by its sound."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from groovecli.audio import payload
from groovecli.audio.read import SUFFIXES, probe
from groovecli.audio.tags import read_tags
from groovecli.errors import AudioError
from groovecli.files import sha256_hex
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import (
    PLAYLISTS_MANIFEST,
    PREVIEW_SUFFIX,
    FileState,
    Known,
    Rejected,
    Scan,
    Track,
)
from groovecli.messages.library import cannot_list, no_songs_in, no_such_folder, not_a_folder
from groovecli.monitor import SILENT, Monitor
from groovecli.reasons import Reason
from groovecli.workers.pool import imap


@dataclass(frozen=True)
class AudioFiles:
    """The audio files below a folder, sorted, and the folders below it that can't be listed."""

    files: tuple[Path, ...]
    rejected: tuple[Rejected, ...]


def check_folder(folder: Path) -> None:
    """Raise a LibraryError unless there is such a folder."""
    if not folder.is_dir():
        raise not_a_folder(folder) if folder.exists() else no_such_folder(folder)


def list_audio(folder: Path) -> AudioFiles:
    """Files below `folder` with an audio ending; hidden ones and playlists' previews left out.

    Raises
    ------
    LibraryError
        The folder does not exist or can't be listed.
    """
    check_folder(folder)
    try:
        os.listdir(folder)
    except OSError as error:
        raise cannot_list(folder, str(error.strerror)) from error
    failed: list[OSError] = []
    files = sorted(_walk(folder, failed.append), key=os.fsencode)
    rejected = [Rejected(Path(e.filename), Reason.NOT_LISTED, str(e.strerror)) for e in failed]
    return AudioFiles(tuple(files), tuple(rejected))


def _walk(folder: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, onerror=on_error, followlinks=True):
        try:
            status = os.stat(root)
        except OSError:  # it went away meanwhile
            folders.clear()
            continue
        key = (status.st_dev, status.st_ino)
        if key in seen:  # a link back up
            folders.clear()
            continue
        seen.add(key)
        folders[:] = [name for name in folders if not name.startswith(".")]
        has_previews = PLAYLISTS_MANIFEST in names
        for name in names:
            if has_previews and name.endswith(PREVIEW_SUFFIX):
                continue
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(root, name)


def expand(paths: Iterable[Path]) -> tuple[list[Path], list[Rejected]]:
    """Files and folders as given -> audio files, each once, and the paths that are neither."""
    files: dict[Path, None] = {}
    rejected: list[Rejected] = []
    for path in paths:
        if path.is_dir():
            listing = list_audio(path)
            files.update(dict.fromkeys(listing.files))
            rejected += listing.rejected
        elif path.exists():
            files[path] = None
        else:
            rejected.append(Rejected(path, Reason.MISSING))
    return list(files), rejected


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
        identify or identify_sound, unread, n_items=len(unread), jobs=jobs, stage="scan", monitor=monitor
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
    """Open one file: its hash, duration and tags, or why it is no song."""
    state = _state(path)
    if state is None:
        return Rejected(path, Reason.UNREADABLE, "there is no such file")
    if state.size == 0:
        return Rejected(path, Reason.EMPTY, state=state)
    try:
        track_id = payload.audio_hash(path)
        info = probe(path)
    except OSError as error:
        return Rejected(path, Reason.UNREADABLE, str(error.strerror or error))
    except AudioError as error:
        return Rejected.by(path, error.problem, state)
    return Track(track_id, path, state, info.duration_s, read_tags(path))


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


def find_tracks(
    paths: Sequence[Path], catalog: Catalog | None, *, jobs: int, monitor: Monitor
) -> tuple[list[Track], list[Rejected]]:
    """Files and folders to tracks; the catalogue, where given, remembers them."""
    files, failed = expand(path.absolute() if catalog else path for path in paths)
    if not files and not failed:
        raise no_songs_in(paths)
    known = catalog.known_files() if catalog else {}
    scanned = scan(files, known=known, jobs=jobs, monitor=monitor)
    if catalog:
        catalog.remember(scanned)
    return list(scanned.tracks), [*failed, *scanned.rejected]
