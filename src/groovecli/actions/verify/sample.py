"""Some songs are analysed again, and what comes of it is compared with what is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context
from groovecli.actions.describe import describe_all
from groovecli.actions.verify.found import Damage, Findings
from groovecli.audio.clips import Clip
from groovecli.datasets.chunks import read_chunk
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.tables import Place, dataset_names
from groovecli.describe.description import VERSION
from groovecli.describe.rows import as_numbers, values_of
from groovecli.errors import DatasetError, GrooveError
from groovecli.features.cut import Cut
from groovecli.features.cutting import imap_cuts
from groovecli.features.registry import FEATURES, feature
from groovecli.features.spec import AudioSpec
from groovecli.library.answers import StoredAnswer
from groovecli.library.descriptions import forget_descriptions, stored_descriptions
from groovecli.library.forget import forget_answers, forget_files
from groovecli.library.scan import file_state, identify_sound, whole_id
from groovecli.library.tracks import Rejected, Track
from groovecli.models.file import model_id
from groovecli.models.listen import over
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import SongAnswers
from groovecli.models.shelf import shipped_models
from groovecli.workers.pool import imap

TOLERANCE = 0.02
"""Largest distance of a fresh vector, as a share of its length: other devices round otherwise."""
_KEY = re.compile(r"(?P<id>.+)-(?P<n_clips>\d+)(-joined)?")
_AGAIN = "forgotten; it is computed again when it is needed"


def check_sample(context: Context, n_songs: int, found: Findings) -> None:
    """Analyse some songs again, drawn by the context's seed among those whose files are as they were."""
    tracks = _drawn(context, n_songs)
    if len(tracks) < n_songs:
        found.notes.append(f"only {len(tracks)} songs with an analysis are within reach")
    tracks = _unchanged(context, tracks, found)
    largest = 0.0
    for key, model in _models(context):
        if not found.is_over:
            largest = max(largest, _check_answers(context, key, model, tracks, found))
    found.facts["largest_difference"] = largest
    if not found.is_over:
        _check_descriptions(context, tracks, found)
    for name in dataset_names(context.catalog):
        if not found.is_over:
            _check_features(open_dataset(context.catalog, context.home, name), tracks, context, found)


def _drawn(context: Context, n_songs: int) -> list[Track]:
    catalog = context.catalog
    analysed = catalog.rows(
        "SELECT id FROM tracks WHERE n IN (SELECT track FROM answers UNION SELECT track FROM descriptions)"
        " OR id IN (SELECT track FROM songs) ORDER BY id"
    )
    order = np.random.default_rng(context.seed).permutation(len(analysed))
    drawn: list[Track] = []
    for number in order.tolist():
        if len(drawn) == n_songs:
            break
        files = catalog.tracks([analysed[number][0]]).get(analysed[number][0], ())
        drawn += [track for track in files if file_state(track.path) == track.state][:1]
    return drawn


def _unchanged(context: Context, tracks: Sequence[Track], found: Findings) -> list[Track]:
    """The songs whose files still have the sound by which they are known."""
    paths = [track.path for track in tracks]
    now = imap(
        identify_sound,
        paths,
        n_items=len(paths),
        jobs=context.jobs,
        stage="read",
        monitor=found.monitor,
        lost=Rejected.by,
    )
    same = []
    for track, identified in zip(tracks, now, strict=False):
        found.checked("songs")
        if isinstance(identified, Track) and track.id in (identified.id, whole_id(track.path)):
            same.append(track)
        else:
            why = "its sound is not the one that was analysed, though its size and time are"
            found.damaged.append(Damage("song", str(track.path), why, "read again by the next command"))
            forget_files(context.catalog, [track.path])
    return same


def _models(context: Context) -> Iterator[tuple[str, LoadedModel]]:
    """The models that are here and have answers, each with what its answers are kept under."""
    here = {model_id(model): model for model in [*context.shelf.trained(), *shipped_models()]}
    for (key,) in context.catalog.rows("SELECT model FROM matrices ORDER BY model"):
        match = _KEY.fullmatch(key)
        if match and match["id"] in here:
            with suppress(GrooveError):  # `groove models list` says what is wrong with it
                yield key, context.loaded(here[match["id"]])


def _check_answers(
    context: Context, key: str, model: LoadedModel, tracks: Sequence[Track], found: Findings
) -> float:
    """Compare stored vectors with fresh ones; the largest distance, as a share of the vector's length."""
    stored = context.catalog.answers(key, [track.id for track in tracks])
    match = _KEY.fullmatch(key)
    assert match is not None
    some = [track for track in tracks if track.id in stored]
    largest = 0.0
    heard = over(
        model, some, int(match["n_clips"]), jobs=context.jobs, stage="listen again", monitor=found.monitor
    )
    for track, outcome in heard:
        found.checked("answers")
        if isinstance(outcome, SongAnswers):
            difference = _difference(
                StoredAnswer(outcome.embedding).as_kept().vector, stored[track.id].vector
            )
            why = f"its vector by {model.description.name} differs by {difference:.1%}"
        else:
            difference, why = float("inf"), f"it can't be analysed any more: {outcome.text}"
        if difference <= TOLERANCE:
            largest = max(largest, difference)
        else:
            found.damaged.append(Damage("answer", str(track.path), why, _AGAIN))
            forget_answers(context.catalog, key, [track.id])
    return largest


def _check_descriptions(context: Context, tracks: Sequence[Track], found: Findings) -> None:
    """Compare stored descriptions with fresh ones."""
    rows = stored_descriptions(context.catalog, VERSION, [track.id for track in tracks])
    some = [track for track in tracks if track.id in rows]
    for song in describe_all(some, None, jobs=context.jobs, monitor=found.monitor).songs:
        found.checked("descriptions")
        stored, fresh = as_numbers(rows[song.track.id]), as_numbers(values_of(song.said))
        if not np.allclose(fresh, stored, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
            why = "its tempo, key or loudness differs from what is measured now"
            found.damaged.append(Damage("description", str(song.track.path), why, _AGAIN))
            forget_descriptions(context.catalog, VERSION, [song.track.id])


def _difference(fresh: NDArray[np.float32], stored: NDArray[np.float32]) -> float:
    if fresh.shape != stored.shape:
        return float("inf")
    return float(np.linalg.norm(fresh - stored) / max(float(np.linalg.norm(stored)), 1e-9))


def _check_features(dataset: Dataset, tracks: Sequence[Track], context: Context, found: Findings) -> None:
    """Compare cached features with fresh ones, clip by clip; damaged chunk files are forgotten."""
    keys = set(dataset.tables.cached_features())
    specs = tuple(
        spec
        for name in FEATURES
        for spec in _spec(name, dataset.settings.clip_s)
        if spec.key in keys and isinstance(spec, AudioSpec)
    )
    clips: dict[str, list[Clip]] = {track.id: [] for track in tracks}
    for item in dataset.clips:
        if item.problem is None and item.clip.track_id in clips:
            clips[item.clip.track_id].append(item.clip)
    tasks = [
        Cut(track.path, tuple(clips[track.id]), specs, duration_s=track.duration_s)
        for track in tracks
        if clips[track.id] and specs
    ]
    places = {spec.key: dataset.tables.places(spec.key) for spec in specs} if tasks else {}
    bad: dict[str, Path] = {}
    for task, result in imap_cuts(tasks, jobs=context.jobs, stage="cut again", monitor=found.monitor):
        for clip, arrays in result.features.items():
            for spec, array in zip(task.specs, arrays, strict=True):
                place = places[spec.key].get((clip.track_id, clip.index))
                if place is not None and place.chunk not in bad:
                    found.checked("features")
                    if not _is_alike(array, _stored(dataset, place)):
                        bad[place.chunk] = task.path
    for chunk, path in bad.items():
        why = f"a feature of {path} differs from a fresh one"
        found.damaged.append(Damage("chunk file", f"{dataset.name}/{chunk}", why, _AGAIN))
    dataset.tables.forget_chunks(bad)


def _stored(dataset: Dataset, place: Place) -> NDArray[np.generic]:
    """A cached feature; an empty array where its file is damaged."""
    try:
        stored: NDArray[np.generic] = read_chunk(dataset.folder / place.chunk).features[place.row]
        return stored
    except (DatasetError, IndexError):
        return np.zeros(0)


def _spec(name: str, clip_s: float) -> list[AudioSpec]:
    try:
        spec = feature(name, clip_s)
    except GrooveError:  # it can't be of such clips
        return []
    return [spec] if isinstance(spec, AudioSpec) else []


def _is_alike(fresh: NDArray[np.generic], stored: NDArray[np.generic]) -> bool:
    """Whether two features are the same but for rounding."""
    if fresh.shape != stored.shape or fresh.dtype != stored.dtype:
        return False
    if fresh.dtype == np.uint8:
        return bool((np.abs(fresh.astype(np.int16) - stored.astype(np.int16)) <= 1).all())
    return bool(np.allclose(fresh.astype(np.float64), stored.astype(np.float64), rtol=1e-3, atol=1e-4))
