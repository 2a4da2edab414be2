"""`joint-autoencoder` (Hebbar & Srinivasa, "music2vec", "Architecture II").

An autoencoder whose code of 250 also names the genre. The paper gives the code, the 128 maps of
10 x 25 before it, and that three dense layers name the genre. Open, and chosen here: 3 x 3
convolutions to 16, 32, 64 and 128 filters; a decoder of transposed convolutions, each of which
undoes one convolution and its pooling; ReLU after all but the code, which no activation follows,
and the last, a sigmoid, since the images lie in [0, 1]; 128 and 64 in the classifier, with dropout
after each.

The images' channels come last in memory, which is nearly twice as fast on a processor. ReLU comes
after the pooling: the same as before it, and less to do.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from groovecli.messages.networks import no_image_that_divides
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_CODE = 250
# Channels in and out of each convolution, and by what the sides are divided after it.
_LAYERS = ((1, 16, 2), (16, 32, 2), (32, 64, 3), (64, 128, 1))
_SHRINK = 2 * 2 * 3


def _down(n_in: int, n_out: int, by: int) -> nn.Sequential:
    pool = nn.MaxPool2d(by) if by > 1 else nn.Identity()
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, padding=1), pool, nn.ReLU())


def _up(n_in: int, n_out: int, by: int) -> nn.Sequential:
    convolution = nn.ConvTranspose2d(n_in, n_out, by + 2, by, padding=1)
    return nn.Sequential(convolution, nn.Sigmoid() if n_out == 1 else nn.ReLU())


class JointAutoencoder(nn.Module):
    """The network of the paper, for images whose sides are multiples of 12.

    Parameters
    ----------
    shapes : ((1, bands, frames),)
        Of the input.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the classifier's hidden units dropped in training.

    Raises
    ------
    ModelError
        The input is no image of such sides.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        small = (*_small_sides(shapes), _LAYERS[-1][1])
        n_flat = math.prod(small)
        self.encoder = nn.Sequential(*(_down(n_in, n_out, by) for n_in, n_out, by in _LAYERS))
        self.squeeze = nn.Linear(n_flat, _CODE)
        self.expand = nn.Sequential(nn.Linear(_CODE, n_flat), nn.ReLU(), nn.Unflatten(1, small))
        self.decoder = nn.Sequential(*(_up(n_out, n_in, by) for n_in, n_out, by in reversed(_LAYERS)))
        self.classifier = nn.Sequential(
            nn.Linear(_CODE, 128), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(128, 64), nn.ReLU(), nn.Dropout(dropout),
        )  # fmt: skip
        self.genres = nn.Linear(64, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, 1, bands, frames) -> logits, embedding (batch, 250) and reconstruction."""
        maps = self.encoder(x[:, 0, ..., None].permute(0, 3, 1, 2))  # (B, 128, 10, 25)
        embedding = self.squeeze(maps.permute(0, 2, 3, 1).flatten(1))  # (B, 32000) -> (B, 250)
        return Output(
            logits=self.genres(self.classifier(embedding)),
            embedding=embedding,
            reconstruction=self.decoder(self.expand(embedding).permute(0, 3, 1, 2)),
        )

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres


def _small_sides(shapes: tuple[Shape, ...]) -> tuple[int, int]:
    match shapes:
        case ((1, n_bands, n_frames),) if n_bands % _SHRINK == n_frames % _SHRINK == 0:
            return n_bands // _SHRINK, n_frames // _SHRINK
    raise no_image_that_divides(_SHRINK, shapes)
