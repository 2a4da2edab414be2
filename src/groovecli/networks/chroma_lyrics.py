"""`dense`, `seq-cnn`, `seq-lstm` (Lengyel, Devulapalli & Li, "Understanding Music with Deep Learning").

The input of all three is a song's first frames of chroma and of timbre, and its lyrics. They end in the
same dense layers of 128, 128 and 50. Open in the paper, and chosen here:

- Scales. Timbre is in decibels here and Echo Nest's own in the Million Song Dataset: each of the 24
  columns is brought to mean 0 and variance 1 by a BatchNorm without weights. A lyrics vector is
  brought to a root mean square of 1, so that a song without lyrics keeps its zeros.
- `dense` multiplies its 7,200 numbers of sound and its 100 of lyrics, so that they have a say alike. As
  they are, it stays at chance where lyrics alone tell the genre.
- Convolutions: kernels of three frames, a frame of zeros beyond either end.
- ReLU after every convolution and dense layer; the 50 as they leave it are the embedding.
- Dropout, of which the paper has none, before the second and the third dense layer.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli.messages.networks import no_chroma_with_lyrics
from groovecli.networks.layers import LastStep
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_COLUMNS = 24
_EACH = _COLUMNS // 2  # columns of chroma, and of timbre
_EMBEDDING = 50
_HIDDEN = 10


class _SongNetwork(nn.Module):
    """What the three have in common: all but `hear`.

    Parameters
    ----------
    shapes : ((frames, 24), (width,))
        Of the inputs: chroma and timbre side by side, and the lyrics.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the dense layers' inputs dropped in training.

    Raises
    ------
    ModelError
        The inputs have other shapes, or fewer than eight frames.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        n_frames, width = _sizes(shapes)
        self.standardise = nn.BatchNorm1d(_COLUMNS, affine=False)
        self.dense = nn.Sequential(
            nn.Linear(self.n_heard(n_frames) + width, 128), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(128, 128), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(128, _EMBEDDING), nn.ReLU(),
        )  # fmt: skip
        self.genres = nn.Linear(_EMBEDDING, n_genres)

    def forward(self, chroma_timbre: Tensor, lyrics: Tensor) -> Output:
        """(batch, frames, 24) and (batch, width) -> logits and embedding."""
        heard = self.hear(self.standardise(chroma_timbre.flatten(0, 1)).view_as(chroma_timbre))
        read = F.normalize(lyrics, dim=1) * math.sqrt(lyrics.shape[1])
        embedding = self.dense(self.joined(heard, read))  # (B, 50)
        return Output(logits=self.genres(embedding), embedding=embedding)

    def joined(self, heard: Tensor, read: Tensor) -> Tensor:
        """(batch, n_heard) and (batch, width) -> (batch, n_heard + width)."""
        return torch.cat([heard, read], dim=1)

    def n_heard(self, n_frames: int) -> int:
        """Number of values that `hear` computes from a song."""
        raise NotImplementedError

    def hear(self, x: Tensor) -> Tensor:
        """(batch, frames, 24) -> (batch, n_heard)."""
        raise NotImplementedError

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres

    def penalised(self) -> list[nn.Parameter]:
        """The dense layers' weights, whose size l1 and l2 penalties hold down."""
        dense = (*self.dense.parameters(), *self.genres.parameters())
        return [parameter for parameter in dense if parameter.ndim == 2]  # those of one are biases


class Dense(_SongNetwork):
    """The baseline: every number of every frame.

    `scales` are what its sound and its lyrics are multiplied by; 1 and 1 in models that have none.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__(shapes, n_genres, dropout)
        n_frames, width = _sizes(shapes)
        self.register_buffer("scales", torch.tensor(_even_scales(self.n_heard(n_frames), width)))
        self.register_load_state_dict_pre_hook(_as_before_scales)  # type: ignore[no-untyped-call]

    def joined(self, heard: Tensor, read: Tensor) -> Tensor:
        """Scaled, so that 100 numbers of lyrics count beside 7,200 of sound."""
        scales = self.get_buffer("scales")
        return torch.cat([heard * scales[0], read * scales[1]], dim=1)

    def n_heard(self, n_frames: int) -> int:
        """Every frame's columns."""
        return n_frames * _COLUMNS

    def hear(self, x: Tensor) -> Tensor:
        """(batch, frames, 24) -> (batch, frames * 24)."""
        return x.flatten(1)


class SeqCNN(_SongNetwork):
    """Three times convolution and max-pool along the frames, then their mean; chroma and timbre apart."""

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__(shapes, n_genres, dropout)
        self.chroma = _convolutions()
        self.timbre = _convolutions()

    def n_heard(self, n_frames: int) -> int:  # noqa: ARG002
        """256 of each."""
        return 2 * 256

    def hear(self, x: Tensor) -> Tensor:
        """(batch, frames, 24) -> (batch, 512); frames as columns of an image of one row.

        Its channels come last in memory, as the frames' columns do: 1.5 times as fast as nn.Conv1d.
        """
        row = x[:, None].permute(0, 3, 1, 2)  # (B, 24, 1, 300)
        maps = [self.chroma(row[:, :_EACH]), self.timbre(row[:, _EACH:])]  # (B, 256, 1, 37) each
        return torch.cat([each.mean(dim=(2, 3)) for each in maps], dim=1)


class SeqLSTM(_SongNetwork):
    """Two LSTMs of 10, one on the other, along the frames; chroma and timbre apart."""

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__(shapes, n_genres, dropout)
        self.chroma = LastStep(_EACH, _HIDDEN, n_layers=2)
        self.timbre = LastStep(_EACH, _HIDDEN, n_layers=2)

    def n_heard(self, n_frames: int) -> int:  # noqa: ARG002
        """10 of each."""
        return 2 * _HIDDEN

    def hear(self, x: Tensor) -> Tensor:
        """(batch, frames, 24) -> (batch, 20)."""
        return torch.cat([self.chroma(x[..., :_EACH]), self.timbre(x[..., _EACH:])], dim=1)


def _even_scales(n_heard: int, width: int) -> tuple[float, float]:
    """Factors of sound and lyrics that give both the same influence, and the same total size as before.

    The numbers of either have a mean square of 1, and Adam moves each weight by as much as every other.
    What a step changes then follows the sum of an input's sizes: n_heard * a = width * b. And what the
    first layer gives at the start follows the sum of squares, which stays: n_heard * a^2 + width * b^2 =
    n_heard + width.
    """
    ratio = n_heard / width
    sound = math.sqrt((n_heard + width) / (n_heard + width * ratio**2))
    return sound, sound * ratio


def _as_before_scales(_: nn.Module, tensors: dict[str, Tensor], prefix: str, *__: object) -> None:
    """Models that were trained before there were scales answer as they did."""
    tensors.setdefault(f"{prefix}scales", torch.ones(2))


def _convolutions() -> nn.Sequential:
    sizes = (_EACH, 128, 128, 256)
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        # ReLU after the pooling is the same as before it, and has half as much to do.
        layers += [nn.Conv2d(n_in, n_out, (1, 3), padding=(0, 1)), nn.MaxPool2d((1, 2)), nn.ReLU()]
    return nn.Sequential(*layers)


def _sizes(shapes: tuple[Shape, ...]) -> tuple[int, int]:
    match shapes:
        case ((n_frames, 24), (width,)) if n_frames >= 8:
            return n_frames, width
    raise no_chroma_with_lyrics(_COLUMNS, shapes)
