"""Stored arrays to inputs of a network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from groovecli.features.spec import FeatureSpec, ImageSpec

Specs = tuple[FeatureSpec, ...]


Inputs = tuple[Tensor, ...]
"""One tensor a feature."""


def to_inputs(stored: Sequence[Tensor], specs: Specs) -> Inputs:
    """Cached windows to a network's inputs, on the device that holds them.

    Parameters
    ----------
    stored : sequence of Tensor [shape=(batch, *window)]
        One a feature, as `WindowDataset` gives them.

    Returns
    -------
    inputs : tuple of Tensor [shape=(batch, *spec.input_shape), dtype=float32]
    """
    return tuple(
        _to_image(tensor, spec) if isinstance(spec, ImageSpec) else tensor.float()
        for tensor, spec in zip(stored, specs, strict=True)
    )


def _to_image(codes: Tensor, spec: ImageSpec) -> Tensor:
    """Bytes (batch, bands, frames) -> values (batch, 1, bands, frames), scaled as the spec says."""
    if spec.scale == "unit":
        return codes.float().mul_(1 / 255).unsqueeze(1)
    x = codes.float().mul_((spec.high - spec.low) / 255).add_(spec.low)
    if spec.scale == "mean":
        mean = x.mean(dim=(1, 2), keepdim=True)
        x = x / torch.where(mean == 0, torch.ones_like(mean), mean)
    return x.unsqueeze(1)
