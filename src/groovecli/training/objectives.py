"""What a network is trained towards: the right genre, or its own input."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from groovecli.errors import ModelError
from groovecli.models.catalog import Objective
from groovecli.models.output import Output

Loss = Callable[[Output, Tensor, Tensor], Tensor]
"""(output, input, labels) -> mean loss over the batch."""


def loss_of(objective: Objective, class_weights: Tensor | None = None) -> Loss:
    """The loss of an objective; class weights make rare genres count as much as common ones."""

    def classify(output: Output, _: Tensor, labels: Tensor) -> Tensor:
        if output.logits is None:
            raise ModelError("this network names no genres")
        return F.cross_entropy(output.logits.float(), labels, weight=class_weights)

    def reconstruct(output: Output, x: Tensor, _: Tensor) -> Tensor:
        if output.reconstruction is None:
            raise ModelError("this network reconstructs nothing")
        return F.mse_loss(output.reconstruction.float(), x)

    return classify if objective == "classify" else reconstruct


def balanced_weights(labels: Tensor, n_genres: int) -> Tensor:
    """A weight a genre, so that each has the same in all and the mean over examples is 1."""
    counts = torch.bincount(labels, minlength=n_genres).clamp(min=1).float()
    return len(labels) / (n_genres * counts)
