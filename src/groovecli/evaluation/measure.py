"""Measure a model on songs that it was not trained on, and say how sure the figures are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.datasets.cache import compute_missing
from groovecli.datasets.splits import is_leaky
from groovecli.datasets.windows import Example, WindowDataset, artists, examples
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.evaluation.calibration import Calibration, calibration
from groovecli.evaluation.metrics import GenreScore, Scores, average_precision, confusion, per_genre, scores
from groovecli.library import genres as levels
from groovecli.library.catalog import Catalog, DatasetSettings
from groovecli.models.file import Description, LoadedModel
from groovecli.models.listen import Answers, answers, batches_of
from groovecli.models.pooling import pooled_shares
from groovecli.monitor import SILENT, Monitor
from groovecli.training.protocols import Protocol, parts


@dataclass(frozen=True)
class Level:
    """How a model fares where genres are told apart more coarsely: by their parents.

    A parent's probability is the sum of its sub-genres'.
    """

    genres: tuple[str, ...]
    per_song: Scores
    per_clip: Scores
    per_window: Scores | None
    per_genre: Mapping[str, GenreScore]
    confusion: NDArray[np.int64]
    calibration: Calibration


@dataclass(frozen=True)
class Evaluation:
    """How a model fares on the test songs of a dataset.

    `confusion` counts songs: a row is a true genre, a column a guess. `average_precision` is the
    mean over the genres of the area under the precision-recall curve of songs. `calibration` is of
    songs. `per_window` is None where a clip is one window. `parents` is None where genres have no
    sub-genres. `notes` are what a reader of the figures has to know.
    """

    model: str
    dataset: str
    split_by: str
    leaky: bool
    seed: int
    genres: tuple[str, ...]
    per_song: Scores
    per_clip: Scores
    per_window: Scores | None
    average_precision: float
    per_genre: Mapping[str, GenreScore]
    confusion: NDArray[np.int64]
    calibration: Calibration
    n_songs: int
    notes: tuple[str, ...] = ()
    parents: Level | None = None


@dataclass(frozen=True)
class Measured:
    """What a model says of the test windows of a dataset."""

    settings: DatasetSettings
    split_by: str
    data: WindowDataset
    said: Answers
    notes: tuple[str, ...]

    @property
    def songs(self) -> NDArray[np.str_]:
        """Track id of each window's song (n,)."""
        return np.array([clip.track_id for clip in self.data.clips])[self.data.clip_numbers]


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
    """Measure how well a model names the genres of a dataset's test songs.

    Parameters
    ----------
    of_genres : tuple of str
        Measure songs of these genres alone; the model may still guess any that it knows.

    Raises
    ------
    As `measure`.
    ModelError
        The model names no genres.
    """
    if not model.description.genres:
        raise ModelError(
            f"{model.description.name} names no genres, so there is no accuracy to measure",
            "choose another model; see `groove models`",
        )
    measured = measure(
        catalog,
        model,
        dataset=dataset,
        of_genres=of_genres,
        trained_on=trained_on,
        jobs=jobs,
        monitor=monitor,
    )
    return scored(model, measured, seed=seed)


def measure(
    catalog: Catalog,
    model: LoadedModel,
    *,
    dataset: str | None = None,
    of_genres: tuple[str, ...] = (),
    trained_on: frozenset[str] = frozenset(),
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Measured:
    """Run a model over a dataset's test clips: its own dataset's, unless another is named.

    A model that was trained under a paper's protocol is measured under it too.

    Parameters
    ----------
    of_genres : tuple of str
        Only songs of these genres; else of all that the model knows, or of all if it names none.
    trained_on : frozenset of str
        Track ids that the model has seen; such songs are left out, except where the split is
        leaky by intention.

    Raises
    ------
    DatasetError
        There is no such dataset, or no test song of the genres.
    ModelError
        The model eats clips of another length than the dataset's.
    Interrupted
        The user stopped it.
    """
    description = model.description
    settings = catalog.existing_dataset(dataset or description.dataset)
    if any(spec.for_clips_of(settings.clip_s) != spec for spec in description.features):
        raise ModelError(
            f"{description.name} eats clips of {description.clip_s:g} s,"
            f" dataset {settings.name!r} has clips of {settings.clip_s:g} s",
            "choose another with `--dataset`",
        )
    compute_missing(catalog, settings.name, description.features, jobs=jobs, monitor=monitor)
    if monitor.stopped:
        raise Interrupted("stopped while computing features", "the same command goes on from there")
    split_by, data, notes = _test_part(catalog, description, settings, of_genres, trained_on)
    if not len(data):
        asked = of_genres or description.genres
        whose = f" of {description.name}'s genres ({', '.join(asked)})" if asked else ""
        raise DatasetError(
            f"dataset {settings.name!r} has no test song{whose} that it was not trained on",
            "ingest more music, or choose another with `--dataset`",
        )
    if settings.name != description.dataset:
        notes += (f"the model was trained on other data ({description.dataset})",)
    said = answers(model, batches_of(data, description.spec.n_together, "evaluate", monitor))
    return Measured(settings, split_by, data, said, notes)


def _test_part(
    catalog: Catalog,
    description: Description,
    settings: DatasetSettings,
    of_genres: Sequence[str],
    trained_on: frozenset[str],
) -> tuple[str, WindowDataset, tuple[str, ...]]:
    """How the test windows were split off, the windows, and what to know of them."""
    name, specs, genres = settings.name, description.features, description.genres
    wanted = [genre for genre in of_genres or genres if genre in genres] if genres else of_genres or None
    chosen = description.training.get("protocol")
    if chosen is None or name != description.dataset:
        leaky = is_leaky(settings.split_by)
        clips = examples(catalog, name, specs, "test")
        kept, notes = _measurable(clips, wanted, frozenset() if leaky else trained_on)
        return settings.split_by, WindowDataset(name, kept, specs, genres), notes
    protocol = Protocol.from_json(chosen)
    learnt = genres or description.training.get("genres") or None
    clips, notes = _measurable(examples(catalog, name, specs, None), learnt, frozenset())  # as in training
    everything = WindowDataset(name, clips, specs, genres)
    test = parts(clips, everything.n_windows, protocol, artists(catalog, name)).test
    clip_of_window = everything.clip_numbers[test]
    leaky = is_leaky(protocol.split_by)
    kept, more = _measurable(
        [clips[n] for n in np.unique(clip_of_window)], wanted, frozenset() if leaky else trained_on
    )
    there = {clip.key for clip in kept}
    is_kept = np.array([clips[n].key in there for n in clip_of_window], bool)
    return protocol.split_by, WindowDataset(name, clips, specs, genres, test[is_kept]), notes + more


def _measurable(
    clips: Sequence[Example], genres: Sequence[str] | None, trained_on: frozenset[str]
) -> tuple[list[Example], tuple[str, ...]]:
    """Clips of the genres (None: of all) that the model has not seen, and what was left out."""
    other = sorted({clip.genre for clip in clips} - set(genres)) if genres is not None else []
    seen = {clip.track_id for clip in clips if clip.track_id in trained_on}
    notes = []
    if other:
        notes.append(f"songs of other genres are left out: {', '.join(other)}")
    if seen:
        notes.append(f"{len(seen)} test songs that the model was trained on are left out")
    kept = [clip for clip in clips if clip.genre not in other and clip.track_id not in seen]
    return kept, tuple(notes)


def scored(model: LoadedModel, measured: Measured, *, seed: int = 0) -> Evaluation:
    """The figures of a model that names genres; intervals by bootstrap over songs."""
    description, data = model.description, measured.data
    by_song = grouped(description, measured, measured.songs)
    fine = _level(description, measured, description.genres, data.labels, _as_they_are, seed)
    parents = None
    if description.depth > 1:
        found = levels.parents(description.genres)
        labels = found.of_genre[data.labels]
        parents = _level(description, measured, found.names, labels, found.summed, seed)
    return Evaluation(
        model=description.name,
        dataset=measured.settings.name,
        split_by=measured.split_by,
        leaky=is_leaky(measured.split_by),
        seed=seed,
        genres=fine.genres,
        per_song=fine.per_song,
        per_clip=fine.per_clip,
        per_window=fine.per_window,
        average_precision=average_precision(data.labels[by_song.first], by_song.shares),
        per_genre=fine.per_genre,
        confusion=fine.confusion,
        calibration=fine.calibration,
        n_songs=len(by_song.first),
        notes=measured.notes,
        parents=parents,
    )


Shares = NDArray[np.float64]


def _as_they_are(shares: Shares) -> Shares:
    return shares


def _level(
    description: Description,
    measured: Measured,
    genres: tuple[str, ...],
    labels: NDArray[np.int64],
    of_level: Callable[[Shares], Shares],
    seed: int,
) -> Level:
    """The figures at one level: windows' true genres (n,), and probabilities as `of_level` gives them."""
    data, songs = measured.data, measured.songs

    def scores_of(groups: NDArray[Any]) -> Scores:
        found = grouped(description, measured, groups)
        guess = of_level(found.shares).argmax(axis=1)
        return scores(labels[found.first], guess, songs[found.first], len(genres), seed=seed)

    found = grouped(description, measured, songs)
    shares = of_level(found.shares)
    truth, guess = labels[found.first], shares.argmax(axis=1)
    return Level(
        genres,
        per_song=scores_of(songs),
        per_clip=scores_of(data.clip_numbers),
        per_window=scores_of(np.arange(len(data))) if data.n_windows > 1 else None,
        per_genre=per_genre(truth, guess, genres),
        confusion=confusion(truth, guess, len(genres)),
        calibration=calibration(shares.max(axis=1), guess == truth),
    )


@dataclass(frozen=True)
class Grouped:
    """Groups of windows: the first window of each, and how likely each genre is by all of them.

    first : np.ndarray [shape=(groups,)]
    shares : np.ndarray [shape=(groups, genres)]
    """

    first: NDArray[np.intp]
    shares: Shares


def grouped(description: Description, measured: Measured, groups: NDArray[Any]) -> Grouped:
    """What a model says of groups of windows, such as songs, by the name of each window's group."""
    logits = measured.said.logits
    assert logits is not None
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    return Grouped(first, pooled_shares(logits, number, description.spec, description.temperature))


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""
    return {
        "schema": 1,
        "model": evaluation.model,
        "dataset": evaluation.dataset,
        "split_by": evaluation.split_by,
        "leaky": evaluation.leaky,
        "seed": evaluation.seed,
        **_scores_json(evaluation),
        "average_precision": evaluation.average_precision,
        "notes": list(evaluation.notes),
        "parents": _scores_json(evaluation.parents) if evaluation.parents else None,
    }


def _scores_json(level: Evaluation | Level) -> dict[str, Any]:
    def figures(scored: Scores) -> dict[str, Any]:
        return {
            "accuracy": scored.accuracy.value,
            "accuracy_interval": [scored.accuracy.low, scored.accuracy.high],
            "macro_f1": scored.macro_f1.value,
            "macro_f1_interval": [scored.macro_f1.low, scored.macro_f1.high],
            "n": scored.n,
        }

    return {
        "per_song": figures(level.per_song),
        "per_clip": figures(level.per_clip),
        "per_window": figures(level.per_window) if level.per_window else None,
        "genres": {
            genre: {"precision": s.precision, "recall": s.recall, "f1": s.f1, "support": s.support}
            for genre, s in level.per_genre.items()
        },
        "labels": list(level.genres),
        "confusion": level.confusion.tolist(),
        "calibration": level.calibration.to_json(),
    }


def protocol(evaluation: Evaluation) -> str:
    """How the figures were measured, in one line; a leaky split is called so."""
    text = (
        f"{evaluation.n_songs} test songs of dataset {evaluation.dataset},"
        f" split by {evaluation.split_by}; 95 % intervals by bootstrap over songs"
    )
    return f"LEAKY SPLIT (pieces of one song in training and in test): {text}" if evaluation.leaky else text
