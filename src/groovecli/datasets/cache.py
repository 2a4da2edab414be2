"""Songs' clips to features: decoded once, computed by many workers, cached in chunk files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count, groupby

import numpy as np

from groovecli.audio.clips import Clip
from groovecli.datasets.chunks import MAX_BYTES, read_chunk, write_chunk
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.lyrics import update_lyrics, words_of
from groovecli.errors import DatasetError
from groovecli.features.cut import Cut, CutResult
from groovecli.features.cutting import imap_cuts
from groovecli.features.lyrics import eats_lyrics
from groovecli.features.spec import AudioSpec, FeatureSpec, Stored
from groovecli.files import exclusive
from groovecli.home import genre_folder
from groovecli.library.tracks import reachable
from groovecli.messages.datasets import dataset_without_sound, stopped_computing
from groovecli.monitor import SILENT, Monitor
from groovecli.reasons import PASSING


@dataclass
class _Buffer:
    """Clips on their way into a chunk file: the one of this name, which is begun, or a new one."""

    name: str | None = None
    clips: list[Clip] = field(default_factory=list)
    features: list[Stored] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return bool(self.features) and (len(self.features) + 1) * self.features[0].nbytes > MAX_BYTES


@dataclass(frozen=True)
class _Folder:
    """Songs of one genre and side, whose features share chunk files."""

    genre: str
    side: str

    def below(self, spec: FeatureSpec) -> str:
        return f"{spec.key}/{genre_folder(self.genre)}/{self.side}"


@dataclass(frozen=True)
class Computed:
    """A dataset with its features, and how many clips had to be tried for them."""

    dataset: Dataset
    n_clips: int


def compute_missing(
    dataset: Dataset, specs: Sequence[FeatureSpec], *, jobs: int = 0, monitor: Monitor = SILENT
) -> Computed:
    """Compute the features that a dataset's clips lack, from the stored positions.

    Work is ordered by genre, side and song, and results come in that order, so that the bytes
    written do not depend on the number of jobs. What is finished when the user interrupts, or a
    write fails, stays.

    Raises
    ------
    DatasetError
        Another groove is writing to the dataset, or it has no sound to make the features of.
    StorageError
        The disk is full, or the folder can't be written.
    """
    check_has_sound(dataset, specs)
    if eats_lyrics(specs):
        update_lyrics(dataset, jobs=jobs, monitor=monitor)
    dataset = tried_again(dataset)
    if not _work(dataset, specs):
        return Computed(dataset, 0)
    with exclusive(dataset.folder, again=True):
        dataset = dataset.reread()  # another groove may have worked on it until now
        n_clips = _compute(dataset, specs, jobs=jobs, monitor=monitor)
    return Computed(dataset.reread(), n_clips)


def with_features(
    dataset: Dataset, specs: Sequence[FeatureSpec], *, jobs: int = 0, monitor: Monitor = SILENT
) -> Dataset:
    """The dataset with all features of its clips; see `compute_missing`.

    Raises
    ------
    Interrupted
        The user stopped it before all were there.
    """
    done = compute_missing(dataset, specs, jobs=jobs, monitor=monitor)
    if monitor.stopped:
        raise stopped_computing()
    return done.dataset


def check_has_sound(dataset: Dataset, specs: Sequence[FeatureSpec]) -> None:
    """Raise a DatasetError if a feature needs sound and the dataset has none."""
    wanting = [spec.name for spec in specs if isinstance(spec, AudioSpec)]
    if not dataset.settings.origin.has_sound and wanting:
        raise dataset_without_sound(dataset.name, wanting[0])


def tried_again(dataset: Dataset) -> Dataset:
    """Mark deleted chunks, and files that could not be reached or had changed, as work to do again."""
    lost = [chunk for chunk in dataset.tables.chunks() if not (dataset.folder / chunk).is_file()]
    failed = dataset.tables.failed_clips()
    passing = {item.problem.reason for item in failed if item.problem} & PASSING
    if lost:
        dataset.tables.forget_chunks(lost)
    for reason in passing:
        dataset.tables.forget_problems(reason)
    return dataset.reread() if passing else dataset


def _compute(dataset: Dataset, specs: Sequence[FeatureSpec], *, jobs: int, monitor: Monitor) -> int:
    work = _work(dataset, specs)
    tasks = [task for _, task in work]
    songs = {item.clip.track_id for item in dataset.clips} & set(dataset.tracks)
    n_before = len(songs - {task.clips[0].track_id for task in tasks})
    n_clips = 0
    cuts = imap_cuts(tasks, jobs=jobs, stage="cut", monitor=monitor, n_before=n_before)
    with closing(cuts) as results:
        paired = zip(work, (result for _, result in results), strict=False)
        for folder, group in groupby(paired, key=lambda pair: pair[0][0]):
            n_clips += _store(dataset, folder, ((task, result) for (_, task), result in group))
    return n_clips


def _work(dataset: Dataset, specs: Sequence[FeatureSpec]) -> list[tuple[_Folder, Cut]]:
    """The clips to cut from each file, in the order in which they are stored."""
    uncached = {spec: dataset.tables.uncached(spec.key) for spec in specs}
    if not any(uncached.values()):
        return []
    missing: dict[tuple[_Folder, str, tuple[FeatureSpec, ...]], list[Clip]] = {}
    for item in dataset.clips:
        track_id, index = item.clip.track_id, item.clip.index
        if item.problem is None and track_id in dataset.tracks:
            lacking = tuple(
                s for s in specs if (track_id, index) in uncached[s] and not (s.per_song and index)
            )
            folder = _Folder(dataset.songs[track_id].genre, item.side)
            if lacking:
                missing.setdefault((folder, track_id, lacking), []).append(item.clip)
    words = words_of(dataset, {track_id for _, track_id, _ in missing}) if eats_lyrics(specs) else {}
    ordered = sorted(missing.items(), key=lambda item: (item[0][0].genre, item[0][0].side, item[0][1]))
    return [
        (
            folder,
            Cut(
                (track := reachable(dataset.tracks[track_id])).path,
                tuple(clips),
                lacking,
                words.get(track_id, {}),
                dataset.home.vectors,
                duration_s=track.duration_s,
                state=track.state,
            ),
        )
        for (folder, track_id, lacking), clips in ordered
    ]


def _store(dataset: Dataset, folder: _Folder, results: Iterable[tuple[Cut, CutResult]]) -> int:
    buffers: dict[FeatureSpec, _Buffer] = {}
    n_clips = 0
    try:
        for task, result in results:
            n_clips += len(task.clips)
            if result.problems:
                dataset.tables.mark_clips(result.problems)
            for clip, features in result.features.items():
                for spec, array in zip(task.specs, features, strict=True):
                    if spec not in buffers:
                        buffers[spec] = _begun(dataset, folder, spec)
                    buffer = buffers[spec]
                    buffer.clips.append(clip)
                    buffer.features.append(array)
                    if buffer.is_full:
                        _flush(dataset, folder, spec, buffers.pop(spec))
    finally:
        for spec, buffer in buffers.items():
            _flush(dataset, folder, spec, buffer)
    return n_clips


def _begun(dataset: Dataset, folder: _Folder, spec: FeatureSpec) -> _Buffer:
    """The folder's last chunk where it has room, so that where a run was stopped makes no difference."""
    last = dataset.tables.last_chunk(folder.below(spec))
    if last is None:
        return _Buffer()
    name, n_rows = last
    try:
        chunk = read_chunk(dataset.folder / name)
    except DatasetError:  # whoever reads it, or verifies it, says so
        return _Buffer()
    tracks = [track.decode() for track in chunk.tracks[:n_rows]]
    clips = [Clip(*each, 0.0) for each in zip(tracks, chunk.indices[:n_rows].tolist(), strict=True)]
    buffer = _Buffer(name, clips, list(np.array(chunk.features[:n_rows])))
    return _Buffer() if buffer.is_full else buffer


def store_chunk(
    dataset: Dataset,
    spec: FeatureSpec,
    folder: tuple[str, str],
    clips: Sequence[Clip],
    features: Sequence[Stored],
) -> None:
    """Store features that were computed elsewhere, of clips of one genre and side, as a chunk file."""
    _flush(dataset, _Folder(*folder), spec, _Buffer(None, list(clips), list(features)))


def _flush(dataset: Dataset, folder: _Folder, spec: FeatureSpec, buffer: _Buffer) -> None:
    """Write a chunk, then enter it in the catalogue: a crash in between costs only what is new in it."""
    name = buffer.name
    if name is None:
        taken = dataset.tables.chunks()
        names = (f"{folder.below(spec)}/chunk-{number:05d}.pkl" for number in count())
        name = next(name for name in names if name not in taken)
    else:
        dataset.tables.forget_checksum(name)
    written = write_chunk(dataset.folder / name, buffer.clips, buffer.features)
    dataset.tables.add_chunk(spec.key, name, buffer.clips, written)
