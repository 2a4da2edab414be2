"""The model whose vectors words can be had of: groove-net, or one that was trained on top of it."""

from __future__ import annotations

import numpy as np

from groovecli.actions.context import Context
from groovecli.messages.search import no_words_of_model
from groovecli.models.file import StoredModel, arrays_of
from groovecli.models.loaded import LoadedModel
from groovecli.models.shelf import shipped_model

_INCLUDED = "groove-net"
_OWN = "genres."  # the layer that is trained on top


def fitting_model(context: Context, name: str | None) -> LoadedModel:
    """The model that was asked for, else the one in use if words can be had of it, else the included one.

    Raises
    ------
    ModelError
        There is no such model, or the heads of groove-net's taggers don't fit its vectors.
    """
    stored = context.shelf.find(name, of_files=True)
    if stored.description.name == _INCLUDED:
        return context.loaded(stored)
    included = shipped_model(_INCLUDED)
    if _is_on_top(stored, included):
        return context.loaded(stored)
    if name is not None:
        raise no_words_of_model(stored.description.name)
    return context.loaded(included)


def _is_on_top(model: StoredModel, included: StoredModel) -> bool:
    """Whether all layers below the genres are the included model's, so that vectors mean the same."""
    own, theirs = arrays_of(model.path), arrays_of(included.path)
    return own.keys() == theirs.keys() and all(
        np.array_equal(own[name], array) for name, array in theirs.items() if not name.startswith(_OWN)
    )
