"""A model over songs: their genres and their embeddings, from several clips each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from groovecli.audio import clips
from groovecli.datasets.cache import SILENT_REASON, Cut, CutResult, imap_cuts
from groovecli.datasets.windows import Inputs, WindowDataset, to_inputs
from groovecli.errors import Interrupted, LibraryError, ModelError
from groovecli.features.spec import Stored
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Rejected, Track, expand, scan
from groovecli.models.familiarity import familiar_with
from groovecli.models.file import Description, LoadedModel
from groovecli.models.naming import SongGenre, check_min_confidence, silent_song, song_genre
from groovecli.models.pooling import pooled_shares, pooled_vectors
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.output import Output
from groovecli.workers.pool import in_threads, n_workers

CLIPS_PER_SONG = 3
_BATCH_WINDOWS = 96
_SAVED_TOGETHER = 200  # embeddings: a crash costs no more than that many songs


@dataclass(frozen=True)
class Answers:
    """What a model says of n clips or windows.

    logits : np.ndarray [shape=(n, genres)], before the softmax, or None
    embeddings : np.ndarray [shape=(n, dim)]
    errors : np.ndarray [shape=(n,)], mean squared error of the reconstruction, or None
    moments : np.ndarray [shape=(n, 2)], mean of what was reconstructed, and of its square
    """

    logits: NDArray[np.float32] | None
    embeddings: NDArray[np.float32]
    errors: NDArray[np.float32] | None = None
    moments: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Classified:
    """Songs with their genres, and files that have none."""

    model: str
    results: tuple[SongGenre, ...]
    failed: tuple[Rejected, ...]
    min_confidence: float = 0.0

    @property
    def strange(self) -> tuple[SongGenre, ...]:
        """Songs that are unlike anything the model learnt from."""
        return tuple(song for song in self.results if song.is_familiar is False)

    @property
    def unknown(self) -> tuple[SongGenre, ...]:
        """Songs of which the model was not sure enough."""
        return tuple(song for song in self.results if song.is_unknown)


@dataclass(frozen=True)
class Embedded:
    """Songs with their vectors [shape=(n, dim), dtype=float32], and files that have none."""

    model: str
    tracks: tuple[Track, ...]
    vectors: NDArray[np.float32]
    failed: tuple[Rejected, ...]
    interrupted: bool


@torch.inference_mode()
def answers(model: LoadedModel, batches: Iterable[Sequence[torch.Tensor]]) -> Answers:
    """Run a model over windows.

    Parameters
    ----------
    batches : iterable of tuples of Tensor [shape=(batch, *window)]
        Cached windows, one tensor for each of the model's features.

    Raises
    ------
    ModelError
        The windows are not of the features that the model eats, or it gives no embedding.
    """
    found = [_batch_answers(model, batch) for batch in batches]

    def joined(parts: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
        there = [part for part in parts if part is not None]
        return np.concatenate(there) if there else None

    return Answers(
        joined([some.logits for some in found]),
        np.concatenate([some.embeddings for some in found]),
        joined([some.errors for some in found]),
        joined([some.moments for some in found]),
    )


def _batch_answers(model: LoadedModel, batch: Sequence[torch.Tensor]) -> Answers:
    name, specs = model.description.name, model.description.features
    inputs = to_inputs([tensor.to(model.device) for tensor in batch], specs)
    for x, spec in zip(inputs, specs, strict=True):
        if x.shape[1:] != spec.input_shape:
            raise ModelError(
                f"{name} eats {spec.name} of shape {spec.input_shape}, not {tuple(x.shape[1:])}"
            )
    output: Output = model.network(*inputs)
    if output.embedding is None:
        raise ModelError(f"{name} gives no embedding")
    errors = moments = None
    if output.reconstruction is not None:
        x = inputs[0].flatten(1)
        errors = _array((output.reconstruction.float().flatten(1) - x).square().mean(dim=1))
        moments = _array(torch.stack([x.mean(dim=1), x.square().mean(dim=1)], dim=1))
    logits = None if output.logits is None else _array(output.logits)
    return Answers(logits, _array(output.embedding), errors, moments)


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.float().cpu().numpy()
    return array


def batches_of(data: WindowDataset, n_together: int, stage: str, monitor: Monitor) -> Iterator[Inputs]:
    """The windows of a dataset, a batch at a time.

    Raises
    ------
    Interrupted
        The user stopped it.
    """
    n_together = min(n_together, _BATCH_WINDOWS)
    for start in range(0, len(data), n_together):
        stop = min(start + n_together, len(data))
        yield data.__getitems__(range(start, stop))[0]
        monitor.progress(stage, stop, len(data))
        if monitor.stopped and stop < len(data):
            raise Interrupted(f"stopped before all clips were through ({stage})")


@dataclass(frozen=True)
class SongAnswers:
    """What a model says of a song by all its windows.

    probabilities : np.ndarray [shape=(genres,)], or None
    embedding : np.ndarray [shape=(dim,)], or longer as `pooled_vectors` says
    """

    probabilities: NDArray[np.float64] | None
    embedding: NDArray[np.float32]


def classify(
    model: LoadedModel,
    paths: Sequence[Path],
    *,
    n_clips: int = CLIPS_PER_SONG,
    min_confidence: float = 0.0,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Classified:
    """Name the genre of each song: the mean of its clips' probabilities decides.

    A song in which nothing sounds is called silent.

    Parameters
    ----------
    min_confidence : float in [0, 1]
        A song whose best genre is less probable is called unknown, at each level of genres.

    Raises
    ------
    UsageError
        `min_confidence` is no probability.
    LibraryError
        There is no audio file at any of the paths.
    ModelError
        The model names no genres.
    """
    check_min_confidence(min_confidence)
    genres, depth = model.description.genres, model.description.depth
    if not genres:
        raise ModelError(f"{model.description.name} names no genres", "choose another with `--model`")
    tracks, failed = find_tracks(paths, None, jobs=jobs, monitor=monitor)
    known = familiar_with(model.memory.vectors) if model.memory else None
    results = []
    for track, outcome in over(model, tracks, n_clips, jobs=jobs, stage="classify", monitor=monitor):
        if isinstance(outcome, Rejected):
            if outcome.reason == SILENT_REASON:
                results.append(silent_song(track.path, depth=depth))
            else:
                failed.append(outcome)
            continue
        assert outcome.probabilities is not None
        shares = dict(zip(genres, outcome.probabilities.tolist(), strict=True))
        mean = outcome.embedding[None, : model.description.spec.embedding_dim]
        results.append(
            song_genre(
                track.path,
                shares,
                depth=depth,
                min_confidence=min_confidence,
                is_familiar=bool(known.knows(mean)[0]) if known else None,
            )
        )
    return Classified(model.description.name, tuple(results), tuple(failed), min_confidence)


def embed(
    model: LoadedModel,
    paths: Sequence[Path],
    catalog: Catalog,
    *,
    n_clips: int = CLIPS_PER_SONG,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Embedded:
    """One vector a song, the mean over its clips; what the catalogue has is not computed again.

    Raises
    ------
    LibraryError
        There is no audio file at any of the paths.
    """
    tracks, failed = find_tracks(paths, catalog, jobs=jobs, monitor=monitor)
    key = f"{model.id}-{1 if model.description.takes_songs else n_clips}"
    key += "-joined" if model.description.spec.joins_clips else ""
    vectors = catalog.embeddings(key)
    missing = list({track.id: track for track in tracks if track.id not in vectors}.values())
    fresh: dict[str, NDArray[np.float32]] = {}
    bad: dict[str, str] = {}
    try:
        for track, outcome in over(model, missing, n_clips, jobs=jobs, stage="embed", monitor=monitor):
            if isinstance(outcome, Rejected):
                bad[track.id] = outcome.reason
            else:
                vectors[track.id] = fresh[track.id] = outcome.embedding
            if len(fresh) >= _SAVED_TOGETHER:
                catalog.add_embeddings(key, fresh)
                fresh = {}
    finally:
        catalog.add_embeddings(key, fresh)
    failed += [Rejected(track.path, bad[track.id]) for track in tracks if track.id in bad]
    done = [track for track in tracks if track.id in vectors]
    nothing = np.zeros((0, model.description.spec.embedding_dim), np.float32)
    stacked = np.stack([vectors[t.id] for t in done]) if done else nothing
    return Embedded(model.description.name, tuple(done), stacked, tuple(failed), monitor.stopped)


def find_tracks(
    paths: Sequence[Path], catalog: Catalog | None, *, jobs: int, monitor: Monitor
) -> tuple[list[Track], list[Rejected]]:
    """Files and folders to tracks; the catalogue, where given, remembers them."""
    files, failed = expand(path.absolute() if catalog else path for path in paths)
    if not files and not failed:
        raise LibraryError(
            f"there is no music in {', '.join(map(str, paths))}", "give songs or folders of songs"
        )
    known = catalog.known_files() if catalog else {}
    found = scan(files, known=known, jobs=jobs, monitor=monitor)
    if catalog:
        catalog.remember(found)
    return list(found.tracks), [*failed, *found.rejected]


def over(
    model: LoadedModel, tracks: Sequence[Track], n_clips: int, *, jobs: int, stage: str, monitor: Monitor
) -> Iterator[tuple[Track, SongAnswers | Rejected]]:
    """Each track with what the model says of its clips, or why that can't be said."""
    description = model.description
    n_windows = max(spec.n_windows for spec in description.features)
    n_clips = 1 if description.takes_songs else n_clips
    tasks = [_cut_of(track, description, n_clips) for track in tracks]
    results = imap_cuts(tasks, jobs=jobs, stage=stage, monitor=monitor)
    cuts = ((track, result) for track, (_, result) in zip(tracks, results, strict=False))
    together = _together(cuts, n_windows, min(_BATCH_WINDOWS, description.spec.n_together))
    n_threads = n_workers(jobs) if model.device.type == "cpu" else 1
    for answered in in_threads(partial(_answered, model, n_windows), together, n_threads=n_threads):
        yield from answered


def _together(
    cuts: Iterable[tuple[Track, CutResult]], n_windows: int, n_together: int
) -> Iterator[list[tuple[Track, CutResult]]]:
    """Songs in groups of at least `n_together` windows, which a network is shown at once."""
    group: list[tuple[Track, CutResult]] = []
    n_waiting = 0
    for track, result in cuts:
        group.append((track, result))
        n_waiting += len(result.features) * n_windows
        if n_waiting >= n_together:
            yield group
            group, n_waiting = [], 0
    yield group


def _cut_of(track: Track, description: Description, n_clips: int) -> Cut:
    if not description.spec.joins_clips:
        some = clips.spread(track.id, track.duration_s, description.clip_s, n_clips)
        return Cut(track.path, tuple(some), description.features, duration_s=track.duration_s)
    starts_s = clips.stretches(track.duration_s, description.clip_s, n_clips)
    return Cut(
        track.path,
        (clips.Clip(track.id, 0, starts_s[0]),),
        description.features,
        stretches_s=tuple(starts_s),
        duration_s=track.duration_s,
    )


def _answered(
    model: LoadedModel, n_windows: int, group: Sequence[tuple[Track, CutResult]]
) -> list[tuple[Track, SongAnswers | Rejected]]:
    stored = [features for _, result in group for features in result.features.values()]
    said = answers(model, _batches(stored, model.description, n_windows)) if stored else None
    answered: list[tuple[Track, SongAnswers | Rejected]] = []
    start = 0
    for track, result in group:
        stop = start + len(result.features) * n_windows
        if start == stop or said is None:
            answered.append((track, Rejected(track.path, _why(result))))
        else:
            answered.append((track, _song_answers(model.description, said, start, stop)))
        start = stop
    return answered


def _song_answers(description: Description, said: Answers, start: int, stop: int) -> SongAnswers:
    """What the windows from `start` to `stop`, which are one song's, say together."""
    song, spec = np.zeros(stop - start, np.int64), description.spec
    shares = None
    if said.logits is not None:
        shares = pooled_shares(said.logits[start:stop], song, spec, description.temperature)[0]
    logits = None if said.logits is None else said.logits[start:stop]
    vector = pooled_vectors(said.embeddings[start:stop], song, spec, logits)[0].astype(np.float32)
    return SongAnswers(shares, vector)


def _batches(
    stored: Sequence[tuple[Stored, ...]], description: Description, n_windows: int
) -> Iterator[list[torch.Tensor]]:
    """The windows of clips' features, a batch at a time."""
    pairs = [(clip, window) for clip in range(len(stored)) for window in range(n_windows)]
    specs, n_together = description.features, min(_BATCH_WINDOWS, description.spec.n_together)
    for start in range(0, len(pairs), n_together):
        some = pairs[start : start + n_together]
        yield [
            torch.from_numpy(
                np.stack([s.window(stored[c][number], min(w, s.n_windows - 1)) for c, w in some])
            )
            for number, s in enumerate(specs)
        ]


def _why(result: CutResult) -> str:
    """Why a song has no usable clip: any fault of decoding, else silence."""
    reasons = sorted(set(result.problems.values()) - {SILENT_REASON})
    return reasons[0] if reasons else SILENT_REASON
