"""What a model's header says of its training, by name; the one module that knows the header's keys.

The header's sections stay as they were written, so that a model file of another version of groove loses
nothing when it is written again; what they lack is None, or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from groovecli.networks.spec import Hyperparameters


@dataclass(frozen=True)
class LearntFrom:
    """The songs that a model learnt from: the header's section `data`."""

    values: Mapping[str, Any]

    @property
    def is_leaky(self) -> bool:
        """Whether pieces of one song stood in training and in test."""
        return bool(self.values.get("leaky"))

    @property
    def source(self) -> str:
        """Where the dataset's songs came from: a name of the registry of sources, "" in older headers."""
        return str(self.values.get("source") or "")

    @property
    def depth(self) -> int:
        """Levels of the genres: 2 where they are named `parent/child`."""
        return 2 if self.values.get("depth") == 2 else 1

    @property
    def n_songs(self) -> Mapping[str, int]:
        """How many songs there were on each side."""
        songs: Mapping[str, int] = self.values.get("songs") or {}
        return songs

    @property
    def draw(self) -> Mapping[str, Any] | None:
        """What an epoch drew of each genre, as `messages.words.drawn` takes it; None where it saw all."""
        return self.values.get("draw")

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that a published tagger learnt, in the order of their numbers."""
        return tuple(self.values.get("tags") or ())


@dataclass(frozen=True)
class Recipe:
    """How a model was trained: the header's section `training`."""

    values: Mapping[str, Any]

    @property
    def hyper(self) -> dict[str, Any]:
        """The hyperparameters that it was trained with."""
        known = {f.name: self.values[f.name] for f in fields(Hyperparameters) if f.name in self.values}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}

    @property
    def genres(self) -> tuple[str, ...]:
        """The genres that were asked for; empty where all of the dataset's were."""
        return tuple(self.values.get("genres") or ())

    @property
    def protocol(self) -> Mapping[str, Any] | None:
        """How the dataset's clips were split again, as plain values; None if they were not."""
        return self.values.get("protocol")

    @property
    def validation_by(self) -> str | None:
        """How validation songs were held out; None where as the dataset is split."""
        return self.values.get("validation_by")

    @property
    def has_lyrics(self) -> bool:
        """Whether a network that reads lyrics got them."""
        return bool(self.values.get("lyrics", True))

    @property
    def is_half(self) -> bool:
        """Whether its weights are stored as float16."""
        return bool(self.values.get("half"))

    @property
    def source(self) -> str:
        """Where published weights are from."""
        return str(self.values.get("source") or "")

    def chosen(self, *names: str) -> dict[str, Any]:
        """The settings of these names that the header has."""
        return {name: self.values[name] for name in names if name in self.values}


@dataclass(frozen=True)
class Figures:
    """How well a model did in training: the header's section `metrics`."""

    values: Mapping[str, Any]

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights were kept."""
        return self.values.get("best_epoch")

    @property
    def validation_accuracy(self) -> float | None:
        """Share of the songs held out that were right, in [0, 1]."""
        return self.values.get("validation_accuracy")

    @property
    def validation_loss(self) -> float | None:
        """Mean loss of the songs held out."""
        return self.values.get("validation_loss")

    @property
    def validation_by(self) -> str | None:
        """How these songs were held out."""
        return self.values.get("validation_by")

    @property
    def published(self) -> tuple[float, float]:
        """ROC-AUC and PR-AUC over tags, as the authors of published weights report them."""
        return self.values["roc_auc"], self.values["pr_auc"]
