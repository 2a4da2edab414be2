"""The aims of training: the right genre, the network's own input, or both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli.messages.training import network_names_no_genres, network_reconstructs_nothing
from groovecli.networks.output import Output
from groovecli.networks.spec import Hyperparameters, ModelSpec


class Loss(Protocol):
    """What is to become smaller."""

    def __call__(self, output: Output, x: Tensor, labels: Tensor, /, part: float = 1.0) -> Tensor:
        """Output, first input and labels -> the mean loss over the batch.

        Of a `part` of a batch, in (0, 1], it is what the part adds to the mean over all of the batch.
        """


def loss_of(
    row: ModelSpec,
    hyper: Hyperparameters,
    class_weights: Tensor | None = None,
    total: Callable[[Tensor], Tensor] = lambda own: own,
) -> Loss:
    """The loss of a network; class weights make rare genres count as much as common ones.

    The joint loss is w * reconstruction + (1 - w) * cross-entropy (Sawhney et al., equation 3), w
    being `hyper.reconstruction_weight`. `total` sums over all parts of a batch.
    """

    def classify(output: Output, _: Tensor, labels: Tensor, /, part: float = 1.0) -> Tensor:
        if output.logits is None:
            raise network_names_no_genres()
        mean = F.cross_entropy(output.logits.float(), labels, weight=class_weights)
        if class_weights is None or part == 1:
            return mean * part
        own = class_weights[labels].sum()
        return mean * (own / total(own))

    def reconstruct(output: Output, x: Tensor, _: Tensor, /, part: float = 1.0) -> Tensor:
        if output.reconstruction is None:
            raise network_reconstructs_nothing()
        mean = F.mse_loss(output.reconstruction.float(), x) * part
        return mean * x[0].numel() if row.squared_error == "sum" else mean

    def joint(output: Output, x: Tensor, labels: Tensor, /, part: float = 1.0) -> Tensor:
        share = hyper.reconstruction_weight
        return share * reconstruct(output, x, labels, part) + (1 - share) * classify(
            output, x, labels, part
        )

    losses: dict[str, Loss] = {"classify": classify, "reconstruct": reconstruct, "joint": joint}
    return losses[row.objective]


def penalty(model: nn.Module, hyper: Hyperparameters) -> Tensor | None:
    """l1 * sum |w| + l2 * sum w^2 over the weights that a network penalises, or None.

    These are what its `penalised` gives (Lengyel et al.: the dense layers), else the weights of all
    its dense layers.
    """
    if not hyper.l1 and not hyper.l2:
        return None
    chosen = getattr(model, "penalised", None)
    layers = (module.weight for module in model.modules() if isinstance(module, nn.Linear))
    weights = list(chosen()) if chosen else list(layers)
    terms = [hyper.l1 * w.abs().sum() + hyper.l2 * w.square().sum() for w in weights]
    return torch.stack(terms).sum() if terms else None


def balanced_weights(labels: Tensor, n_genres: int) -> Tensor:
    """A weight per genre: each genre has the same total, and the mean over examples is 1."""
    counts = torch.bincount(labels, minlength=n_genres).clamp(min=1).float()
    return len(labels) / (n_genres * counts)
