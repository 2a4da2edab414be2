"""Measure a model on songs that it was not trained on, and say how sure the figures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli import plots
from groovecli.catalog import Catalog
from groovecli.checkpoints import LoadedModel
from groovecli.datasets import Example, WindowDataset, examples
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.extraction import compute_missing
from groovecli.monitor import SILENT, Monitor
from groovecli.predict import answers
from groovecli.splits import is_leaky
from groovecli.store import write_json
from groovecli.training.metrics import GenreScore, Scores, confusion, per_genre, scores

_BATCH_CLIPS = 64


@dataclass(frozen=True)
class Evaluation:
    """How a model fares on the test songs of a dataset.

    `confusion` counts songs: a row is a true genre, a column a guess. `notes` are what a reader
    of the figures has to know.
    """

    model: str
    dataset: str
    split_by: str
    leaky: bool
    seed: int
    genres: tuple[str, ...]
    per_song: Scores
    per_clip: Scores
    per_genre: Mapping[str, GenreScore]
    confusion: NDArray[np.int64]
    n_songs: int
    notes: tuple[str, ...] = ()


def evaluate(
    catalog: Catalog,
    model: LoadedModel,
    *,
    dataset: str | None = None,
    of_genres: tuple[str, ...] = (),
    trained_on: frozenset[str] = frozenset(),
    seed: int = 0,
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Evaluation:
    """Measure a model on a dataset's test clips: its own dataset's, unless another is named.

    Parameters
    ----------
    of_genres : tuple of str
        Measure songs of these genres alone; the model may still guess any that it knows.
    trained_on : frozenset of str
        Track ids that the model has seen; such songs are not measured, except where the split is
        leaky by intention.

    Raises
    ------
    DatasetError
        There is no such dataset, or no test song of the model's genres.
    ModelError
        The model names no genres, or eats clips of another length than the dataset's.
    Interrupted
        The user stopped it.
    """
    genres = model.description.genres
    if not genres:
        raise ModelError(
            f"{model.description.name} names no genres, so there is no accuracy to measure",
            "choose another model; see `groove models`",
        )
    settings = catalog.existing_dataset(dataset or model.description.dataset)
    spec = model.description.feature
    if spec.clip_s != settings.clip_s:
        raise ModelError(
            f"{model.description.name} eats clips of {spec.clip_s:g} s,"
            f" dataset {settings.name!r} has clips of {settings.clip_s:g} s",
            "choose another with `--dataset`",
        )
    compute_missing(catalog, settings.name, [spec], jobs=jobs, monitor=monitor)
    if monitor.stopped:
        raise Interrupted("stopped while computing features", "the same command goes on from there")
    leaky = is_leaky(settings.split_by)
    clips, notes = _measurable(
        examples(catalog, settings.name, spec, "test"),
        of_genres or genres,
        frozenset() if leaky else trained_on,
    )
    if not clips:
        raise DatasetError(
            f"dataset {settings.name!r} has no test song of {model.description.name}'s genres"
            f" ({', '.join(genres)}) that it was not trained on",
            "ingest more music, or choose another with `--dataset`",
        )
    if settings.name != model.description.dataset:
        notes += (f"the model was trained on other data ({model.description.dataset})",)
    measured = _measured(model, settings.name, clips, seed=seed, monitor=monitor)
    return replace(measured, dataset=settings.name, split_by=settings.split_by, leaky=leaky, notes=notes)


def _measurable(
    clips: Sequence[Example], genres: Sequence[str], trained_on: frozenset[str]
) -> tuple[list[Example], tuple[str, ...]]:
    """Clips of the model's genres that it has not seen, and what was left out."""
    other = sorted({clip.genre for clip in clips} - set(genres))
    seen = {clip.track_id for clip in clips if clip.track_id in trained_on}
    notes = []
    if other:
        notes.append(f"songs of other genres are left out: {', '.join(other)}")
    if seen:
        notes.append(f"{len(seen)} test songs that the model was trained on are left out")
    kept = [clip for clip in clips if clip.genre in genres and clip.track_id not in seen]
    return kept, tuple(notes)


def _measured(
    model: LoadedModel, dataset: str, clips: Sequence[Example], *, seed: int, monitor: Monitor
) -> Evaluation:
    genres = model.description.genres
    data = WindowDataset(dataset, clips, model.description.feature, genres)
    probabilities = clip_probabilities(model, data, monitor=monitor)
    track_ids = np.array([clip.track_id for clip in clips])
    songs, song_of_clip = np.unique(track_ids, return_inverse=True)
    sums = np.zeros((len(songs), len(genres)))
    np.add.at(sums, song_of_clip, probabilities)
    song_truth = np.zeros(len(songs), np.int64)
    song_truth[song_of_clip] = data.labels
    song_guess = sums.argmax(axis=1)
    clip_guess = probabilities.argmax(axis=1)
    return Evaluation(
        model=model.description.name,
        dataset=dataset,
        split_by="",
        leaky=False,
        seed=seed,
        genres=genres,
        per_song=scores(song_truth, song_guess, songs, len(genres), seed=seed),
        per_clip=scores(data.labels, clip_guess, track_ids, len(genres), seed=seed),
        per_genre=per_genre(song_truth, song_guess, genres),
        confusion=confusion(song_truth, song_guess, len(genres)),
        n_songs=len(songs),
    )


def clip_probabilities(
    model: LoadedModel, data: WindowDataset, *, monitor: Monitor = SILENT
) -> NDArray[np.float32]:
    """Probability of each genre for each clip [shape=(clips, genres)]."""
    n_windows, n_clips = data.spec.n_windows, len(data.clips)
    found = []
    for start in range(0, n_clips, _BATCH_CLIPS):
        stop = min(start + _BATCH_CLIPS, n_clips)
        codes, _ = data.__getitems__(range(start * n_windows, stop * n_windows))
        some = answers(model, codes.numpy().reshape(-1, *data.spec.shape)).probabilities
        assert some is not None
        found.append(some)
        monitor.progress("evaluate", stop, n_clips)
        if monitor.stopped and stop < n_clips:
            raise Interrupted("stopped before all clips were measured")
    return np.concatenate(found)


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""

    def figures(scored: Scores) -> dict[str, Any]:
        return {
            "accuracy": scored.accuracy.value,
            "accuracy_interval": [scored.accuracy.low, scored.accuracy.high],
            "macro_f1": scored.macro_f1.value,
            "macro_f1_interval": [scored.macro_f1.low, scored.macro_f1.high],
            "n": scored.n,
        }

    return {
        "schema": 1,
        "model": evaluation.model,
        "dataset": evaluation.dataset,
        "split_by": evaluation.split_by,
        "leaky": evaluation.leaky,
        "seed": evaluation.seed,
        "per_song": figures(evaluation.per_song),
        "per_clip": figures(evaluation.per_clip),
        "genres": {
            genre: {"precision": s.precision, "recall": s.recall, "f1": s.f1, "support": s.support}
            for genre, s in evaluation.per_genre.items()
        },
        "labels": list(evaluation.genres),
        "confusion": evaluation.confusion.tolist(),
        "notes": list(evaluation.notes),
    }


def protocol(evaluation: Evaluation) -> str:
    """How the figures were measured, in one line; a leaky split is called so."""
    text = (
        f"{evaluation.n_songs} test songs of dataset {evaluation.dataset},"
        f" split by {evaluation.split_by}; 95 % intervals by bootstrap over songs"
    )
    return f"LEAKY SPLIT (pieces of one song in training and in test): {text}" if evaluation.leaky else text


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Path, ...]:
    """Write the figures as JSON and the confusion matrix as PNG; return the files."""
    figures, picture = folder / "evaluation.json", folder / "confusion.png"
    write_json(figures, to_json(evaluation))
    per_song = evaluation.per_song.accuracy
    title = f"{evaluation.model}: {per_song.value:.1%} of songs, split by {evaluation.split_by}"
    title += " (LEAKY)" if evaluation.leaky else ""
    plots.confusion(picture, evaluation.confusion, evaluation.genres, title=title)
    return figures, picture
