"""groove's own network: a small MobileNetV3 over 10 s of mel bands.

Its trunk has the shape of EfficientAT's `mn04_as` (Schmid, Koutini & Widmer, "Efficient Large-Scale
Audio Tagging via Transformer-to-CNN Knowledge Distillation", 2023), so that it can start from those
weights; input, pooling, embedding and genres are groove's. What it learnt, and from what, is in the
model card of `groove-net`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import torch
from torch import Tensor, nn

from groovecli.errors import ModelError
from groovecli.models.output import Output
from groovecli.models.spec import Shape

EMBEDDING_DIM = 256
_TRUNK_DIM = 384
# Channels in, expanded and out; kernel, stride, activation, and the squeezed width (0: none).
_BLOCKS = (
    (8, 8, 8, 3, 1, nn.ReLU, 0),
    (8, 24, 16, 3, 2, nn.ReLU, 0),
    (16, 32, 16, 3, 1, nn.ReLU, 0),
    (16, 32, 16, 5, 2, nn.ReLU, 8),
    (16, 48, 16, 5, 1, nn.ReLU, 16),
    (16, 48, 16, 5, 1, nn.ReLU, 16),
    (16, 96, 32, 3, 2, nn.Hardswish, 0),
    (32, 80, 32, 3, 1, nn.Hardswish, 0),
    (32, 72, 32, 3, 1, nn.Hardswish, 0),
    (32, 72, 32, 3, 1, nn.Hardswish, 0),
    (32, 192, 48, 3, 1, nn.Hardswish, 48),
    (48, 272, 48, 3, 1, nn.Hardswish, 72),
    (48, 272, 64, 5, 2, nn.Hardswish, 72),
    (64, 384, 64, 5, 1, nn.Hardswish, 96),
    (64, 384, 64, 5, 1, nn.Hardswish, 96),
)
# [0, 1] is 80 dB, in nepers; then as the weights to start from had it: (ln power + 4.5) / 5.
_INPUT_SCALE, _INPUT_OFFSET = 3.684, -1.5


class GrooveNet(nn.Module):
    """Mel bands of 10 s to 256 numbers, and from these the genres.

    Parameters
    ----------
    shapes : ((1, bands, frames),)
        Of the input, whose values are in [0, 1].
    n_genres : int
        Outputs; with 0 it gives embeddings alone.
    dropout : float in [0, 1)
        Share of the embedding dropped before the genres, in training.

    Raises
    ------
    ModelError
        The input is no image.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        if len(shapes) != 1 or len(shapes[0]) != 3:
            raise ModelError(f"groove-net eats one image, not {shapes}")
        self.trunk = nn.Sequential(*_trunk())
        self.embed = nn.Sequential(
            nn.BatchNorm1d(2 * _TRUNK_DIM),
            nn.Linear(2 * _TRUNK_DIM, EMBEDDING_DIM),
            nn.BatchNorm1d(EMBEDDING_DIM),
            nn.ReLU(),
            nn.BatchNorm1d(EMBEDDING_DIM, affine=False),
        )
        self.keeps_statistics = True
        """Whether BatchNorm's stay as they are in training: those of a user's few songs would be worse."""
        self.dropout = nn.Dropout(dropout)
        self.genres = nn.Linear(EMBEDDING_DIM, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, 1, bands, frames) -> logits and embedding (batch, 256)."""
        maps = self.trunk(x * _INPUT_SCALE + _INPUT_OFFSET).float()
        embedding = self.embed(torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1))
        return Output(logits=self.genres(self.dropout(embedding)), embedding=embedding)

    def train(self, mode: bool = True) -> Self:
        """As PyTorch's, but for statistics that are to be kept."""
        super().train(mode)
        if self.keeps_statistics:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                    module.eval()
        return self

    def head(self) -> nn.Linear:
        """The layer with one row a genre."""
        return self.genres


def _trunk() -> Iterator[nn.Module]:
    yield _convolution(1, 8, 3, stride=2, activation=nn.Hardswish)
    for number, (n_in, n_wide, n_out, kernel, stride, activation, n_squeezed) in enumerate(_BLOCKS):
        layers: list[nn.Module] = []
        if number:  # the first block is not wider inside
            layers.append(_convolution(n_in, n_wide, 1, activation=activation))
        layers.append(
            _convolution(n_wide, n_wide, kernel, stride=stride, groups=n_wide, activation=activation)
        )
        if n_squeezed:
            layers.append(_Excitation(n_wide, n_squeezed))
        layers.append(_convolution(n_wide, n_out, 1))
        block = nn.Sequential(*layers)
        yield _Residual(block) if stride == 1 and n_in == n_out else block
    yield _convolution(_BLOCKS[-1][2], _TRUNK_DIM, 1, activation=nn.Hardswish)


def _convolution(
    n_in: int,
    n_out: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] = nn.Identity,
) -> nn.Sequential:
    convolution = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(n_out, eps=1e-3), activation())


class _Excitation(nn.Module):
    """Each channel times how much it matters in this window."""

    def __init__(self, n_channels: int, n_squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(n_channels, n_squeezed)
        self.excite = nn.Linear(n_squeezed, n_channels)

    def forward(self, x: Tensor) -> Tensor:
        weights = self.excite(self.squeeze(x.mean(dim=(2, 3))).relu()).sigmoid()
        scaled: Tensor = x * weights[:, :, None, None]
        return scaled


class _Residual(nn.Module):
    """What a block makes of its input, added to it."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.block(x)
        return added
