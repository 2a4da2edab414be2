"""`conv-autoencoder` (Bertrand & Friedland, "Autogroove", section 4).

Six convolutions and one dense layer down to 64 numbers, and the mirror image back. The paper leaves
kernels, strides, normalisation and activations open. Here five convolutions halve the image
(kernel 4, stride 2) and the sixth (kernel 3) narrows it to 16 channels of 8 x 8: 1,024 inputs to
the dense layer, where the paper found 7,000 too many. Batch norm and ReLU follow each; a sigmoid
ends it, since the images lie in [0, 1].
"""

from __future__ import annotations

from torch import Tensor, nn

from groovecli.messages.networks import sides_do_not_divide
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_LATENT = 64
# Channels in and out, and stride, of each convolution.
_LAYERS = ((1, 16, 2), (16, 32, 2), (32, 32, 2), (32, 64, 2), (64, 64, 2), (64, 16, 1))
_SHRINK = 32


def _down(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(n_in, n_out, stride + 2, stride, padding=1)
    return nn.Sequential(convolution, nn.BatchNorm2d(n_out), nn.ReLU())


def _up(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    convolution = nn.ConvTranspose2d(n_in, n_out, stride + 2, stride, padding=1)
    if n_out == 1:
        return nn.Sequential(convolution, nn.Sigmoid())
    return nn.Sequential(convolution, nn.BatchNorm2d(n_out), nn.ReLU())


class ConvAutoencoder(nn.Module):
    """The network of the paper, for images whose sides are multiples of 32.

    Parameters
    ----------
    shapes : ((1, bands, frames),)
        Of the input.
    n_genres : int
        Not used.
    dropout : float in [0, 1)
        Share of the dense layer's inputs dropped in training; the paper has none.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:  # noqa: ARG002
        super().__init__()
        ((_, n_bands, n_frames),) = shapes
        if n_bands % _SHRINK or n_frames % _SHRINK:
            raise sides_do_not_divide(_SHRINK, n_bands, n_frames)
        small = (_LAYERS[-1][1], n_bands // _SHRINK, n_frames // _SHRINK)
        n_flat = small[0] * small[1] * small[2]
        self.encoder = nn.Sequential(*(_down(n_in, n_out, stride) for n_in, n_out, stride in _LAYERS))
        self.dropout = nn.Dropout(dropout)
        self.squeeze = nn.Linear(n_flat, _LATENT)
        self.expand = nn.Sequential(nn.Linear(_LATENT, n_flat), nn.ReLU(), nn.Unflatten(1, small))
        self.decoder = nn.Sequential(*(_up(n_out, n_in, s) for n_in, n_out, s in reversed(_LAYERS)))

    def forward(self, x: Tensor) -> Output:
        """(batch, 1, bands, frames) -> embedding (batch, 64) and reconstruction."""
        flat = self.encoder(x).flatten(1)  # (B, 16, 8, 8) -> (B, 1024)
        embedding = self.squeeze(self.dropout(flat))  # (B, 64)
        return Output(embedding=embedding, reconstruction=self.decoder(self.expand(embedding)))
