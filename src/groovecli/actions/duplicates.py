"""A library -> its duplicates in groups: which file of each recording is the best, and why."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groovecli.actions.context import Context, check_call, log_songs
from groovecli.actions.embed import embed
from groovecli.actions.once import Compared, compared, only
from groovecli.actions.similar.written import check_out, write_list
from groovecli.checked import Checked, Places
from groovecli.library.recordings import Alike, Group, groups_of
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver, check_folder
from groovecli.messages.actions import nothing_sounds, stopped_embedding
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG, Embedded
from groovecli.paths import StrPath


@dataclass(frozen=True)
class DuplicatesRequest(Checked):
    """In which library to look for duplicates, and the playlist to write them to, if to one.

    The songs are compared by a model first, in `n_clips` places of each. `exclude` leaves out files by
    patterns. A file at `out` is replaced only where `force` is given.
    """

    library: StrPath
    out: StrPath | None = None
    model: str | None = None
    n_clips: Places = CLIPS_PER_SONG
    exclude: tuple[str, ...] = ()
    force: bool = False


@dataclass(frozen=True)
class Duplicates:
    """Groups of files of one recording, or of versions of one song, and what could not be compared.

    `library` is an absolute path. `n_songs` files have sound; `n_compared` were compared by fingerprint, of
    which `n_made` were made now. `left_out` are silent songs. `out` is the playlist that was written.
    """

    model: str
    library: Path
    groups: tuple[Group, ...]
    n_songs: int
    n_compared: int
    n_made: int
    left_out: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    passed_over: PassedOver
    out: Path | None = None

    @property
    def n_copies(self) -> int:
        """How many files have a better one of the same recording; other versions are not counted."""
        return len(self._spare)

    @property
    def n_versions(self) -> int:
        """How many files are another version of a song."""
        return sum(len(group.copies) for group in self.groups) - self.n_copies

    @property
    def n_bytes(self) -> int:
        """How much room the copies take."""
        return sum(track.state.size for track in self._spare)

    @property
    def _spare(self) -> list[Track]:
        return [copy.track for group in self.groups for copy in group.copies if copy.kind != "version"]


def run(request: DuplicatesRequest, context: Context) -> Duplicates:
    """Find the duplicates of a library; see `duplicates`. Nothing is deleted.

    Raises
    ------
    ModelError
        There is no such model, or it is damaged.
    UsageError
        No kind of playlist has the ending of `out`, or a file is there.
    StorageError
        It can't be written there.
    """
    check_call("duplicates", request, DuplicatesRequest, context)
    check_folder(request.library)
    check_out(None if request.out is None else Path(request.out), force=request.force)
    done = duplicates(context.load(request.model), request, context)
    log_songs(context.catalog, "duplicates", [Path(request.library)], done.n_songs, len(done.failed))
    return done


def duplicates(model: LoadedModel, request: DuplicatesRequest, context: Context) -> Duplicates:
    """Find the songs of a library that are one recording, or versions of one song.

    Raises
    ------
    LibraryError
        There is no such library, or no song in it that can be decoded.
    Interrupted
        The user stopped it; what was heard and compared is kept.
    """
    embedded = embed(
        model,
        library := Path(request.library),
        context.catalog,
        n_clips=request.n_clips,
        exclude=request.exclude,
        jobs=context.jobs,
        monitor=context.monitor,
    )
    if embedded.interrupted:
        raise stopped_embedding()
    if not embedded.tracks:
        raise nothing_sounds(library, len(embedded.left_out), len(embedded.failed))
    numbers, found = _compared(embedded, context)
    alike = [
        Alike(numbers[pair.first], numbers[pair.second], pair.kind, pair.likeness, pair.distance)
        for pair in found.alike
    ]
    groups = groups_of(embedded.tracks, alike)
    out = None if request.out is None else Path(request.out)
    files = [track for group in groups for track in group.tracks]
    unwritable = write_list(out, "Duplicates", files, absolute=False) if out and files else ()
    return Duplicates(
        model=model.description.name,
        library=Path(os.path.abspath(library)),
        groups=groups,
        n_songs=len(embedded.tracks),
        n_compared=found.n_compared,
        n_made=found.n_made,
        left_out=embedded.left_out,
        failed=(*embedded.failed, *found.unread, *unwritable),
        passed_over=embedded.passed_over,
        out=out if groups else None,
    )


def _compared(embedded: Embedded, context: Context) -> tuple[list[int], Compared]:
    """The number of one file of each audio, and what these have in common."""
    first = {track.id: number for number, track in reversed(list(enumerate(embedded.tracks)))}
    numbers = sorted(first.values())
    tracks = [embedded.tracks[number] for number in numbers]
    return numbers, compared(tracks, only(embedded.stored, np.array(numbers, np.intp)), context)
