"""Layers that networks of more than one family share."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  # noqa: N812
from torch import Tensor, nn

_BLOCK = 16  # frames that one product gives


N_MIDDLE = 64
EPSILON = 1e-3  # TensorFlow's


class Branch(nn.Module):
    """A convolution over an image of bands; of each filter, its value at its strongest band.

    Images are padded in time alone, an even kernel's odd frame at the end, as TensorFlow does.
    """

    def __init__(self, n_filters: int, n_frames: int, n_bands: int) -> None:
        super().__init__()
        self.before, self.after = (n_frames - 1) // 2, n_frames // 2
        self.convolution = nn.Conv2d(1, n_filters, (n_frames, n_bands))
        self.norm = nn.BatchNorm2d(n_filters, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, frames, bands) -> (batch, filters, frames)."""
        # What comes after rises with the convolution, or falls where the gain is negative, so it can wait.
        sign = self.norm.weight.sign()
        of = self.convolution
        assert of.bias is not None
        weight = of.weight * sign[:, None, None, None]
        if of.kernel_size[1] == 1:
            y = _along_time(x[:, 0], weight[:, 0, :, 0], self.before)
        else:
            y = F.conv2d(F.pad(x, (0, 0, self.before, self.after)), weight).amax(dim=3)
        strongest: Tensor = self.norm(F.relu(y * sign[:, None] + of.bias[:, None])[..., None])[..., 0]
        return strongest


def _along_time(x: Tensor, kernels: Tensor, before: int) -> Tensor:
    """Values of kernels along time (filters, length) at their strongest band.

    16 frames at a time are one matrix product, of all kernels at 16 places: for kernels of one band
    PyTorch's own convolution takes three times as long.

    (batch, frames, bands) -> (batch, filters, frames)
    """
    n_filters, length = kernels.shape
    n_frames = x.shape[1]
    n_blocks = -(-n_frames // _BLOCK)
    after = n_blocks * _BLOCK + length - 1 - before - n_frames
    padded = F.pad(x, (0, 0, before, after))
    blocks = padded.unfold(1, length + _BLOCK - 1, _BLOCK)  # (B, blocks, bands, frames that count)
    placed = torch.stack([F.pad(kernels, (i, _BLOCK - 1 - i)) for i in range(_BLOCK)], dim=1)
    y = (placed.flatten(0, 1) @ blocks.mT).amax(dim=3)  # (B, blocks, filters * 16)
    apart = y.reshape(-1, n_blocks, n_filters, _BLOCK).transpose(1, 2)
    return apart.flatten(2)[..., :n_frames]


class Middle(nn.Module):
    """A convolution of 7 frames along time."""

    def __init__(self, n_in: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(n_in, N_MIDDLE, 7, padding=3)
        self.norm = nn.BatchNorm1d(N_MIDDLE, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, n_in, frames) -> (batch, 64, frames)."""
        y: Tensor = self.norm(F.relu(self.convolution(x)))
        return y


class LastStep(nn.Module):
    """LSTMs one on the other, of which the top one's last step counts.

    The forget gates start open, with a bias of 1, as in TensorFlow and Keras, which the papers
    used: half closed, as PyTorch's start, they forget all but the last few of 300 steps.
    """

    def __init__(self, n_in: int, n_hidden: int, n_layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n_in, n_hidden, n_layers, batch_first=True)
        with torch.no_grad():
            for layer in range(n_layers):
                # PyTorch adds two biases, each with its four gates in a row: in, forget, cell, out.
                getattr(self.lstm, f"bias_ih_l{layer}")[n_hidden : 2 * n_hidden] = 1.0
                getattr(self.lstm, f"bias_hh_l{layer}")[n_hidden : 2 * n_hidden] = 0.0

    def forward(self, x: Tensor) -> Tensor:
        """(batch, steps, n_in) -> (batch, n_hidden)."""
        steps, _ = self.lstm(x)
        last: Tensor = steps[:, -1]
        return last
