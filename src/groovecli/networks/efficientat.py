"""EfficientAT's mn04 without its tags: a small MobileNetV3 (Schmid, Koutini & Widmer, "Efficient
Large-Scale Audio Tagging via Transformer-to-CNN Knowledge Distillation", 2023), part of groove-net.

Its batch norms are folded into the convolutions.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

TRUNK_DIM = 384
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


def trunk() -> nn.Sequential:
    """(batch, 1, bands, frames) -> (batch, 384, bands / 32, frames / 32)."""
    return nn.Sequential(*_trunk())


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
    yield _convolution(_BLOCKS[-1][2], TRUNK_DIM, 1, activation=nn.Hardswish)


def _convolution(
    n_in: int,
    n_out: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] = nn.Identity,
) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, groups=groups), activation())


class _Excitation(nn.Module):
    """Each channel times its importance in this window."""

    def __init__(self, n_channels: int, n_squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(n_channels, n_squeezed)
        self.excite = nn.Linear(n_squeezed, n_channels)

    def forward(self, x: Tensor) -> Tensor:
        weights = self.excite(self.squeeze(x.mean(dim=(2, 3))).relu()).sigmoid()
        scaled: Tensor = x * weights[:, :, None, None]
        return scaled


class _Residual(nn.Module):
    """A block's output, added to its input."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.block(x)
        return added
