"""Ways of learning genres from few songs, for the benchmark of that: heads on vectors, and a network."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from groovecli.actions.ingest import ingest
from groovecli.audio import read as audio
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.windows import Example, Specs, WindowDataset, examples
from groovecli.features.registry import feature
from groovecli.home import catalog_file
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Track
from groovecli.models import listen as predict
from groovecli.models.file import Description, LoadedModel, build_for
from groovecli.models.pooling import pooled_logits
from groovecli.networks.registry import model_spec
from groovecli.training import transfer
from groovecli.training.loop import LoopOptions, Trainer

NETWORK = "time-cnn"
_DATASET = "default"
_BATCH = 96
_SR = 22050


@dataclass(frozen=True)
class LinearHead:
    """The layer of genres that `groove train --model transfer` fits."""

    head: transfer.Head
    genres: NDArray[Any]

    def predict(self, vectors: NDArray[np.floating]) -> NDArray[Any]:
        """The genre of each song."""
        numbers = (vectors @ self.head.weight.T + self.head.bias).argmax(axis=1)
        return self.genres[numbers]


def fit_head(
    vectors: NDArray[np.floating], genres: NDArray[Any], artists: NDArray[np.str_] | None = None
) -> LinearHead:
    """What `groove train --model transfer` fits to mean embeddings; by default each has its own artist."""
    names, labels = np.unique(genres, return_inverse=True)
    groups = list(map(str, range(len(labels)))) if artists is None else artists.tolist()
    return LinearHead(transfer.fit_head(vectors.astype(float), labels, groups, len(names)), names)


def fit_svm(vectors: NDArray[np.float32], genres: NDArray[np.str_]) -> Pipeline:
    """A support vector machine with a C that is good on the training songs."""
    svm = GridSearchCV(SVC(class_weight="balanced"), {"C": [1, 10, 100]}, cv=3)
    return make_pipeline(StandardScaler(), svm).fit(vectors, genres)


def embeddings(model: LoadedModel, tracks: Sequence[Track], *, jobs: int) -> NDArray[np.float32]:
    """The mean embedding of each song [shape=(n, dim)]."""
    paths = [track.path for track in tracks]
    with tempfile.TemporaryDirectory() as folder, Catalog(Path(folder, "catalog.db")) as catalog:
        found = predict.embed(model, paths, catalog, jobs=jobs)
    vectors = {track.id: vector for track, vector in zip(found.tracks, found.vectors, strict=True)}
    dim = model.description.spec.embedding_dim
    return np.stack([vectors[track.id][:dim] for track in tracks])


def mfccs(path: Path) -> NDArray[np.float32]:
    """Means and deviations of a song's 20 MFCCs and their first and second slopes [shape=(120,)]."""
    import librosa

    mfcc = librosa.feature.mfcc(y=audio.load(path, sr=_SR, length_s=60), sr=_SR, n_mfcc=20)
    frames = np.vstack([mfcc, librosa.feature.delta(mfcc), librosa.feature.delta(mfcc, order=2)])
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1)]).astype(np.float32)


@contextmanager
def spectrograms(music: Path, genres: tuple[str, ...], *, jobs: int) -> Iterator[list[Example]]:
    """Every clip of some genres, its spectrogram cached below a home of groove's that is temporary."""
    with tempfile.TemporaryDirectory() as home, mock.patch.dict(os.environ, GROOVE_HOME=home):
        with Catalog(catalog_file()) as catalog:
            ingest(catalog, IngestRequest(music, genres=genres, insist=True), jobs=jobs)
            clips = examples(catalog, _DATASET, _specs(), None)
        yield clips


def learn_and_guess(
    clips: Sequence[Example],
    ids: Sequence[str],
    minutes: float,
    seed: int,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> NDArray[np.str_]:
    """Train for the paper's epochs, but no longer than some minutes, and name the test songs' genres.

    Parameters
    ----------
    clips : sequence of Example
        What `spectrograms` gives, inside of it.
    ids : sequence of str
        Track ids of the songs, which `train` and `test` number.
    """
    learnt = {ids[i] for i in train}
    chosen = [clip for clip in clips if clip.track_id in learnt]
    genres = tuple(sorted({clip.genre for clip in chosen}))
    model = _trained(WindowDataset(_DATASET, chosen, _specs(), genres), genres, minutes, seed)
    number = {ids[i]: position for position, i in enumerate(test)}
    heard = [clip for clip in clips if clip.track_id in number]
    batches = WindowDataset(_DATASET, heard, _specs(), genres).loader(_BATCH)
    said = predict.answers(model, (inputs for inputs, _ in batches))
    assert said.logits is not None
    group = np.array([number[clip.track_id] for clip in heard])
    pooled = pooled_logits(said.logits, group, model.description.spec)
    guessed: NDArray[np.str_] = np.array(genres)[pooled.argmax(axis=1)]
    return guessed


def _specs() -> Specs:
    return tuple(feature(name) for name in model_spec(NETWORK).features)


def _trained(data: WindowDataset, genres: tuple[str, ...], minutes: float, seed: int) -> LoadedModel:
    """Few songs are too few to hold some out: the last epoch is kept."""
    torch.manual_seed(seed)
    row, device = model_spec(NETWORK), torch.device("cpu")
    hyper = row.defaults
    description = Description(
        NETWORK, NETWORK, data.specs, genres, hyper.dropout, created="", dataset=_DATASET, split_by="artist"
    )
    nothing = WindowDataset(_DATASET, [], data.specs, genres)
    network = build_for(description).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = Trainer(network, row, data, nothing, hyper, LoopOptions(seed), device, len(genres))
    for _ in trainer.epochs(limit_s=60 * minutes):
        pass
    return LoadedModel(description, trainer.finish(), device, NETWORK)
