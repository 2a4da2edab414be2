"""`time-cnn` (Smith, "Music Classification With Deep Learning", section 3).

The first kernel is as tall as the image, so that every column, one time step, becomes 20 features;
what follows works along time. No activation stands between the dense layers, as in the author's
code. The embedding is the 256 before the genres.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_PADDING = 2


class TallConv(nn.Conv2d):
    """A convolution whose kernel is (height, 1), computed as one matrix product.

    Equal to nn.Conv2d(1, out, (height, 1), padding=2) to 1e-7 and faster: a kernel that slides
    two rows beyond the image on either side is five kernels over the whole image.
    """

    def __init__(self, out_channels: int, height: int) -> None:
        super().__init__(1, out_channels, (height, 1), padding=_PADDING)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, height, frames) -> (batch, channels, 5, frames + 4)."""
        batch, _, height, frames = x.shape
        kernel = self.weight[:, 0, :, 0]  # (channels, height)
        rows = 2 * _PADDING + 1
        shifted = [self._shifted(kernel, row - _PADDING) for row in range(rows)]
        stacked = torch.stack(shifted, dim=1).reshape(-1, height)  # (channels * 5, height)
        y = torch.matmul(stacked, x[:, 0]).reshape(batch, -1, rows, frames)
        assert self.bias is not None
        return F.pad(y, (_PADDING, _PADDING)) + self.bias[:, None, None]

    @staticmethod
    def _shifted(kernel: Tensor, by: int) -> Tensor:
        """The kernel moved down by `by` rows, what leaves the image cut off."""
        height = kernel.shape[1]
        return F.pad(kernel, (by, -by))[:, :height]


class TimeCNN(nn.Module):
    """The network of the paper, for images of any number of frames.

    Parameters
    ----------
    shapes : ((1, bands, frames),)
        Of the input; the first dense layer follows the frames.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the flattened features dropped in training.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        ((_, n_bands, n_frames),) = shapes
        n_steps = (n_frames + 2 * _PADDING) // 2 // 2
        self.conv1 = TallConv(20, n_bands)
        self.conv2 = nn.Conv2d(20, 40, 5, padding=_PADDING)
        self.norm = nn.BatchNorm2d(40)
        self.dropout = nn.Dropout(dropout)
        self.dense1 = nn.Linear(40 * n_steps, 1024)
        self.dense2 = nn.Linear(1024, 256)
        self.genres = nn.Linear(256, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, 1, bands, frames) -> logits and embedding."""
        made = self.stages(x)
        return Output(logits=made["genres"], embedding=made["dense 2"])

    def stages(self, x: Tensor) -> dict[str, Tensor]:
        """(batch, 1, bands, frames) -> what each layer makes of it; shapes for 323 x 323."""
        conv1 = F.relu(self.conv1(x))  # (B, 20, 5, 327)
        pool1 = F.max_pool2d(conv1, 2)  # (B, 20, 2, 163)
        conv2 = F.relu(self.norm(self.conv2(pool1)))  # (B, 40, 2, 163)
        pool2 = F.max_pool2d(conv2, 2)  # (B, 40, 1, 81)
        dense1 = self.dense1(self.dropout(pool2.flatten(1)))  # (B, 3240) -> (B, 1024)
        dense2 = self.dense2(dense1)  # (B, 256)
        return {
            "convolution 1": conv1,
            "pool 1": pool1,
            "convolution 2": conv2,
            "pool 2": pool2,
            "dense 1": dense1,
            "dense 2": dense2,
            "genres": self.genres(dense2),
        }

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres
