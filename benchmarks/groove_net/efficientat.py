"""The published weights of EfficientAT's mn04 as groove has them: with their batch norms folded in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from groovecli.networks import efficientat

_EPSILON = 1e-3


def trunk(path: Path) -> nn.Module:
    """(batch, 1, bands, frames) -> (batch, 384, bands, frames), with the published weights."""
    network = efficientat.trunk().eval()
    give_trunk(network, path)
    return network


@torch.no_grad()
def give_trunk(network: nn.Module, path: Path) -> None:
    """Copy the published weights.

    Raises
    ------
    ValueError
        They are of another network.
    """
    tensors = {name: t for name, t in load_file(path).items() if name.startswith("features.")}
    for target, (name, tensor) in zip(network.state_dict().values(), _folded(tensors), strict=True):
        if target.shape != tensor.shape:
            raise ValueError(f"{name} has shape {tuple(tensor.shape)}, not {tuple(target.shape)}")
        target.copy_(tensor)


def _folded(w: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Weights and biases in the order of the network's layers."""
    for name in sorted(w, key=_order):
        if w[name].ndim == 4:  # a convolution without bias, which a batch norm follows
            norm = name.removesuffix("0.weight") + "1"
            gain = w[f"{norm}.weight"] / torch.sqrt(w[f"{norm}.running_var"] + _EPSILON)
            yield name, w[name] * gain[:, None, None, None]
            yield f"{norm}.bias", w[f"{norm}.bias"] - w[f"{norm}.running_mean"] * gain
        elif ".fc" in name:
            yield name, w[name]


def _order(name: str) -> list[int]:
    """Sorts tensors as a trunk has them: by block, layer, and weight before bias before statistics."""
    words = {"fc1": 0, "fc2": 1, "weight": 0, "bias": 1, "running_mean": 2, "running_var": 3}
    words |= {"num_batches_tracked": 4, "features": 0, "block": -1, "conc_se_layers": -1}
    return [int(part) if part.isdecimal() else words[part] for part in name.split(".")]
