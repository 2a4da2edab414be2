"""Output: the result of every network, any of four things."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Output(NamedTuple):
    """A network's output for a batch.

    logits : Tensor [shape=(batch, genres)], before the softmax
    embedding : Tensor [shape=(batch, dim)]
    reconstruction : Tensor [shape of the input]
    tags : Tensor [shape=(batch, tags)], the probability of each, of which several may hold
    """

    logits: Tensor | None = None
    embedding: Tensor | None = None
    reconstruction: Tensor | None = None
    tags: Tensor | None = None
