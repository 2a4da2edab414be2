"""What a report is of: a model, the test windows it was measured on, and their songs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from groovecli.datasets.examples import Example
from groovecli.evaluation.enough import FEWEST_FOR_SCORES
from groovecli.evaluation.measure import Measured
from groovecli.evaluation.neighbours import song_vectors
from groovecli.evaluation.results import Evaluated
from groovecli.features.spec import AudioSpec, FeatureSpec
from groovecli.library.tracks import Track
from groovecli.models.loaded import LoadedModel
from groovecli.models.pooling import pooled_logits, pooled_probabilities
from groovecli.networks.inputs import Inputs, to_inputs
from groovecli.reports.colours import Scheme
from groovecli.reports.plots.scores import Curve


@dataclass(frozen=True)
class Songs:
    """The test songs of a dataset.

    genres : np.ndarray of str [shape=(n,)]
    embeddings : np.ndarray [shape=(n, dim)], of unit length where cosine compares them
    logits, probabilities : np.ndarray [shape=(n, genres)], before the softmax and after it, or None
    """

    genres: NDArray[np.str_]
    embeddings: NDArray[np.float64]
    logits: NDArray[np.float64] | None
    probabilities: NDArray[np.float64] | None


def songs_of(model: LoadedModel, measured: Measured) -> Songs:
    """The test songs, in the order of their ids."""
    data, answers, about = measured.data, measured.answers, model.description
    _, first, number = np.unique(measured.songs, return_index=True, return_inverse=True)
    logits = probabilities = None
    if answers.logits is not None:
        logits = pooled_logits(answers.logits, number, about.spec)
        probabilities = pooled_probabilities(answers.logits, number, about.spec, about.temperature)
    return Songs(
        np.array([data.clips[clip].genre for clip in data.clip_numbers[first]]),
        song_vectors(answers.embeddings, number, about.spec, answers.logits),
        logits,
        probabilities,
    )


def curves(songs: Songs, genres: tuple[str, ...]) -> dict[str, Curve]:
    """Precision over recall of each genre that has a test song; areas of those that have enough."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    assert songs.probabilities is not None
    by_genre = {}
    for genre, probabilities in zip(genres, songs.probabilities.T, strict=True):
        truth = songs.genres == genre
        if truth.any():
            precision, recall, _ = precision_recall_curve(truth, probabilities)
            is_enough = truth.sum() >= FEWEST_FOR_SCORES
            area = float(average_precision_score(truth, probabilities)) if is_enough else None
            by_genre[genre] = Curve(*_steps(recall, precision), area)
    return by_genre


def _steps(
    recall: NDArray[np.float64], precision: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each recall once, and the best precision that it is reached with."""
    levels, number = np.unique(recall, return_inverse=True)
    best = np.zeros(len(levels))
    np.maximum.at(best, number, precision)
    best[0] = best[1]  # at recall 0, where nothing is found yet
    return levels, best


@dataclass(frozen=True)
class Subject:
    """What is drawn, and the seed that chooses examples."""

    model: LoadedModel
    measured: Measured
    songs: Songs
    seed: int

    @classmethod
    def of(cls, evaluated: Evaluated) -> Subject:
        """What was measured."""
        model, measured = evaluated.model, evaluated.measured
        return cls(model, measured, songs_of(model, measured), evaluated.seed)

    @cached_property
    def scheme(self) -> Scheme:
        """The colours of the genres: by the clips that the model learned from, so that all pages agree."""
        about = self.model.description
        sizes = about.data.get("clips_per_genre", {})
        return Scheme.of([*about.genres, *self.songs.genres.tolist()], sizes)

    @property
    def name(self) -> str:
        """The model's."""
        return self.model.description.name

    @property
    def specs(self) -> tuple[FeatureSpec, ...]:
        """The model's input."""
        return self.model.description.features

    @cached_property
    def examples(self) -> NDArray[np.int64]:
        """Numbers of all test windows in random order, but for the first ones: one of each genre."""
        data = self.measured.data
        order = np.random.default_rng(self.seed).permutation(len(data))
        genres = np.array([data.clips[number].genre for number in data.clip_numbers[order]])
        first = np.sort(np.unique(genres, return_index=True)[1])
        return np.concatenate([order[first], np.delete(order, first)])

    @property
    def tracks(self) -> Mapping[str, Sequence[Track]]:
        """The files of the dataset's songs."""
        return self.measured.dataset.tracks

    def clip(self, number: int) -> Example:
        """The clip of a test window."""
        clip: Example = self.measured.data.clips[self.measured.data.clip_numbers[number]]
        return clip

    @cached_property
    def starts(self) -> Mapping[tuple[str, int], float]:
        """Where in its song each clip begins (in seconds), by track id and the clip's number."""
        clips = [item.clip for item in self.measured.dataset.clips]
        return {(clip.track_id, clip.index): clip.start_s for clip in clips}

    def start_s(self, number: int, spec: FeatureSpec) -> float | None:
        """Where in its song a test window begins; None where a dataset without sound can't tell."""
        clip, data = self.clip(number), self.measured.data
        start_s = self.starts.get((clip.track_id, clip.index))
        if start_s is None or not isinstance(spec, AudioSpec):
            return None
        return start_s + spec.first_sample(int(data.windows[number]) % data.n_windows) / spec.sr

    def song(self, number: int) -> str:
        """Artist and title of a test window's song, or its file's name where these are missing."""
        files = self.tracks.get(self.clip(number).track_id)
        if not files:
            return self.clip(number).track_id
        tags, path = files[0].tags, files[0].path
        return f"{tags.artist}: {tags.title}" if tags.artist and tags.title else tags.title or path.stem

    def song_and_genre(self, number: int) -> str:
        """The same, and the song's true genre."""
        return f"{self.song(number)} ({self.clip(number).genre})"

    def inputs(self, numbers: NDArray[np.int64]) -> Inputs:
        """Test windows as the network gets them."""
        stored, _ = self.measured.data.__getitems__(numbers.tolist())
        return to_inputs([tensor.to(self.model.device) for tensor in stored], self.specs)
