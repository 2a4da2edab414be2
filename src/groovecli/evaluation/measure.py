"""Measure a model on songs that it was not trained on, and say how sure the figures are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.datasets.dataset import Dataset
from groovecli.datasets.examples import Example, examples
from groovecli.datasets.lyrics import words_of
from groovecli.datasets.splits import is_leaky
from groovecli.datasets.windows import WindowDataset
from groovecli.errors import NothingToMeasure
from groovecli.evaluation.calibration import calibration
from groovecli.evaluation.figures import Evaluation, Level, SongsRight
from groovecli.evaluation.metrics import Scores, average_precision, confusion, per_genre, scores
from groovecli.features.lyrics import eats_lyrics
from groovecli.files import key_of
from groovecli.library.genres import parents_of
from groovecli.messages.evaluation import (
    all_test_songs_learnt,
    included_learned_all,
    left_out_as_included_learned,
    left_out_as_learnt,
    no_accuracy_to_measure,
    no_test_songs,
    no_test_songs_of,
)
from groovecli.models.answers import answers, batches_of
from groovecli.models.file import Description, check_fits
from groovecli.models.loaded import LoadedModel
from groovecli.models.pooling import pooled_probabilities
from groovecli.models.results import Answers
from groovecli.models.shelf import shipped_models
from groovecli.monitor import SILENT, Monitor
from groovecli.training.protocols import Protocol, parts
from groovecli.training.record import training_songs


@dataclass(frozen=True)
class Measured:
    """What a model says of the test windows of a dataset."""

    dataset: Dataset
    split_by: str
    data: WindowDataset
    answers: Answers
    notes: tuple[str, ...]

    @property
    def songs(self) -> NDArray[np.str_]:
        """Track id of each window's song (n,)."""
        return np.array([clip.track_id for clip in self.data.clips])[self.data.clip_numbers]


def evaluate(
    dataset: Dataset,
    model: LoadedModel,
    *,
    of_genres: tuple[str, ...] = (),
    trained_on: frozenset[str] = frozenset(),
    seed: int = 0,
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
        raise no_accuracy_to_measure(model.description.name)
    measured = measure(dataset, model, of_genres=of_genres, trained_on=trained_on, monitor=monitor)
    return scored(model, measured, seed=seed)


def measure(
    dataset: Dataset,
    model: LoadedModel,
    *,
    of_genres: tuple[str, ...] = (),
    trained_on: frozenset[str] = frozenset(),
    monitor: Monitor = SILENT,
) -> Measured:
    """Run a model over a dataset's test clips, whose features are all there.

    A model that was trained under a paper's protocol is measured under it too, on its own dataset.

    Parameters
    ----------
    of_genres : tuple of str
        Only songs of these genres; otherwise of all genres of the model, or of all if it names none.
    trained_on : frozenset of str
        Track ids that the model has seen; such songs are left out, except where the split is
        leaky by intention.

    Raises
    ------
    NothingToMeasure
        There is no test song of the genres, or none that the model was not trained on.
    ModelError
        The model takes clips of another length than the dataset's.
    Interrupted
        The user stopped it.
    """
    description = model.description
    check_fits(description, dataset.settings)
    split_by, data, notes = _test_part(dataset, description, of_genres, trained_on)
    if dataset.name != description.dataset:
        notes += (f"the model was trained on other data ({description.dataset})",)
    notes += tuple(_on_lyrics(dataset, description, data))
    batches = batches_of(data, model.n_together, "evaluate", monitor)
    return Measured(dataset, split_by, data, answers(model, batches), notes)


def _on_lyrics(dataset: Dataset, description: Description, data: WindowDataset) -> Iterator[str]:
    """How many test songs have no lyrics, where the model reads them."""
    if eats_lyrics(description.features):
        songs = {data.clips[number].track_id for number in np.unique(data.clip_numbers).tolist()}
        n_without = len(songs) - len(words_of(dataset, songs))
        if n_without:
            yield f"test songs without lyrics, which the model reads: {n_without} of {len(songs)}"


def _test_part(
    dataset: Dataset, description: Description, of_genres: Sequence[str], trained_on: frozenset[str]
) -> tuple[str, WindowDataset, tuple[str, ...]]:
    """How the test windows were split off, the windows, and what to know of them."""
    folder, specs, genres = dataset.folder, description.features, description.genres
    wanted = [genre for genre in of_genres or genres if genre in genres] if genres else of_genres or None
    chosen = description.recipe.protocol
    if chosen is None or dataset.name != description.dataset:
        split_by = dataset.settings.split_by
        clips = examples(dataset, specs, "test")
        trained_on = frozenset() if is_leaky(split_by) else trained_on
        measurable, notes = _measurable(dataset, description, clips, wanted, trained_on)
        return split_by, WindowDataset(folder, measurable, specs, genres), notes
    protocol = Protocol.from_json(chosen)
    learnt = genres or description.recipe.genres or None
    everything_there = examples(dataset, specs, None)
    clips, notes = _measurable(
        dataset, description, everything_there, learnt, frozenset()
    )  # as in training
    everything = WindowDataset(folder, clips, specs, genres)
    test = parts(clips, everything.n_windows, protocol, dataset.artists).test
    clip_of_window = everything.clip_numbers[test]
    test_clips = [clips[n] for n in np.unique(clip_of_window)]
    trained_on = frozenset() if is_leaky(protocol.split_by) else trained_on
    measurable, more = _measurable(dataset, description, test_clips, wanted, trained_on)
    keys = {clip.key for clip in measurable}
    is_kept = np.array([clips[n].key in keys for n in clip_of_window], bool)
    return protocol.split_by, WindowDataset(folder, clips, specs, genres, test[is_kept]), notes + more


def _measurable(
    dataset: Dataset,
    description: Description,
    clips: Sequence[Example],
    genres: Sequence[str] | None,
    trained_on: frozenset[str],
) -> tuple[list[Example], tuple[str, ...]]:
    """Clips of the genres (None: of all) that the model has not seen, and what was left out."""
    other = sorted({clip.genre for clip in clips} - set(genres)) if genres is not None else []
    seen = {clip.track_id for clip in clips if clip.track_id in trained_on}
    notes = []
    if other:
        notes.append(f"songs of other genres are left out: {', '.join(other)}")
    notes.extend(_left_out(description, clips, seen))
    measurable = [clip for clip in clips if clip.genre not in other and clip.track_id not in seen]
    if not measurable:
        raise _nothing_left(dataset, description, clips, genres)
    return measurable, tuple(notes)


def _nothing_left(
    dataset: Dataset, description: Description, clips: Sequence[Example], genres: Sequence[str] | None
) -> NothingToMeasure:
    """Why no clip is left to measure on."""
    songs = {clip.track_id: clip.genre for clip in clips}
    of_genres = {key for key, genre in songs.items() if genres is None or genre in genres}
    n_of_genres = len(of_genres)
    if not songs:
        return no_test_songs(dataset.name)
    if not n_of_genres:
        others = sorted(set(songs.values()))
        return no_test_songs_of(
            dataset.name, others, description.name, genres or description.genres, len(songs)
        )
    included, known = _included(description)
    if known and of_genres <= known:
        return included_learned_all(dataset.name, description.name, included, n_of_genres)
    base = description.training.get("base") or ""
    return all_test_songs_learnt(dataset.name, description.name, description.dataset, n_of_genres, base)


def _left_out(description: Description, clips: Sequence[Example], seen: set[str]) -> Iterator[str]:
    """How many test songs the model has seen, and where: as it learned, or as what it starts from did."""
    included, known = _included(description) if seen else ("", frozenset())
    if n_known := len(seen & known):
        n_songs = len({clip.track_id for clip in clips})
        yield left_out_as_included_learned(n_known, n_songs, description.name, included)
    if n_own := len(seen - known):
        yield left_out_as_learnt(n_own)


def _included(description: Description) -> tuple[str, frozenset[str]]:
    """The included model that a model is or starts from, and the track ids of the songs it learned."""
    names = (description.name, description.spec.starts_from, description.training.get("base"))
    for model in shipped_models():
        if model.name in names:
            return model.name, training_songs(model.path)
    return "", frozenset()


def scored(model: LoadedModel, measured: Measured, *, seed: int = 0) -> Evaluation:
    """The figures of a model that names genres; intervals by bootstrap over songs."""
    description, data = model.description, measured.data
    by_song = grouped(description, measured, measured.songs)
    fine = _level(description, measured, description.genres, data.labels, _as_they_are, seed)
    parents = None
    if description.depth > 1:
        families = parents_of(description.genres)
        labels = families.of_genre[data.labels]
        parents = _level(description, measured, families.names, labels, families.summed, seed)
    return Evaluation(
        model=description.name,
        dataset=measured.dataset.name,
        split_by=measured.split_by,
        leaky=is_leaky(measured.split_by),
        seed=seed,
        genres=fine.genres,
        per_song=fine.per_song,
        per_clip=fine.per_clip,
        per_window=fine.per_window,
        average_precision=average_precision(data.labels[by_song.first], by_song.probabilities),
        per_genre=fine.per_genre,
        confusion=fine.confusion,
        calibration=fine.calibration,
        n_songs=len(by_song.first),
        notes=measured.notes,
        parents=parents,
        songs=_songs_right(measured, by_song),
    )


def _songs_right(measured: Measured, by_song: Grouped) -> SongsRight:
    is_right = by_song.probabilities.argmax(axis=1) == measured.data.labels[by_song.first]
    key = key_of(measured.songs[by_song.first].tolist(), 16)
    return SongsRight(key, "".join("1" if each else "0" for each in is_right.tolist()))


Probabilities = NDArray[np.float64]


def _as_they_are(probabilities: Probabilities) -> Probabilities:
    return probabilities


def _level(
    description: Description,
    measured: Measured,
    genres: tuple[str, ...],
    labels: NDArray[np.int64],
    of_level: Callable[[Probabilities], Probabilities],
    seed: int,
) -> Level:
    """The figures at one level: windows' true genres (n,), and probabilities as `of_level` gives them."""
    data, songs = measured.data, measured.songs

    def scores_of(groups: NDArray[Any]) -> Scores:
        by_group = grouped(description, measured, groups)
        guess = of_level(by_group.probabilities).argmax(axis=1)
        return scores(labels[by_group.first], guess, songs[by_group.first], len(genres), seed=seed)

    by_song = grouped(description, measured, songs)
    probabilities = of_level(by_song.probabilities)
    truth, guess = labels[by_song.first], probabilities.argmax(axis=1)
    return Level(
        genres,
        per_song=scores_of(songs),
        per_clip=scores_of(data.clip_numbers),
        per_window=scores_of(np.arange(len(data))) if data.n_windows > 1 else None,
        per_genre=per_genre(truth, guess, genres),
        confusion=confusion(truth, guess, len(genres)),
        calibration=calibration(probabilities.max(axis=1), guess == truth),
    )


@dataclass(frozen=True)
class Grouped:
    """Groups of windows: the first window of each, and how likely each genre is by all of them.

    first : np.ndarray [shape=(groups,)]
    probabilities : np.ndarray [shape=(groups, genres)]
    """

    first: NDArray[np.intp]
    probabilities: Probabilities


def grouped(description: Description, measured: Measured, groups: NDArray[Any]) -> Grouped:
    """What a model says of groups of windows, such as songs, by the name of each window's group."""
    logits = measured.answers.logits
    assert logits is not None
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    return Grouped(first, pooled_probabilities(logits, number, description.spec, description.temperature))
