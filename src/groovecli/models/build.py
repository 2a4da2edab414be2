"""From a network's name to the network."""

from __future__ import annotations

import importlib

from torch import nn

from groovecli.models.catalog import model_spec


def build(
    name: str, *, n_genres: int = 0, n_bands: int = 0, n_frames: int = 0, dropout: float | None = None
) -> nn.Module:
    """Build an untrained network.

    Parameters
    ----------
    name : str
        A row of the catalogue.
    n_genres : int
        Genres to tell apart; ignored by networks that name none.
    n_bands, n_frames : int
        Size of an input image; 0 is the paper's.
    dropout : float in [0, 1), optional
        The paper's where it is left out.

    Raises
    ------
    UsageError
        There is no such network.
    """
    spec = model_spec(name)
    module_name, class_name = spec.factory.split(":")
    factory = getattr(importlib.import_module(f"groovecli.models.{module_name}"), class_name)
    sizes = {key: n for key, n in (("n_bands", n_bands), ("n_frames", n_frames)) if n}
    genres = {"n_genres": n_genres} if spec.has_genres else {}
    dropout = spec.defaults.dropout if dropout is None else dropout
    network: nn.Module = factory(**genres, **sizes, dropout=dropout)
    return network
