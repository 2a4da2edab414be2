"""Duplicates in a dataset: one recording, encoded, cut or levelled differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from groovecli.audio.fingerprints import KIND, Words, matches, of_file
from groovecli.errors import AudioError
from groovecli.library.catalog import Catalog
from groovecli.library.failures import COMPARE, failed_before, keep_failures
from groovecli.library.tracks import Rejected, Track, reachable
from groovecli.messages.library import stopped_comparing
from groovecli.monitor import SILENT, Monitor
from groovecli.reasons import Problem, Reason
from groovecli.workers.pool import imap

_SAVED_TOGETHER = 200  # fingerprints: a crash costs no more than that many songs


@dataclass(frozen=True)
class Replica:
    """Two files of one recording, the earlier path first.

    Parameters
    ----------
    likeness : float
        1 where their fingerprints are the same, 0 where they agree by chance alone.
    offset_s : float
        How much later the recording begins in the second file (in seconds).
    """

    first: Track
    second: Track
    likeness: float
    offset_s: float


@dataclass(frozen=True)
class Replicas:
    """All pairs among a dataset's songs, the most alike first, and the files that can't be compared."""

    pairs: tuple[Replica, ...]
    n_songs: int
    unread: tuple[Rejected, ...]


def find(
    catalog: Catalog, songs: Mapping[str, Sequence[Track]], *, jobs: int = 0, monitor: Monitor = SILENT
) -> Replicas:
    """Compare the first 30 s of songs; fingerprints are kept, and never made again.

    Files with the very same audio are one song already.

    Parameters
    ----------
    songs : mapping of track id to sequence of Track
        The files of each song.

    Raises
    ------
    Interrupted
        The user stopped it; the fingerprints that were made are kept.
    """
    found = prints_of(catalog, [reachable(files) for files in songs.values()], jobs=jobs, monitor=monitor)
    return Replicas(pairs(found.tracks, found.words), len(found.tracks), found.unread)


@dataclass(frozen=True)
class Prints:
    """The songs that have a fingerprint, in the order of their paths, and the files that have none.

    words : mapping of track id to np.ndarray [shape=(n,), dtype=uint32]
    n_made : int
        How many fingerprints were not in the catalogue before.
    """

    tracks: tuple[Track, ...]
    words: Mapping[str, Words]
    unread: tuple[Rejected, ...]
    n_made: int


def prints_of(
    catalog: Catalog, tracks: Sequence[Track], *, jobs: int = 0, monitor: Monitor = SILENT
) -> Prints:
    """The fingerprints of songs, each by one file; those that are missing are made and kept.

    Raises
    ------
    Interrupted
        The user stopped it; the fingerprints that were made are kept.
    """
    known = catalog.prints(KIND, (track.id for track in tracks))
    n_known = len(known)
    missing = [track for track in tracks if track.id not in known]
    unread = _make(catalog, known, missing, jobs=jobs, monitor=monitor) if missing else []
    there = sorted((track for track in tracks if track.id in known), key=lambda track: track.path)
    return Prints(tuple(there), known, tuple(unread), len(known) - n_known)


def _make(
    catalog: Catalog,
    known: dict[str, Words],
    tracks: Sequence[Track],
    *,
    jobs: int,
    monitor: Monitor,
) -> list[Rejected]:
    """Add the fingerprints of tracks to `known` and to the catalogue; return those that have none."""
    failed = failed_before(catalog, COMPARE, tracks)
    tracks = [track for track in tracks if track.path not in failed]
    paths = [track.path for track in tracks]
    made = imap(
        _print,
        paths,
        n_items=len(paths),
        jobs=jobs,
        stage="compare songs",
        monitor=monitor,
        n_before=len(known) + len(failed),
        lost=_lost,
        failed=_is_bad,
    )
    fresh: dict[str, Words] = {}
    unread = list(failed.values())
    try:
        with closing(made):
            for track, outcome in zip(tracks, made, strict=False):
                if isinstance(outcome, Problem):
                    unread.append(Rejected.by(track.path, outcome))
                    keep_failures(catalog, COMPARE, [(track, unread[-1])])
                else:
                    fresh[track.id] = known[track.id] = outcome
                if len(fresh) >= _SAVED_TOGETHER:
                    catalog.add_prints(KIND, fresh)
                    fresh = {}
    finally:
        catalog.add_prints(KIND, fresh)
    if monitor.stopped:
        raise stopped_comparing()
    return unread


def _print(path: Path) -> Words | Problem:
    """A file's fingerprint, or why it has none."""
    try:
        path.open("rb").close()  # else it would pass for damage
        return of_file(path)
    except AudioError as error:
        return error.problem
    except OSError as error:
        return Problem(Reason.UNREADABLE, str(error.strerror or error))


def _lost(_: Path, problem: Problem) -> Words | Problem:
    return problem


def _is_bad(outcome: Words | Problem) -> bool:
    return isinstance(outcome, Problem)


def pairs(tracks: Sequence[Track], known: Mapping[str, Words]) -> tuple[Replica, ...]:
    """The pairs among tracks that have fingerprints, the most alike first."""
    found = matches([known[track.id] for track in tracks])
    return tuple(
        Replica(tracks[match.first], tracks[match.second], match.likeness, match.offset_s)
        for match in found
    )
