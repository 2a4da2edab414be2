"""Mel bands as another source would have them, made anew for each batch: tone, hiss, pitch, gaps."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

_FLOOR_DB = -80.0
_GONE_DB = -100.0


def unit(x: Tensor) -> Tensor:
    """Decibels (batch, bands, frames) relative to each image's maximum, 80 dB moved to [0, 1]."""
    return 1 - (x - x.amax(dim=(1, 2), keepdim=True)).clamp(min=_FLOOR_DB) / _FLOOR_DB


def augmented(x: Tensor) -> Tensor:
    """Images in dB (batch, bands, frames) -> images in [0, 1], each changed in its own way."""
    x = x - x.amax(dim=(1, 2), keepdim=True)
    return _masked(unit(_transposed(_low_passed(_noisy(_equalised(x))))))


def _chance(x: Tensor, share: float) -> Tensor:
    return torch.rand(len(x)) < share


def _equalised(x: Tensor) -> Tensor:
    curve = F.interpolate(1.5 * torch.randn(len(x), 1, 6), x.shape[1], mode="linear", align_corners=True)
    return x + (curve[:, 0] * _chance(x, 0.6)[:, None])[:, :, None]


def _noisy(x: Tensor) -> Tensor:
    level = -30 - 35 * torch.rand(len(x)) - 60 * ~_chance(x, 0.4)
    tilt = torch.linspace(0, 1, x.shape[1]) * (30 * torch.rand(len(x), 1) - 20)
    noise = (level[:, None] + tilt)[:, :, None]
    return 10 * torch.log10(10 ** (x / 10) + 10 ** (noise / 10))


def _low_passed(x: Tensor) -> Tensor:
    n = x.shape[1]
    cut = torch.where(_chance(x, 0.15), torch.randint(60, n, (len(x),)), n)
    return torch.where((torch.arange(n) < cut[:, None])[:, :, None], x, _GONE_DB)


def _transposed(x: Tensor) -> Tensor:
    """Up or down by up to two bands."""
    n = x.shape[1]
    bands = (torch.arange(n) + torch.randint(-2, 3, (len(x), 1))).clamp(0, n - 1)
    return x.gather(1, bands[:, :, None].expand_as(x))


def _masked(x: Tensor) -> Tensor:
    """Two gaps along frequency and two along time."""
    for _ in range(2):
        x = x.masked_fill(_gap(x, 1, 6)[:, :, None], 0.5)
        x = x.masked_fill(_gap(x, 2, 21)[:, None, :], 0.5)
    return x


def _gap(x: Tensor, dim: int, widest: int) -> Tensor:
    n = x.shape[dim]
    first, width = torch.randint(0, n, (len(x), 1)), torch.randint(0, widest, (len(x), 1))
    place = torch.arange(n)
    return (place >= first) & (place < first + width)
