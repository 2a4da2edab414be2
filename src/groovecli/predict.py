"""A model over songs: their genres and their embeddings, from several clips each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from groovecli import clips
from groovecli.catalog import Catalog
from groovecli.checkpoints import LoadedModel
from groovecli.datasets import to_input
from groovecli.errors import LibraryError, ModelError
from groovecli.extraction import SILENT_REASON, Cut, CutResult, imap_cuts
from groovecli.features.spec import Codes, FeatureSpec
from groovecli.monitor import SILENT, Monitor
from groovecli.tracks import Rejected, Track, expand, scan

CLIPS_PER_SONG = 3
SILENT_GENRE = "silent"
_BATCH_WINDOWS = 96
_SAVED_TOGETHER = 200  # embeddings: a crash costs no more than that many songs


@dataclass(frozen=True)
class Answers:
    """What a model says of n clips; each is the mean over the clip's windows.

    probabilities : np.ndarray [shape=(n, genres)], or None
    embeddings : np.ndarray [shape=(n, dim)]
    """

    probabilities: NDArray[np.float32] | None
    embeddings: NDArray[np.float32]


@dataclass(frozen=True)
class SongGenre:
    """The genre of a song, how sure the model is, and every genre's probability, best first."""

    path: Path
    genre: str
    confidence: float
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Classified:
    """Songs with their genres, and files that have none."""

    model: str
    results: tuple[SongGenre, ...]
    failed: tuple[Rejected, ...]


@dataclass(frozen=True)
class Embedded:
    """Songs with their vectors [shape=(n, dim), dtype=float32], and files that have none."""

    model: str
    tracks: tuple[Track, ...]
    vectors: NDArray[np.float32]
    failed: tuple[Rejected, ...]
    interrupted: bool


def answers(model: LoadedModel, features: Codes) -> Answers:
    """Run a model over clips.

    Parameters
    ----------
    features : np.ndarray [shape=(n, windows, bands, frames), dtype=uint8]
        Cached bytes of the model's feature.

    Raises
    ------
    ModelError
        The features are not those that the model eats, or it gives no embedding.
    """
    spec = model.description.feature
    if features.shape[1:] != spec.shape:
        raise ModelError(
            f"{model.description.name} eats {spec.name} of shape {spec.shape}, not {features.shape[1:]}"
        )
    n_clips = len(features)
    logits, embedding = _forward(model, np.ascontiguousarray(features).reshape(-1, *spec.shape[1:]), spec)
    probabilities = None
    if logits is not None:
        probabilities = logits.softmax(dim=1).reshape(n_clips, spec.n_windows, -1).mean(dim=1).numpy()
    return Answers(probabilities, embedding.reshape(n_clips, spec.n_windows, -1).mean(dim=1).numpy())


@torch.inference_mode()
def _forward(
    model: LoadedModel, windows: Codes, spec: FeatureSpec
) -> tuple[torch.Tensor | None, torch.Tensor]:
    logits, embeddings = [], []
    for start in range(0, len(windows), _BATCH_WINDOWS):
        codes = torch.from_numpy(windows[start : start + _BATCH_WINDOWS]).to(model.device)
        output = model.network(to_input(codes, spec))
        if output.embedding is None:
            raise ModelError(f"{model.description.name} gives no embedding")
        embeddings.append(output.embedding.float().cpu())
        if output.logits is not None:
            logits.append(output.logits.float().cpu())
    return torch.cat(logits) if logits else None, torch.cat(embeddings)


def classify(
    model: LoadedModel,
    paths: Sequence[Path],
    *,
    n_clips: int = CLIPS_PER_SONG,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Classified:
    """Name the genre of each song: the mean of its clips' probabilities decides.

    A song in which nothing sounds is called silent.

    Raises
    ------
    LibraryError
        There is no audio file at any of the paths.
    ModelError
        The model names no genres.
    """
    genres = model.description.genres
    if not genres:
        raise ModelError(f"{model.description.name} names no genres", "choose another with `--model`")
    tracks, failed = find_tracks(paths, None, jobs=jobs, monitor=monitor)
    results = []
    for track, outcome in _over(model, tracks, n_clips, jobs=jobs, stage="classify", monitor=monitor):
        if isinstance(outcome, Rejected):
            if outcome.reason == SILENT_REASON:
                results.append(SongGenre(track.path, SILENT_GENRE, 0.0, {}))
            else:
                failed.append(outcome)
            continue
        assert outcome.probabilities is not None
        shares = outcome.probabilities.mean(axis=0)
        order = np.argsort(-shares, kind="stable")
        ranked = {genres[int(i)]: float(shares[i]) for i in order}
        results.append(SongGenre(track.path, genres[int(order[0])], float(shares[order[0]]), ranked))
    return Classified(model.description.name, tuple(results), tuple(failed))


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
    key = f"{model.id}-{n_clips}"
    vectors = catalog.embeddings(key)
    missing = list({track.id: track for track in tracks if track.id not in vectors}.values())
    fresh: dict[str, NDArray[np.float32]] = {}
    bad: dict[str, str] = {}
    try:
        for track, outcome in _over(model, missing, n_clips, jobs=jobs, stage="embed", monitor=monitor):
            if isinstance(outcome, Rejected):
                bad[track.id] = outcome.reason
            else:
                vectors[track.id] = fresh[track.id] = outcome.embeddings.mean(axis=0)
            if len(fresh) >= _SAVED_TOGETHER:
                catalog.add_embeddings(key, fresh)
                fresh = {}
    finally:
        catalog.add_embeddings(key, fresh)
    failed += [Rejected(track.path, bad[track.id]) for track in tracks if track.id in bad]
    done = [track for track in tracks if track.id in vectors]
    dim = model.description.spec.embedding_dim
    stacked = np.stack([vectors[t.id] for t in done]) if done else np.zeros((0, dim), np.float32)
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


def _over(
    model: LoadedModel, tracks: Sequence[Track], n_clips: int, *, jobs: int, stage: str, monitor: Monitor
) -> Iterator[tuple[Track, Answers | Rejected]]:
    """Each track with the model's answers for its usable clips, or why there are none."""
    spec = model.description.feature
    tasks = [
        Cut(t.path, tuple(clips.spread(t.id, t.duration_s, spec.clip_s, n_clips)), (spec,)) for t in tracks
    ]
    waiting: list[tuple[Track, CutResult]] = []
    n_waiting = 0
    results = imap_cuts(tasks, jobs=jobs, stage=stage, monitor=monitor)
    for track, (_, result) in zip(tracks, results, strict=False):
        waiting.append((track, result))
        n_waiting += len(result.features) * spec.n_windows
        if n_waiting >= _BATCH_WINDOWS:
            yield from _answered(model, waiting)
            waiting, n_waiting = [], 0
    yield from _answered(model, waiting)


def _answered(
    model: LoadedModel, waiting: Sequence[tuple[Track, CutResult]]
) -> Iterator[tuple[Track, Answers | Rejected]]:
    images = [features[0] for _, result in waiting for features in result.features.values()]
    all_answers = answers(model, np.stack(images)) if images else None
    start = 0
    for track, result in waiting:
        stop = start + len(result.features)
        if start == stop or all_answers is None:
            yield track, Rejected(track.path, _why(result))
            continue
        some = all_answers.probabilities
        yield (
            track,
            Answers(None if some is None else some[start:stop], all_answers.embeddings[start:stop]),
        )
        start = stop


def _why(result: CutResult) -> str:
    """Why a song has no usable clip: any fault of decoding, else silence."""
    reasons = sorted(set(result.problems.values()) - {SILENT_REASON})
    return reasons[0] if reasons else SILENT_REASON
