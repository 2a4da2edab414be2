"""A kind of feature: the class of its specs, its function, its features, and its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.features.recipe import Recipe
from groovecli.features.spec import FeatureSpec, Stored

Extract = Callable[[NDArray[np.float32], Any], Stored]
"""A clip's samples (n,) at the spec's rate, and the spec -> its stored array."""


@dataclass(frozen=True)
class Kind:
    """A kind of feature.

    Parameters
    ----------
    name : str
        What its specs are called by: their `kind`.
    spec : type of FeatureSpec
        The class of its specs.
    extract : function or None
        None where it is not made of sound.
    features : tuple of FeatureSpec
        The features of this kind that networks name.
    recipe : function, optional
        A spec -> how a program without groove makes the feature. A model of a kind without one can't be
        exported, unless the kind is made of nothing in a song's file.
    """

    name: str
    spec: type[FeatureSpec]
    extract: Extract | None
    features: tuple[FeatureSpec, ...]
    recipe: Callable[[Any], Recipe] | None = None
