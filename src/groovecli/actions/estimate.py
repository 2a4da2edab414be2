"""How long a command would take, and how much disk: some songs are measured, the others counted."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groovecli.actions.context import Context, check_call
from groovecli.audio.clips import spread
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.tables import Tables
from groovecli.features.cut import Cut
from groovecli.features.cutting import imap_cuts
from groovecli.library.catalog import Catalog
from groovecli.library.scan import expand, file_state, scan
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import list_audio
from groovecli.messages.library import no_music_in, no_songs_in
from groovecli.messages.options import dry_run_of_a_source
from groovecli.paths import StrPaths, as_paths

SAMPLE = 20
_BYTES_A_FILE = 400  # of the catalogue's rows


@dataclass(frozen=True)
class Estimate:
    """What a command would take on this machine.

    Parameters
    ----------
    n_files, n_done, n_measured : int
        Files that were found, those that need no work, and how many of the others were measured.
    seconds : float
        What the others would take.
    n_bytes, n_free : int
        What they would take on the disk, and what is free there.
    failed : tuple of Rejected
        Of the measured ones, those that can't be used.
    """

    n_files: int
    n_done: int
    n_measured: int
    seconds: float
    n_bytes: int
    n_free: int
    failed: tuple[Rejected, ...]

    @property
    def n_waiting(self) -> int:
        """Files that the command would work on."""
        return self.n_files - self.n_done


def of_embed(
    paths: StrPaths,
    context: Context,
    *,
    model: str | None = None,
    n_clips: int,
    exclude: Sequence[str] = (),
) -> Estimate:
    """What `groove embed` of some paths would take; what is heard for it is kept.

    Raises
    ------
    LibraryError
        There is no audio file at any of the paths.
    ModelError
        There is no such model.
    """
    from groovecli.actions.hear import hear, stored_as  # imports torch

    given = as_paths(paths, "of_embed", "paths")
    listing = expand(given, exclude)
    files = list(dict.fromkeys(path.absolute() for path in listing.files))
    if not files:
        raise no_songs_in(given, listing.passed_over.lines)
    loaded, catalog = context.load(model), context.catalog
    answered = catalog.rows(
        "SELECT id FROM tracks WHERE n IN (SELECT track FROM answers WHERE matrix ="
        " (SELECT n FROM matrices WHERE model = ?))",
        stored_as(loaded, n_clips),
    )
    waiting = _waiting(files, catalog, {track for (track,) in answered})
    started = time.monotonic()
    tracks, failed = _read(_some(waiting, context.seed), context)
    heard = hear(
        loaded,
        tracks,
        catalog,
        n_clips=n_clips,
        jobs=context.jobs,
        stage="measure",
        monitor=context.monitor,
    )
    failed += [outcome for _, outcome in heard if isinstance(outcome, Rejected) and outcome.reason.is_fault]
    n_bytes = 2 * loaded.description.spec.embedding_dim + 4 * len(loaded.description.genres)
    return _estimate(files, waiting, time.monotonic() - started, n_bytes, failed, context)


def of_ingest(request: IngestRequest, context: Context) -> Estimate:
    """What `groove ingest` of a folder would take; nothing is written to the dataset.

    Raises
    ------
    LibraryError
        There is no such folder, or no music in it.
    UsageError
        It is a published data set, whose songs are not just files.
    """
    from groovecli.actions import ingest

    check_call("ingest", request, IngestRequest, context)
    settings = ingest.settings_of(context.catalog, request)
    specs = tuple(ingest.specs_of(request, settings))
    if settings.origin.listing is not None:
        raise dry_run_of_a_source(settings.source)
    library = Path(os.path.abspath(request.library))
    listing = list_audio(library, request.exclude)
    if not listing.files:
        raise no_music_in(library, listing.passed_over.lines)
    tables = Tables(context.catalog, settings.name)
    cached = [{track for track, _ in tables.places(spec.key)} for spec in specs]
    waiting = _waiting(listing.files, context.catalog, set.intersection(*cached))
    started = time.monotonic()
    tracks, failed = _read(_some(waiting, context.seed), context)
    tasks = [
        Cut(
            track.path,
            tuple(spread(track.id, track.duration_s, settings.clip_s, settings.clips_per_song)),
            specs,
            duration_s=track.duration_s,
        )
        for track in tracks
    ]
    n_bytes = 0
    with closing(imap_cuts(tasks, jobs=context.jobs, stage="measure", monitor=context.monitor)) as results:
        for task, result in results:
            n_bytes += sum(array.nbytes for arrays in result.features.values() for array in arrays)
            faults = [each for each in result.problems.values() if each.reason.is_fault]
            failed += [Rejected.by(task.path, problem) for problem in faults[:1]]
    of_each = n_bytes // max(1, len(tracks))
    return _estimate(listing.files, waiting, time.monotonic() - started, of_each, failed, context)


def _waiting(files: Sequence[Path], catalog: Catalog, done: Collection[str]) -> list[Path]:
    """The files that are new, that changed, or whose tracks are not done; a failure waits for a change."""
    known = catalog.known_files(files)
    waiting = []
    for path in files:
        item = known.get(path)
        is_done = isinstance(item, Rejected) or (isinstance(item, Track) and item.id in done)
        if not is_done or item is None or item.state != file_state(path):
            waiting.append(path)
    return waiting


def _some(waiting: Sequence[Path], seed: int) -> list[Path]:
    """Files to measure, drawn from all of them."""
    drawn = np.random.default_rng(seed).permutation(len(waiting))[:SAMPLE]
    return [waiting[number] for number in sorted(drawn.tolist())]


def _read(files: Sequence[Path], context: Context) -> tuple[list[Track], list[Rejected]]:
    """Identify files; the catalogue keeps what they are."""
    keep, monitor = context.catalog.remember, context.monitor
    scanned = scan(files, keep=keep, jobs=context.jobs, monitor=monitor)
    return list(scanned.tracks), list(scanned.rejected)


def _estimate(
    files: Sequence[Path],
    waiting: Sequence[Path],
    seconds: float,
    n_bytes: int,
    failed: Sequence[Rejected],
    context: Context,
) -> Estimate:
    n_measured = min(SAMPLE, len(waiting))
    return Estimate(
        n_files=len(files),
        n_done=len(files) - len(waiting),
        n_measured=n_measured,
        seconds=seconds / n_measured * len(waiting) if n_measured else 0.0,
        n_bytes=(n_bytes + _BYTES_A_FILE) * len(waiting),
        n_free=shutil.disk_usage(context.home.folder).free,
        failed=tuple(failed),
    )
