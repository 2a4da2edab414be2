"""A world in small for tests of what comes after ingest: tones, a home, a dataset, a trained model."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from groovecli.actions import ingest, train
from groovecli.actions.context import Context
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.intake import IngestRequest
from groovecli.features.registry import feature
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.models.devices import choose_device
from groovecli.models.file import Description, StoredModel
from groovecli.models.loaded import LoadedModel, Ready, load_model
from groovecli.models.weights import build_for, save_model
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.registry import model_spec
from groovecli.training.request import TrainRequest
from groovecli.training.result import TrainResult
from tests.conftest import write_song

LOW_AND_HIGH = {"low": 200.0, "high": 2000.0}
QUICK = TrainRequest(
    hyper={"epochs": 8, "batch_size": 4, "optimizer": "adam", "learning_rate": 1e-4}, name="quick"
)


@dataclass(frozen=True)
class World:
    """A library below `root`, its catalogue, and what was trained on it."""

    root: Path
    home: Home
    catalog: Catalog

    @property
    def library(self) -> Path:
        return self.root / "library"

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """Whatever other world was made since, its home is groove's."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GROOVE_HOME", str(self.root / "home"))
            yield

    def train(
        self,
        request: TrainRequest = QUICK,
        *,
        resume: bool = False,
        monitor: Monitor = SILENT,
        **changes: object,
    ) -> TrainResult:
        request = replace(request, **changes)
        return train.run(request, self.context(monitor=monitor), resume=resume, overwrite=True)

    def ingest(self, **changes: object) -> ingest.IngestResult:
        request = IngestRequest(self.library, clip_s=3.0)
        return ingest.run(replace(request, **changes), self.context())

    def context(self, **changes: object) -> Context:
        """What an action needs, with this world's home and catalogue."""
        context = Context(self.home, **{"jobs": 1, "device": "cpu", **changes})
        context.__dict__["catalog"] = self.catalog
        return context

    def dataset(self, name: str = "default") -> Dataset:
        """A dataset as it is now."""
        return open_dataset(self.catalog, self.home, name)


@contextmanager
def world(root: Path, genres: Mapping[str, float] = LOW_AND_HIGH, n_songs: int = 6) -> Iterator[World]:
    """A library of tones of 12 s, one pitch a genre, and a home of groove's with an empty catalogue."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GROOVE_")]:
            patch.delenv(name)
        patch.setenv("GROOVE_HOME", str(root / "home"))
        add_songs(root / "library", genres, n_songs)
        home = Home(root / "home")
        with Catalog(home.catalog) as catalog:
            yield World(root, home, catalog)


def add_songs(library: Path, genres: Mapping[str, float], n_songs: int = 6) -> None:
    for number, (genre, hz) in enumerate(genres.items()):
        for song in range(n_songs):
            seed = 100 * number + song
            write_song(library / genre / f"{song}.wav", 12, sr=8000, hz=hz * (1 + song / 50), seed=seed)


WORDS = {"low": "dark night river cold", "high": "bright morning sun warm"}


def add_lyrics(library: Path, *, without: int = 0, words: Mapping[str, str] = WORDS) -> None:
    """Text files beside the songs of a library, but for the last `without` of each genre."""
    for genre, line in words.items():
        songs = sorted((library / genre).glob("*.wav"))
        for song in songs[: len(songs) - without]:
            song.with_suffix(".txt").write_text(f"{line} love\n{line}\n")


def loaded(result: TrainResult | StoredModel) -> LoadedModel:
    return load_model(StoredModel(result.path, result.description), choose_device("cpu"))


def with_network(model: LoadedModel, network: torch.nn.Module) -> LoadedModel:
    """The same model with another network in it."""
    return replace(model, weights=Ready(network, model.device))


class Stopper(Monitor):
    """Asks to stop once `stage` has come to step `at`."""

    def __init__(self, stage: str, at: int) -> None:
        self.stage, self.at = stage, at
        self.is_hit = False

    def progress(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002
        self.is_hit = self.is_hit or (stage.startswith(self.stage) and done >= self.at)

    @property
    def stopped(self) -> bool:
        return self.is_hit


def describing(
    network: str = "time-cnn",
    *,
    name: str = "some",
    genres: tuple[str, ...] = ("high", "low"),
    created: str = "2026-01-02T03:04:05+00:00",
    clip_s: float = 30.0,
) -> Description:
    """What a model file says of a network that was never trained."""
    specs = tuple(feature(each, clip_s) for each in model_spec(network).features)
    return Description(
        name, network, specs, genres, dropout=0.2, created=created, dataset="default", split_by="song"
    )


def untrained(path: Path, description: Description) -> StoredModel:
    """Write a model file with the weights of a network that was never trained."""
    torch.manual_seed(0)
    save_model(path, build_for(description), description)
    return StoredModel(path, description)
