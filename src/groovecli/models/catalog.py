"""Every network there is, as rows; nothing here imports torch."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Literal

from groovecli.errors import UsageError

Objective = Literal["classify", "reconstruct"]


@dataclass(frozen=True)
class Hyperparameters:
    """How a network is trained; a row's defaults are its paper's.

    Raises
    ------
    UsageError
        A value makes no sense.
    """

    optimizer: Literal["sgd", "adam"]
    learning_rate: float
    batch_size: int
    epochs: int
    momentum: float = 0.0
    weight_decay: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        wrong = {
            "optimizer": self.optimizer not in ("sgd", "adam"),
            "learning_rate": not 0 < self.learning_rate < math.inf,
            "batch_size": self.batch_size < 1,
            "epochs": self.epochs < 1,
            "momentum": not 0 <= self.momentum < 1,
            "weight_decay": not 0 <= self.weight_decay < math.inf,
            "dropout": not 0 <= self.dropout < 1,
        }
        for name in (name for name, is_wrong in wrong.items() if is_wrong):
            raise UsageError(f"--{name.replace('_', '-')} {getattr(self, name)} makes no sense")


@dataclass(frozen=True)
class ModelSpec:
    """A network: what it eats, what it learns, how its paper trained it.

    `factory` is "module:class" below groovecli.models; `similarity` says how its embeddings are
    compared.
    """

    name: str
    summary: str
    paper: str
    features: tuple[str, ...]
    objective: Objective
    embedding_dim: int
    similarity: Literal["cosine", "euclidean"]
    factory: str
    defaults: Hyperparameters

    @property
    def has_genres(self) -> bool:
        """Whether it can name a genre."""
        return self.objective == "classify"


MODELS: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="time-cnn",
            summary="convolution along time over 323 mel bands; names genres",
            paper="Smith: Music Classification With Deep Learning",
            features=("mel-323",),
            objective="classify",
            embedding_dim=256,
            similarity="cosine",
            factory="time_cnn:TimeCNN",
            defaults=Hyperparameters(
                "sgd", learning_rate=0.001, batch_size=30, epochs=100, momentum=0.9, dropout=0.2
            ),
        ),
        ModelSpec(
            name="conv-autoencoder",
            summary="squeezes spectrograms into 64 numbers; needs no genres",
            paper="Bertrand & Friedland: Autogroove",
            features=("spec-256",),
            objective="reconstruct",
            embedding_dim=64,
            similarity="euclidean",
            factory="conv_autoencoder:ConvAutoencoder",
            defaults=Hyperparameters("adam", learning_rate=0.001, batch_size=64, epochs=22),
        ),
    )
}


def model_spec(name: str) -> ModelSpec:
    """The row of the network called `name`.

    Raises
    ------
    UsageError
        There is no such network; the nearest name is said.
    """
    if name not in MODELS:
        near = difflib.get_close_matches(name, MODELS, 1)
        raise UsageError(
            f"there is no network {name!r}; there are: {', '.join(MODELS)}",
            f"did you mean {near[0]!r}?" if near else "",
        )
    return MODELS[name]
