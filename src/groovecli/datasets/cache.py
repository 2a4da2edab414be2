"""Songs' clips to features: decoded once, computed by many workers, cached in chunk files."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from itertools import count, groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.audio import read as audio
from groovecli.audio.clips import PADDED_FROM, Clip
from groovecli.audio.lyrics import Bag, read_lyrics
from groovecli.datasets.chunks import MAX_BYTES, write_chunk
from groovecli.errors import AudioError, DatasetError
from groovecli.features.registry import extract
from groovecli.features.segments import from_segments
from groovecli.features.spec import AudioSpec, FeatureSpec, LyricsSpec, SegmentsSpec, Stored
from groovecli.features.word_vectors import stored as stored_vectors
from groovecli.files import exclusive
from groovecli.home import dataset_folder, genre_folder
from groovecli.library.catalog import Catalog
from groovecli.library.sources import msd
from groovecli.library.tracks import Track
from groovecli.monitor import SILENT, Monitor
from groovecli.workers.pool import imap

SILENT_PEAK = 1e-4  # -80 dB of full scale: a few steps of 16-bit dither
SILENT_REASON = "is silent"
_UNREADABLE = "could not be read: "  # may pass, so that such clips are tried again
_TIME_LIMIT_S = 60.0
_FADE_S = 0.01


@dataclass(frozen=True)
class Cut:
    """What to cut from one file: clips, for some features; its lyrics, where they are not in it.

    `stretches_s` says where the stretches begin that are joined to its only clip; without them a clip is
    what lies there in the file. Of a file that is known to be shorter than a clip no more is asked
    than its `duration_s`: what gives less than it was asked for is decoded again in another way.
    """

    path: Path
    clips: tuple[Clip, ...]
    specs: tuple[FeatureSpec, ...]
    words: Bag | None = None
    stretches_s: tuple[float, ...] = ()
    duration_s: float = math.inf


@dataclass(frozen=True)
class CutResult:
    """Each clip's features in the order of the specs, and why other clips have none."""

    features: Mapping[Clip, tuple[Stored, ...]]
    problems: Mapping[Clip, str]


def cut(task: Cut) -> CutResult:
    """Decode the clips of one file and compute their features."""
    started = time.monotonic()
    features: dict[Clip, tuple[Stored, ...]] = {}
    problems: dict[Clip, str] = {}
    try:
        task.path.open("rb").close()
    except OSError as error:
        return CutResult({}, dict.fromkeys(task.clips, f"{_UNREADABLE}{error.strerror or error}"))
    for clip in task.clips:
        if time.monotonic() - started > _TIME_LIMIT_S:
            problems[clip] = f"took more than {_TIME_LIMIT_S:.0f} s to decode"
            continue
        try:
            features[clip] = _features(task, clip)
        except AudioError as error:
            problems[clip] = error.what.replace(f" {task.path}", "")
    return CutResult(features, problems)


def _features(task: Cut, clip: Clip) -> tuple[Stored, ...]:
    @cache
    def decoded(start_s: float, clip_s: float) -> tuple[NDArray[np.float32], int]:
        if len(task.stretches_s) > 1:
            return _joined(task.path, task.stretches_s, clip_s)
        return _sound(task.path, start_s, min(clip_s, task.duration_s))

    @cache
    def resampled(start_s: float, clip_s: float, sr: int) -> NDArray[np.float32]:
        y, its_sr = decoded(start_s, clip_s)
        return audio.resample(y, its_sr, sr)

    arrays = []
    for spec in task.specs:
        if isinstance(spec, LyricsSpec):
            words = read_lyrics(task.path) if task.words is None else task.words
            arrays.append(stored_vectors(spec.vectors).mean(words))
        elif msd.is_msd(task.path):
            arrays.append(_of_segments(task.path, spec))
        else:
            assert isinstance(spec, AudioSpec)
            y = resampled(0.0 if spec.per_song else clip.start_s, spec.clip_s, spec.sr)
            arrays.append(extract(audio.fit(y, spec.n_clip_samples), spec))
    return tuple(arrays)


def _sound(path: Path, start_s: float, clip_s: float) -> tuple[NDArray[np.float32], int]:
    """A stretch of a file at its own rate; AudioError where it ends early or is silent."""
    y, sr = audio.read(path, start_s=start_s, length_s=clip_s)
    if len(y) < PADDED_FROM * clip_s * sr and start_s > 0:
        raise AudioError(f"ends early: after {start_s + len(y) / sr:.0f} s")
    if np.abs(y).max() < SILENT_PEAK:
        raise AudioError(SILENT_REASON)
    return y, sr


def _joined(path: Path, starts_s: Sequence[float], clip_s: float) -> tuple[NDArray[np.float32], int]:
    """One clip of several stretches of a file, without those that end early or are silent.

    AudioError where all of them do.
    """
    parts, problems = [], []
    for start_s in starts_s:
        try:
            parts.append(_sound(path, start_s, clip_s / len(starts_s)))
        except AudioError as error:
            problems.append(error)
    if not parts:
        raise next((error for error in problems if error.what != SILENT_REASON), problems[0])
    sr = parts[0][1]
    return np.concatenate([_faded(y, sr) for y, its_sr in parts if its_sr == sr]), sr


def _faded(y: NDArray[np.float32], sr: int) -> NDArray[np.float32]:
    """Faded in and out, so that a seam is no click."""
    n = min(round(_FADE_S * sr), len(y))
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    y[:n] *= ramp
    y[len(y) - n :] *= ramp[::-1]
    return y


def _of_segments(path: Path, spec: FeatureSpec) -> Stored:
    """A feature of a song of the Million Song Dataset, which has no sound."""
    if not isinstance(spec, SegmentsSpec):
        raise AudioError(f"{path} has no sound to make {spec.name} of")
    try:
        return from_segments(*msd.read_segments(path), spec)
    except ValueError as error:
        raise AudioError(f"{path} has changed since it was ingested: {error}") from error


@dataclass
class _Buffer:
    """Clips on their way into one chunk file."""

    clips: list[Clip] = field(default_factory=list)
    features: list[Stored] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return (len(self.features) + 1) * self.features[0].nbytes > MAX_BYTES


@dataclass(frozen=True)
class _Folder:
    """Songs of one genre and side, whose features share chunk files."""

    genre: str
    side: str

    def below(self, spec: FeatureSpec) -> str:
        return f"{spec.fingerprint}/{genre_folder(self.genre)}/{self.side}"


def compute_missing(
    catalog: Catalog,
    dataset: str,
    specs: Sequence[FeatureSpec],
    *,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> int:
    """Compute the features that a dataset's clips lack, from the stored positions.

    Work is ordered by genre, side and song, and results come in that order, so that the bytes
    written do not depend on the number of jobs. What is finished when the user interrupts, or a
    write fails, stays.

    Returns
    -------
    n_clips : int
        How many clips were tried.

    Raises
    ------
    DatasetError
        Another groove is writing to the dataset, or it has no sound to make the features of.
    StorageError
        The disk is full, or the folder can't be written.
    """
    _check_has_sound(catalog, dataset, specs)
    _forget_lost(catalog, dataset)
    if not _work(catalog, dataset, specs):
        return 0
    with exclusive(dataset_folder(dataset)):
        return _compute(catalog, dataset, specs, jobs=jobs, monitor=monitor)


def _check_has_sound(catalog: Catalog, dataset: str, specs: Sequence[FeatureSpec]) -> None:
    """Raise a DatasetError where a feature needs sound and the dataset is the Million Song Dataset."""
    settings = catalog.dataset(dataset)
    wanting = [spec.name for spec in specs if not spec.per_song]
    if settings is not None and settings.source == "msd" and wanting:
        raise DatasetError(
            f"dataset {dataset!r} has no sound, only chroma, timbre and lyrics: it can't give {wanting[0]}",
            "choose a network that eats these: dense, seq-cnn or seq-lstm",
        )


def _forget_lost(catalog: Catalog, dataset: str) -> None:
    """Make chunks that someone deleted, and files that could not be reached, work to do."""
    folder = dataset_folder(dataset)
    lost = [chunk for chunk in catalog.chunks(dataset) if not (folder / chunk).is_file()]
    catalog.forget_chunks(dataset, lost)
    catalog.forget_problems(dataset, _UNREADABLE)


def _compute(
    catalog: Catalog, dataset: str, specs: Sequence[FeatureSpec], *, jobs: int, monitor: Monitor
) -> int:
    work = _work(catalog, dataset, specs)
    tasks = [task for _, task in work]
    n_clips = 0
    with closing(imap(cut, tasks, n_items=len(tasks), jobs=jobs, stage="cut", monitor=monitor)) as results:
        paired = zip(work, results, strict=False)
        for folder, group in groupby(paired, key=lambda pair: pair[0][0]):
            n_clips += _store(catalog, dataset, folder, ((task, result) for (_, task), result in group))
    return n_clips


def _work(catalog: Catalog, dataset: str, specs: Sequence[FeatureSpec]) -> list[tuple[_Folder, Cut]]:
    places = {spec: catalog.places(dataset, spec.fingerprint) for spec in specs}
    songs, tracks = catalog.songs(dataset), catalog.tracks(dataset)
    missing: dict[tuple[_Folder, str, tuple[FeatureSpec, ...]], list[Clip]] = {}
    for item in catalog.clips(dataset):
        track_id, index = item.clip.track_id, item.clip.index
        if item.problem is None and track_id in tracks:
            lacking = tuple(
                s for s in specs if (track_id, index) not in places[s] and not (s.per_song and index)
            )
            folder = _Folder(songs[track_id].genre, item.side)
            if lacking:
                missing.setdefault((folder, track_id, lacking), []).append(item.clip)
    words = catalog.lyrics(dataset)
    ordered = sorted(missing.items(), key=lambda item: (item[0][0].genre, item[0][0].side, item[0][1]))
    return [
        (
            folder,
            Cut(
                _existing(tracks[track_id]),
                tuple(clips),
                lacking,
                words.get(track_id),
                duration_s=tracks[track_id][0].duration_s,
            ),
        )
        for (folder, track_id, lacking), clips in ordered
    ]


def _existing(candidates: Sequence[Track]) -> Path:
    """The first path of a track that is still there."""
    return next((track.path for track in candidates if track.path.exists()), candidates[0].path)


def _store(
    catalog: Catalog, dataset: str, folder: _Folder, results: Iterable[tuple[Cut, CutResult]]
) -> int:
    buffers: dict[FeatureSpec, _Buffer] = {}
    n_clips = 0
    try:
        for task, result in results:
            n_clips += len(task.clips)
            if result.problems:
                catalog.mark_clips(dataset, result.problems)
            for clip, features in result.features.items():
                for spec, array in zip(task.specs, features, strict=True):
                    buffer = buffers.setdefault(spec, _Buffer())
                    buffer.clips.append(clip)
                    buffer.features.append(array)
                    if buffer.is_full:
                        _flush(catalog, dataset, folder, spec, buffers.pop(spec))
    finally:
        for spec, buffer in buffers.items():
            _flush(catalog, dataset, folder, spec, buffer)
    return n_clips


def _flush(catalog: Catalog, dataset: str, folder: _Folder, spec: FeatureSpec, buffer: _Buffer) -> None:
    """Write a chunk, then say so in the catalogue: a crash in between costs only the chunk."""
    below = folder.below(spec)
    taken = catalog.chunks(dataset)
    names = (f"{below}/chunk-{number:05d}.pkl" for number in count())
    name = next(name for name in names if name not in taken)
    write_chunk(dataset_folder(dataset) / name, buffer.clips, buffer.features)
    catalog.add_chunk(dataset, spec.fingerprint, name, buffer.clips)


def imap_cuts(
    tasks: Sequence[Cut], *, jobs: int, stage: str, monitor: Monitor
) -> Iterator[tuple[Cut, CutResult]]:
    """Cut songs that are in no dataset, each with its result, in order."""
    results = imap(cut, tasks, n_items=len(tasks), jobs=jobs, stage=stage, monitor=monitor)
    yield from zip(tasks, results, strict=False)
