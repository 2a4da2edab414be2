"""Songs to their tempo, key, loudness and brightness; each sound is measured once, and kept."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from groovecli.actions.context import Context, check_call, log_songs
from groovecli.checked import Checked
from groovecli.describe.description import SongDescription
from groovecli.describe.rows import keep_descriptions, known_descriptions
from groovecli.describe.song import Task, describe_file
from groovecli.library.catalog import Catalog
from groovecli.library.failures import DESCRIBE, failed_before, keep_failures
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.monitor import SILENT, Monitor
from groovecli.paths import StrPaths, as_paths
from groovecli.reasons import Problem
from groovecli.workers.pool import imap

_SAVED_TOGETHER = 200  # songs: a crash costs no more than that many
_SAVED_EVERY_S = 5.0
_COMPLETE = 0.9  # share of a song under which it ends early


@dataclass(frozen=True)
class DescribeRequest(Checked):
    """Which songs, or folders of songs, to describe; `exclude` has patterns of files that are left out."""

    paths: StrPaths
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class DescribedSong:
    """A song, and what was measured of it."""

    track: Track
    said: SongDescription

    @property
    def ends_early(self) -> bool:
        """Whether less could be decoded than its file says that there is."""
        return self.said.measured_s < _COMPLETE * self.track.duration_s


@dataclass(frozen=True)
class Described:
    """Songs with their descriptions, in the order given, and files that have none.

    `n_new` is how many sounds were measured now; what was said of the others was kept.
    """

    songs: tuple[DescribedSong, ...]
    failed: tuple[Rejected, ...]
    n_new: int = 0
    interrupted: bool = False
    passed_over: PassedOver = field(default_factory=PassedOver)


def run(request: DescribeRequest, context: Context) -> Described:
    """Measure tempo, key, loudness and brightness of each song, but for those that were measured before.

    Raises
    ------
    LibraryError
        There is no audio file at any of the paths.
    """
    check_call("describe_songs", request, DescribeRequest, context)
    paths = as_paths(request.paths, "DescribeRequest", "paths")
    catalog, monitor = context.catalog, context.monitor
    found = find_tracks(paths, catalog, exclude=request.exclude, jobs=context.jobs, monitor=monitor)
    found = found.as_given()
    done = describe_all(found.tracks, catalog, jobs=context.jobs, monitor=monitor)
    done = replace(done, failed=(*found.rejected, *done.failed), passed_over=found.passed_over)
    log_songs(catalog, "describe", paths, len(done.songs), len(done.failed))
    return done


def describe_all(
    tracks: Sequence[Track], catalog: Catalog | None, *, jobs: int = 0, monitor: Monitor = SILENT
) -> Described:
    """Describe songs, each sound once.

    Stopped, it gives what is done, and the same again goes on.
    """
    known = known_descriptions(catalog, (track.id for track in tracks))
    missing: dict[str, list[Track]] = defaultdict(list)
    for track in tracks:
        if track.id not in known:
            missing[track.id].append(track)
    failed = failed_before(catalog, DESCRIBE, (files[0] for files in missing.values()))
    wanted = [files for files in missing.values() if files[0].path not in failed]
    firsts = (files[0] for files in missing.values())
    why = {first.id: failed[first.path] for first in firsts if first.path in failed}
    n_new = 0
    n_before = len({track.id for track in tracks}) - len(wanted)
    measured = _measured(wanted, jobs=jobs, monitor=monitor, n_before=n_before)
    with closing(_keeping(measured, catalog)) as outcomes:
        for same, outcome in outcomes:
            if isinstance(outcome, SongDescription):
                known[same[0].id] = outcome
                n_new += 1
            else:
                why[same[0].id] = Rejected.by(same[0].path, outcome)
                keep_failures(catalog, DESCRIBE, ((each, why[each.id]) for each in same))
    return Described(
        tuple(DescribedSong(track, known[track.id]) for track in tracks if track.id in known),
        tuple(replace(why[track.id], path=track.path) for track in tracks if track.id in why),
        n_new,
        interrupted=monitor.stopped,
    )


_Files = Sequence[Track]
"""Files of one sound."""
_Outcome = tuple[_Files, SongDescription | Problem]


def _measured(
    songs: Sequence[_Files], *, jobs: int, monitor: Monitor, n_before: int
) -> Generator[_Outcome]:
    """Each song with what is measured of its first file, in order."""
    if monitor.stopped:
        return
    results = imap(
        describe_file,
        [Task.of(files[0]) for files in songs],
        n_items=len(songs),
        jobs=jobs,
        stage="describe",
        monitor=monitor,
        n_before=n_before,
        lost=_lost,
        failed=_is_bad,
    )
    with closing(results):
        yield from zip(songs, results, strict=False)


def _lost(_: Task, problem: Problem) -> SongDescription | Problem:
    return problem


def _is_bad(outcome: SongDescription | Problem) -> bool:
    return isinstance(outcome, Problem)


def _keeping(outcomes: Generator[_Outcome], catalog: Catalog | None) -> Generator[_Outcome]:
    """The same, and the catalogue keeps what was measured, also where this ends early."""
    fresh: dict[str, SongDescription] = {}
    saved = time.monotonic()
    try:
        with closing(outcomes):
            for files, outcome in outcomes:
                if isinstance(outcome, SongDescription):
                    fresh[files[0].id] = outcome
                if len(fresh) >= _SAVED_TOGETHER or time.monotonic() - saved > _SAVED_EVERY_S:
                    keep_descriptions(catalog, fresh)
                    fresh, saved = {}, time.monotonic()
                yield files, outcome
    finally:
        keep_descriptions(catalog, fresh)
