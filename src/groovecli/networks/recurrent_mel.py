"""`mel-lstm` and `cldnn` (Hebbar & Srinivasa, "music2vec", "Establishing a baseline" and "Architecture I").

Both read 3 s of mel bands step by step in time, and keep their state after the last step. Open
in the paper, and chosen here: ReLU after each convolution and after the dense 64, which as it
leaves the ReLU is the embedding; 16 filters in the first two convolutions of `cldnn`, which at 32
takes twice as long; dropout, of which the paper has none here, before the dense layers; each mel
band brought from [0, 1] to a mean of 0 and a deviation of 1 by BatchNorm without weights, without which
neither learns anything in its first thousand steps (docs/decisions.md).
"""

from __future__ import annotations

from torch import Tensor, nn

from groovecli.messages.networks import too_few_bands
from groovecli.networks.layers import LastStep
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_EMBEDDING = 64
_FILTERS = 16
_LAST_FILTERS = 4


class MelLSTM(nn.Module):
    """One LSTM of 256 over the frames, a dense layer of 64, the genres.

    Parameters
    ----------
    shapes : ((1, bands, frames),)
        Of the input.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the dense layers' inputs dropped in training.

    Raises
    ------
    ModelError
        The input is no image.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        n_bands = _n_bands("mel-lstm", shapes, at_least=1)
        self.standardise = nn.BatchNorm1d(n_bands, affine=False)
        self.last_step = LastStep(n_bands, 256, n_layers=1)
        self.dense = _dense(256, dropout)
        self.genres = nn.Linear(_EMBEDDING, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, 1, bands, frames) -> logits and embedding."""
        bands = self.standardise(x[:, 0])  # (B, 120, 300)
        embedding = self.dense(self.last_step(bands.mT))  # (B, 300, 120) -> (B, 256) -> (B, 64)
        return Output(logits=self.genres(embedding), embedding=embedding)

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres


class CLDNN(nn.Module):
    """Three convolutions over frequency alone, two LSTMs of 120, a dense layer of 64, the genres.

    The image is turned so that its columns are the bands, and its channels come last in memory:
    then what the convolutions give is what the LSTMs read, and both are twice as fast. ReLU comes
    after the pooling, which is the same as before it, and has half as much to do.

    Parameters
    ----------
    shapes : ((1, bands, frames),)
        Of the input; of four bands or more.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the dense layers' inputs dropped in training.

    Raises
    ------
    ModelError
        The input is no image, or one too low to be halved twice.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        n_bands = _n_bands("cldnn", shapes, at_least=4)
        self.standardise = nn.BatchNorm1d(n_bands, affine=False)
        self.convolutions = nn.Sequential(
            *_over_bands(1, _FILTERS), nn.MaxPool2d((1, 2)), nn.ReLU(),
            *_over_bands(_FILTERS, _FILTERS), nn.MaxPool2d((1, 2)), nn.ReLU(),
            *_over_bands(_FILTERS, _LAST_FILTERS), nn.ReLU(),
        )  # fmt: skip
        self.last_step = LastStep(n_bands // 2 // 2 * _LAST_FILTERS, 120, n_layers=2)
        self.dense = _dense(120, dropout)
        self.genres = nn.Linear(_EMBEDDING, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, 1, bands, frames) -> logits and embedding."""
        columns = self.standardise(x[:, 0]).mT.contiguous()  # (B, 300, 120)
        maps = self.convolutions(columns[..., None].permute(0, 3, 1, 2))  # (B, 4, 300, 30)
        embedding = self.dense(self.last_step(maps.permute(0, 2, 3, 1).flatten(2)))  # from (B, 300, 120)
        return Output(logits=self.genres(embedding), embedding=embedding)

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres


def _over_bands(n_in: int, n_out: int) -> tuple[nn.Module, nn.Module]:
    """A kernel of two bands of one frame; a row of zeros beyond the last band keeps their number."""
    return nn.ZeroPad2d((0, 1, 0, 0)), nn.Conv2d(n_in, n_out, (1, 2))


def _dense(n_in: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(n_in, _EMBEDDING), nn.ReLU())


def _n_bands(name: str, shapes: tuple[Shape, ...], at_least: int) -> int:
    match shapes:
        case ((1, n_bands, _),) if n_bands >= at_least:
            return n_bands
    raise too_few_bands(name, at_least, shapes)
