"""`two-layer`, `vanilla-autoencoder`, `deep-softmax-autoencoder`.

Sawhney, Vasavada & Wang, "Latent Feature Extraction for Musical Genres from Raw Audio", section 4.

Layers, activations and dropout are the paper's and its code's. Open, and chosen here:

- Scale. Samples come at a root mean square of 0.1, at which the autoencoders learn nothing in the
  paper's 2,400 steps: a constant gain brings them to 1, and is undone in what they give back.
  `two-layer` takes them as they come: at 1 it knew 95 % of the training pieces by heart instead of
  47 % (the paper's: 52 %), and new songs no better.
- First weights of the autoencoders: Glorot's, times 4 before a sigmoid, whose slope is a quarter at
  most, and times the root of 2 before a ReLU. At PyTorch's own, or at Glorot's plain, the deep one's
  sigmoids let through next to nothing of the waveform in 2,400 steps.
- `vanilla-autoencoder` has the activations of the other one's encoder and decoder.
- The last layer of a decoder has no activation: the code's ReLU can't make negative samples.
- Dropout comes after the second layer of each: encoder, decoder and classifier.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from groovecli.messages.networks import no_samples
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_GAIN = 10.0
_CODE = 64
_WEIGHT_GAIN = {nn.Sigmoid: 4.0, nn.Tanh: 1.0, nn.ReLU: math.sqrt(2), nn.Identity: 1.0}


class TwoLayer(nn.Module):
    """One hidden layer of 128 with tanh, which is the embedding, and the genres.

    Parameters
    ----------
    shapes : ((samples,),)
        Of the input.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the hidden layer dropped in training; the paper has none.

    Raises
    ------
    ModelError
        The input is none of samples.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(_n_samples("two-layer", shapes), 128), nn.Tanh())
        self.dropout = nn.Dropout(dropout)
        self.genres = nn.Linear(128, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, samples) -> logits and embedding (batch, 128)."""
        embedding = self.hidden(x)
        return Output(logits=self.genres(self.dropout(embedding)), embedding=embedding)

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres


class VanillaAutoencoder(nn.Module):
    """500 samples to 256, 192, 128 and 64 numbers, and back.

    Parameters
    ----------
    shapes : ((samples,),)
        Of the input.
    n_genres : int
        Not used.
    dropout : float in [0, 1)
        Share of the second layers' units dropped in training; the paper names none here.

    Raises
    ------
    ModelError
        The input is none of samples.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:  # noqa: ARG002
        super().__init__()
        n_samples = _n_samples("vanilla-autoencoder", shapes)
        self.encoder, self.decoder = _encoder(n_samples, dropout), _decoder(n_samples, dropout)

    def forward(self, x: Tensor) -> Output:
        """(batch, samples) -> embedding (batch, 64) and reconstruction."""
        code = self.encoder(x * _GAIN)
        return Output(embedding=code, reconstruction=self.decoder(code) / _GAIN)


class DeepSoftmaxAutoencoder(nn.Module):
    """The same autoencoder, whose code also names the genre, by way of 32 and 16 numbers.

    Parameters
    ----------
    shapes : ((samples,),)
        Of the input.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the second layers' units dropped in training.

    Raises
    ------
    ModelError
        The input is none of samples.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        n_samples = _n_samples("deep-softmax-autoencoder", shapes)
        self.encoder, self.decoder = _encoder(n_samples, dropout), _decoder(n_samples, dropout)
        self.classifier = nn.Sequential(
            _layer(_CODE, 32, nn.Tanh()), _layer(32, 16, nn.Tanh()), nn.Dropout(dropout)
        )
        self.genres = nn.Linear(16, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, samples) -> logits, embedding (batch, 64) and reconstruction."""
        code = self.encoder(x * _GAIN)
        return Output(
            logits=self.genres(self.classifier(code)),
            embedding=code,
            reconstruction=self.decoder(code) / _GAIN,
        )

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres


def _encoder(n_samples: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        _layer(n_samples, 256, nn.Sigmoid()),
        _layer(256, 192, nn.Tanh()),
        nn.Dropout(dropout),
        _layer(192, 128, nn.ReLU()),
        _layer(128, _CODE, nn.ReLU()),
    )


def _decoder(n_samples: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        _layer(_CODE, 128, nn.Sigmoid()),
        _layer(128, 192, nn.Sigmoid()),
        nn.Dropout(dropout),
        _layer(192, 256, nn.ReLU()),
        _layer(256, n_samples, nn.Identity()),
    )


def _layer(n_in: int, n_out: int, activation: nn.Module) -> nn.Sequential:
    linear = nn.Linear(n_in, n_out)
    nn.init.xavier_uniform_(linear.weight, _WEIGHT_GAIN[type(activation)])
    nn.init.zeros_(linear.bias)
    return nn.Sequential(linear, activation)


def _n_samples(name: str, shapes: tuple[Shape, ...]) -> int:
    match shapes:
        case ((n_samples,),):
            return n_samples
    raise no_samples(name, shapes)
