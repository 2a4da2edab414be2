"""A library, or a published data set, as tracks with genres; some have official sides, some lyrics."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from groovecli.audio.lyrics import Bag
from groovecli.checked import Checked, Count
from groovecli.datasets.splits import AskedSplit
from groovecli.datasets.tables import DatasetSettings, Tables
from groovecli.library import labels
from groovecli.library.catalog import Catalog
from groovecli.library.emptied import check_not_emptied
from groovecli.library.genres import checked_genre
from groovecli.library.labels import LabelFrom
from groovecli.library.scan import scan
from groovecli.library.sources.registry import SOURCES
from groovecli.library.sources.source import Source, SourceFiles
from groovecli.library.tracks import Rejected, Scan, Track
from groovecli.library.walk import Listing, PassedOver, States, Walked, walked
from groovecli.messages.datasets import (
    depth_of_tags,
    depth_without_folders,
    option_without_use,
    stopped_reading,
)
from groovecli.messages.library import no_music_in
from groovecli.messages.options import exclude_of_a_source
from groovecli.monitor import Monitor
from groovecli.paths import StrPath, StrPaths, as_paths


@dataclass(frozen=True)
class IngestRequest(Checked):
    """What to ingest; None where the dataset's own setting, or the default, is meant.

    `features` without a name are the default network's. `split_files`, `musixmatch` (lyrics) and
    `tagtraum` (genres) are files that go with a `source`. `exclude` has patterns of files in the library's
    folder that are left out. `insist` takes folders for genres that look like artists, and a library that
    lacks most of its songs.
    """

    library: StrPath
    dataset: str = "default"
    genres: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    genre: str | None = None
    insist: bool = False
    split_by: AskedSplit | None = None
    test_share: float | None = None
    seed: int | None = None
    clip_s: float | None = None
    label_from: LabelFrom | None = None
    depth: int | None = None
    clips_per_song: Count | None = None
    clips_per_genre: Count | None = None
    source: str | None = None
    split_files: StrPaths = ()
    musixmatch: StrPaths = ()
    tagtraum: StrPath | None = None
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """Tracks and their genres by path, the files left out, and official sides by track id.

    `passed_over` counts what is in the library's folder and was passed over; `renamed` has the genres that
    stand for another one, whose name differs in its case alone. `lyrics` are words that came with it, by
    track id; None where none were given.
    """

    tracks: Mapping[Path, tuple[Track, str]]
    skipped: tuple[Rejected, ...]
    sides: Mapping[str, str] = field(default_factory=dict)
    passed_over: PassedOver = field(default_factory=PassedOver)
    renamed: Mapping[str, str] = field(default_factory=dict)
    lyrics: Mapping[str, Bag] | None = None


def walk(request: IngestRequest, settings: DatasetSettings) -> Walked | None:
    """What is below a library's folder; None for a published data set, which lists its own files.

    Raises as `read` does.
    """
    _check_options(request, settings.origin)
    if settings.origin.listing is not None:
        return None
    return walked(Path(os.path.abspath(request.library)), request.exclude)


def read(
    catalog: Catalog,
    request: IngestRequest,
    settings: DatasetSettings,
    found: Walked | None = None,
    *,
    jobs: int,
    monitor: Monitor,
) -> Library:
    """Scan a library and label its tracks; only files of the wanted genres are opened.

    `found` is what `walk` found just now.

    Raises
    ------
    LibraryError
        There is no such folder, no music in it, or its folders don't look like genres.
    UsageError
        A genre is missing, or an option doesn't belong to this source.
    DatasetError
        A file that goes with a published data set is not as published.
    Interrupted
        The user stopped it; what was read is remembered.
    """
    found = found or walk(request, settings)
    if found is not None:
        return _of_folder(catalog, request, settings, found.listing(), jobs=jobs, monitor=monitor)
    return _of_source(catalog, request, settings, jobs=jobs, monitor=monitor)


def _check_options(request: IngestRequest, source: Source) -> None:
    """Raise a UsageError at a file that this source doesn't take."""
    if request.depth is not None and source.listing is not None:
        raise depth_without_folders(source.name)
    given = {
        "--split-file": request.split_files,
        "--musixmatch": request.musixmatch,
        "--tagtraum": request.tagtraum,
    }
    if request.exclude and source.listing is not None:
        raise exclude_of_a_source(source.name)
    for option, value in given.items():
        if value and option not in source.takes:
            raise option_without_use(
                option, [each.name for each in SOURCES.values() if option in each.takes]
            )


def _of_folder(
    catalog: Catalog,
    request: IngestRequest,
    settings: DatasetSettings,
    listing: Listing,
    *,
    jobs: int,
    monitor: Monitor,
) -> Library:
    library = Path(os.path.abspath(request.library))  # without `..`: a file has one name
    files = list(listing.files)
    if not files:
        raise no_music_in(library, listing.passed_over.lines)
    if not request.insist:
        check_not_emptied(catalog, library, files)
    by_tag, depth = settings.label_from == "tag" and request.genre is None, settings.depth
    if settings.label_from == "tag" and depth > 1:
        raise depth_of_tags()
    skipped = list(listing.rejected)
    known = Tables(catalog, settings.name).genres()
    labelled, renamed = labels.Labelled({}, ()), dict[str, str]()
    if not by_tag:
        labelled, renamed = labels.named_once(
            _in_folders(request, library, files, depth), known, depth=depth
        )
        if request.genre is None:
            labelled = _chosen(labelled, request, library, "folder", depth)
        files = [path for path in files if path in labelled.genres]
        skipped += labelled.loose
    scanned = _scanned(catalog, files, settings.origin, listing.states, jobs=jobs, monitor=monitor)
    if by_tag:
        labelled = _chosen(labels.by_tag(scanned.tracks), request, library, "tag", depth)
        skipped += labelled.loose
    skipped += scanned.rejected
    tracks = {t.path: (t, labelled.genres[t.path]) for t in scanned.tracks if t.path in labelled.genres}
    return Library(tracks, tuple(skipped), passed_over=listing.passed_over, renamed=renamed)


def _in_folders(
    request: IngestRequest, library: Path, files: Sequence[Path], depth: int
) -> labels.Labelled:
    """Files with the genres of their folders, or all with the requested genre."""
    if request.genre is None:
        return labels.by_folder(library, files, depth=depth)
    return labels.Labelled(dict.fromkeys(files, checked_genre(request.genre)), ())


def _of_source(
    catalog: Catalog, request: IngestRequest, settings: DatasetSettings, *, jobs: int, monitor: Monitor
) -> Library:
    source = settings.origin
    assert source.listing is not None
    files = SourceFiles(
        split_files=as_paths(request.split_files, "IngestRequest", "split_files"),
        musixmatch=as_paths(request.musixmatch, "IngestRequest", "musixmatch"),
        tagtraum=Path(request.tagtraum) if request.tagtraum else None,
    )
    listing = source.listing(Path(request.library), files)
    genres = listing.genres
    if not request.insist:
        check_not_emptied(catalog, Path(request.library), genres)
    if request.genres:
        genres = labels.selected(labels.Labelled(genres, ()), request.genres).genres
    scanned = _scanned(catalog, list(genres), source, {}, jobs=jobs, monitor=monitor)
    lyrics = None
    if files.musixmatch and source.lyrics is not None:
        lyrics = dict(source.lyrics(files.musixmatch, scanned.tracks))
    return Library(
        {track.path: (track, genres[track.path]) for track in scanned.tracks},
        (*listing.rejected, *scanned.rejected),
        {track.id: listing.sides[track.path] for track in scanned.tracks if track.path in listing.sides},
        listing.passed_over,
        lyrics=lyrics,
    )


def _scanned(
    catalog: Catalog,
    files: list[Path],
    source: Source,
    states: States,
    *,
    jobs: int,
    monitor: Monitor,
) -> Scan:
    """Open the files that are not in the catalogue, and enter them."""
    known, keep = catalog.known_files(files, states), catalog.remember
    scanned = scan(
        files,
        known=known,
        looked_at=states,
        keep=keep,
        identify=source.identify,
        jobs=jobs,
        monitor=monitor,
    )
    if monitor.stopped:
        raise stopped_reading()
    return scanned


def _chosen(
    labelled: labels.Labelled, request: IngestRequest, library: Path, label_from: LabelFrom, depth: int
) -> labels.Labelled:
    if request.genres:
        return labels.selected(labelled, request.genres, depth=depth)
    if not request.insist or not labelled.genres:
        labels.check_are_genres(library, labelled, label_from, depth=depth, options=_given(request))
    return labelled


def _given(request: IngestRequest) -> str:
    """The options that were given, as they are typed, but for those that say what a genre is."""
    values = {
        "--dataset": request.dataset if request.dataset != "default" else None,
        "--split-by": request.split_by,
        "--test-share": request.test_share,
        "--seed": request.seed,
        "--clips-per-song": request.clips_per_song,
        "--clips-per-genre": request.clips_per_genre,
        "--clip-seconds": request.clip_s,
        "--feature": ",".join(request.features) or None,
    }
    pairs = [(option, str(value)) for option, value in values.items() if value is not None]
    pairs += [("--exclude", pattern) for pattern in request.exclude]
    return "".join(f" {option} {quote(value)}" for option, value in pairs)
