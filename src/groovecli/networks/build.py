"""From a network's name to the network."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from torch import nn

from groovecli.networks.registry import model_spec
from groovecli.networks.spec import Shape


def build(
    name: str, shapes: Sequence[Shape], *, n_genres: int = 0, dropout: float | None = None
) -> nn.Module:
    """Build an untrained network.

    Parameters
    ----------
    name : str
        A row of the registry.
    shapes : sequence of shapes
        Shape of each of its inputs, without the batch: a feature's `input_shape`.
    n_genres : int
        Genres to tell apart; ignored by networks that name none.
    dropout : float in [0, 1), optional
        The paper's where it is left out.

    Raises
    ------
    UsageError
        There is no such network.
    ModelError
        It can't take inputs of these shapes.
    """
    spec = model_spec(name)
    module_name, class_name = spec.factory.split(":")
    factory = getattr(importlib.import_module(f"groovecli.networks.{module_name}"), class_name)
    dropout = spec.defaults.dropout if dropout is None else dropout
    network: nn.Module = factory(tuple(shapes), n_genres, dropout)
    return network
