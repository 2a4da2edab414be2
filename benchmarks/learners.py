"""Ways of learning genres from few songs, for the benchmark of that: heads on vectors, and a network."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from groovecli.actions import ingest
from groovecli.actions.context import Context
from groovecli.actions.embed import embed
from groovecli.audio.read import load
from groovecli.datasets.dataset import open_dataset
from groovecli.datasets.examples import Example, examples
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.windows import WindowDataset
from groovecli.features.registry import feature
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Track
from groovecli.models.answers import answers, batches_of
from groovecli.models.file import Description
from groovecli.models.loaded import LoadedModel, Ready
from groovecli.models.pooling import pooled_logits
from groovecli.models.weights import build_for
from groovecli.monitor import SILENT
from groovecli.networks.inputs import Specs
from groovecli.networks.registry import model_spec
from groovecli.training import head
from groovecli.training.loop import LoopOptions, Trainer

NETWORK = "time-cnn"
_DATASET = "default"
_BATCH = 96
_SR = 22050


@dataclass(frozen=True)
class LinearHead:
    """The layer of genres that `groove train --model transfer` fits."""

    head: head.Head
    genres: NDArray[Any]

    def predict(self, vectors: NDArray[np.floating]) -> NDArray[Any]:
        """The genre of each song."""
        numbers = (vectors @ self.head.weight.T + self.head.bias).argmax(axis=1)
        names: NDArray[Any] = self.genres[numbers]
        return names


def fit_head(
    vectors: NDArray[np.floating], genres: NDArray[Any], artists: NDArray[np.str_] | None = None
) -> LinearHead:
    """What `groove train --model transfer` fits to mean embeddings; by default each has its own artist."""
    names, labels = np.unique(genres, return_inverse=True)
    groups = list(map(str, range(len(labels)))) if artists is None else artists.tolist()
    return LinearHead(head.fit_head(vectors.astype(float), labels, groups, len(names)), names)


def fit_svm(vectors: NDArray[np.float32], genres: NDArray[Any]) -> Pipeline:
    """A support vector machine with a C that is good on the training songs."""
    svm = GridSearchCV(SVC(class_weight="balanced"), {"C": [1, 10, 100]}, cv=3)
    return make_pipeline(StandardScaler(), svm).fit(vectors, genres)


def embeddings(model: LoadedModel, tracks: Sequence[Track], *, jobs: int) -> NDArray[np.float32]:
    """The mean embedding of each song [shape=(n, dim)]."""
    paths = [track.path for track in tracks]
    with tempfile.TemporaryDirectory() as folder, Catalog(Path(folder, "catalog.db")) as catalog:
        found = embed(model, paths, catalog, jobs=jobs)
    vectors = {track.id: vector for track, vector in zip(found.tracks, found.vectors, strict=True)}
    dim = model.description.spec.embedding_dim
    return np.stack([vectors[track.id][:dim] for track in tracks])


def mfccs(path: Path) -> NDArray[np.float32]:
    """Means and deviations of a song's 20 MFCCs and their first and second slopes [shape=(120,)]."""
    import librosa

    mfcc = librosa.feature.mfcc(y=load(path, sr=_SR, length_s=60), sr=_SR, n_mfcc=20)
    frames = np.vstack([mfcc, librosa.feature.delta(mfcc), librosa.feature.delta(mfcc, order=2)])
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1)]).astype(np.float32)


@dataclass(frozen=True)
class Spectrograms:
    """Clips, and the folder that has their spectrograms."""

    folder: Path
    clips: Sequence[Example]

    def of(self, songs: Container[str], genres: tuple[str, ...]) -> WindowDataset:
        """The clips of some songs, by track id, with their genres' numbers."""
        chosen = [clip for clip in self.clips if clip.track_id in songs]
        return WindowDataset(self.folder, chosen, _specs(), genres)


@contextmanager
def spectrograms(music: Path, genres: tuple[str, ...], *, jobs: int) -> Iterator[Spectrograms]:
    """Every clip of some genres, its spectrogram cached below a home of groove's that is temporary."""
    with tempfile.TemporaryDirectory() as home, Context(Home(Path(home)), jobs=jobs) as context:
        ingest.run(IngestRequest(music, genres=genres, insist=True), context)
        dataset = open_dataset(context.catalog, context.home, _DATASET)
        yield Spectrograms(dataset.folder, examples(dataset, _specs(), None))


def learn_and_guess(
    heard: Spectrograms,
    ids: Sequence[str],
    minutes: float,
    seed: int,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> NDArray[np.str_]:
    """Train for the paper's epochs, but no longer than some minutes, and name the test songs' genres.

    Parameters
    ----------
    heard : Spectrograms
        What `spectrograms` gives, inside of it.
    ids : sequence of str
        Track ids of the songs, which `train` and `test` number.
    """
    learnt = {ids[i] for i in train}
    genres = tuple(sorted({clip.genre for clip in heard.clips if clip.track_id in learnt}))
    model = _trained(heard.of(learnt, genres), heard.of((), genres), genres, minutes, seed)
    number = {ids[i]: position for position, i in enumerate(test)}
    asked = heard.of(number, genres)
    said = answers(model, batches_of(asked, _BATCH, "", SILENT))
    assert said.logits is not None
    group = np.array([number[clip.track_id] for clip in asked.clips])
    pooled = pooled_logits(said.logits, group, model.description.spec)
    guessed: NDArray[np.str_] = np.array(genres)[pooled.argmax(axis=1)]
    return guessed


def _specs() -> Specs:
    return tuple(feature(name) for name in model_spec(NETWORK).features)


def _trained(
    data: WindowDataset, nothing: WindowDataset, genres: tuple[str, ...], minutes: float, seed: int
) -> LoadedModel:
    """Few songs are too few to hold some out: the last epoch is kept."""
    torch.manual_seed(seed)
    row, device = model_spec(NETWORK), torch.device("cpu")
    hyper = row.defaults
    description = Description(
        NETWORK, NETWORK, data.specs, genres, hyper.dropout, created="", dataset=_DATASET, split_by="artist"
    )
    network = build_for(description).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = Trainer(network, row, data, nothing, hyper, LoopOptions(seed), device, len(genres))
    for _ in trainer.epochs(limit_s=60 * minutes):
        pass
    return LoadedModel(description, Ready(trainer.finish(), device), NETWORK)
