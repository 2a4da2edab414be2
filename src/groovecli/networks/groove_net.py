"""groove's own network: three published taggers in one, and 720 numbers from their layers for a clip.

The taggers are FCN-5 (Won, Ferraro, Bogdanov & Serra, "Evaluation of CNN-based Automatic Music Tagging
Models", 2020) and musicnn (Pons & Serra, "musicnn: pre-trained convolutional neural networks for music
audio tagging", 2019), both learnt from the Million Song Dataset, and EfficientAT's mn04 (Schmid, Koutini &
Widmer, 2023), learnt from AudioSet. Most filters of musicnn's front and some of FCN-5's died in training:
they give the same number whatever they hear. Here are those that live, so that the answers are the same
and musicnn costs a tenth. Not their tags but what their layers find goes on; that, which of it tells
music apart, and the genres are groove's.
"""

from __future__ import annotations

import operator
from itertools import accumulate, pairwise
from typing import Self

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli.messages.networks import other_pair_of_images
from groovecli.networks.efficientat import TRUNK_DIM, trunk
from groovecli.networks.layers import Branch, Middle
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

EMBEDDING_DIM = 720
_N_BANDS, _N_FINE_BANDS = 96, 128
# FCN-5: filters of 3 x 3, and what is pooled after them (bands, frames).
_SQUARES = ((40, (2, 4)), (82, (2, 4)), (121, (2, 4)), (128, (3, 5)), (64, (4, 4)))
_N_UNHEARD = 2  # first layers, which say more of how a song was recorded than of its genre
_SHORTEST = 1280  # frames that its pooling leaves one of
_STRIP = 128  # frames that its first layer hears at a time
_STRETCH = 320  # frames, 5 s: what is strongest in 30 s would not be so in 15 of them
_HOPS = accumulate((pool[1] for _, pool in _SQUARES), operator.mul)
_IN_STRETCH = tuple(max(1, _STRETCH // hop) for hop in _HOPS)  # places of each layer
# musicnn: filters, frames, bands.
_BRANCHES = ((23, 7, 38), (14, 7, 67), (3, 128, 1), (7, 64, 1), (17, 32, 1))
_FRONT = sum(n_filters for n_filters, _, _ in _BRANCHES)
_MIDDLE = 64
_DENSE = 200
_PATCH = 187  # frames: 3 s
_EVERY = 3  # a third of them says nearly as much
_POOLED = 2 * (_FRONT + 3 * _MIDDLE)
# EfficientAT: it hears 10 of every 15 s.
_WINDOW, _WINDOW_STEP = 1000, 1500
_N_STATISTICS = 5
N_SQUARES = _N_STATISTICS * sum(n_filters for n_filters, _ in _SQUARES[_N_UNHEARD:-1]) + _SQUARES[-1][0]
N_PATCHES = 2 * _DENSE
N_WINDOWS = 2 * TRUNK_DIM
_N_STATISTICS = N_SQUARES + N_PATCHES + N_WINDOWS
_TINY = 1e-6


class GrooveNet(nn.Module):
    """Three kinds of mel bands of a clip to 720 numbers, and from these the genres.

    Parameters
    ----------
    shapes : ((1, 192, frames), (1, 128, frames))
        Of the inputs: 96 bands as FCN-5 hears them, in [0, 1], above 96 as musicnn does, and
        EfficientAT's.
    n_genres : int
        Outputs; with 0 it gives embeddings alone.
    dropout : float in [0, 1)
        Share of the embedding dropped before the genres, in training.

    Raises
    ------
    ModelError
        The inputs are no such images.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        heights = [shape[1] if len(shape) == 3 else 0 for shape in shapes]
        if heights != [2 * _N_BANDS, _N_FINE_BANDS]:
            raise other_pair_of_images(2 * _N_BANDS, _N_FINE_BANDS, shapes)
        self.squares = Squares()
        self.patches = Patches()
        self.windows = Windows()
        self.standard = nn.BatchNorm1d(_N_STATISTICS, affine=False)
        self.embed = nn.Linear(_N_STATISTICS, EMBEDDING_DIM)
        self.dropout = nn.Dropout(dropout)
        self.genres = nn.Linear(EMBEDDING_DIM, n_genres)

    def forward(self, pair: Tensor, fine: Tensor) -> Output:
        """(batch, 1, 192, frames) and (batch, 1, 128, frames) -> logits and embedding (batch, 720)."""
        embedding = self.embed(self.standard(self.statistics(pair, fine)))
        return Output(logits=self.genres(self.dropout(embedding)), embedding=embedding)

    def statistics(self, pair: Tensor, fine: Tensor) -> Tensor:
        """(batch, 1, 192, frames), (batch, 1, 128, frames) -> what the layers find (batch, 2477)."""
        squares, patches = self.squares(pair[:, :, :_N_BANDS]), self.patches(pair[:, 0, _N_BANDS:])
        return torch.cat([squares, patches, self.windows(fine)], dim=1)

    def train(self, mode: bool = True) -> Self:
        """As PyTorch's, but the statistics stay: those of a user's few songs would be worse."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
        return self

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres


class Squares(nn.Module):
    """FCN-5: small filters over ever larger stretches; of each layer from the third on how much, how
    strong, how restless, and how uneven in time and over the bands; of the last, of which little is left,
    how much.

    How strong is the mean of what is strongest in 5 s, so that a song's 15 s say what 30 of them say. Its
    batch norms are folded into the convolutions.
    """

    def __init__(self) -> None:
        super().__init__()
        sizes = [2, *(n_filters for n_filters, _ in _SQUARES)]
        self.pools = [pool for _, pool in _SQUARES]
        self.norm = nn.BatchNorm2d(1)
        self.layers = nn.ModuleList(nn.Conv2d(n_in, n_out, 3, padding=1) for n_in, n_out in pairwise(sizes))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, 96, frames) -> roots of the layers' statistics (batch, 1309)."""
        x = self._first(self.norm(x.repeat(1, 1, 1, -(-_SHORTEST // x.shape[3]))))
        statistics = []
        for number in range(1, len(_SQUARES)):
            x = F.relu(F.max_pool2d(self.layers[number](x), self.pools[number]))
            if number == len(_SQUARES) - 1:
                statistics.append(self.heard(x, number).mean(dim=(2, 3)))
            elif number >= _N_UNHEARD:
                statistics += _statistics(self.heard(x, number), _IN_STRETCH[number])
        return _root(torch.cat(statistics, dim=1))

    def heard(self, x: Tensor, _number: int) -> Tensor:
        """A layer's filters that say something: all."""
        return x

    def _first(self, x: Tensor) -> Tensor:
        """The first layer, (batch, 1, 96, frames) -> (batch, 40, 48, frames / 4).

        Strip by strip: what is large before it is pooled stays in the processor's cache, which makes it
        three times as fast.
        """
        pool = _SQUARES[0][1]
        weight, bias = self.layers[0].weight, self.layers[0].bias
        n_frames = x.shape[3] // pool[1] * pool[1]
        # A second, empty channel lets PyTorch keep channels last, which is thrice as fast.
        x = F.pad(x, (1, 1, 0, 0, 0, 1)).contiguous(memory_format=torch.channels_last)
        pooled = []
        for start in range(0, n_frames, _STRIP):
            strip = x[..., start : min(start + _STRIP, n_frames) + 2]
            pooled.append(F.max_pool2d(F.conv2d(strip, weight, bias, padding=(1, 0)), pool))  # type: ignore[arg-type]
        return F.relu(torch.cat(pooled, dim=3))


class Patches(nn.Module):
    """musicnn up to its 200 numbers, over every third patch of 3 s: their mean and spread."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1, 1e-3)
        self.branches = nn.ModuleList([Branch(*sizes) for sizes in _BRANCHES])
        # One channel more stands for the filters that died; it is 1, but beyond the edges 0.
        self.middle = nn.ModuleList([Middle(n_in) for n_in in (_FRONT + 1, _MIDDLE, _MIDDLE)])
        self.dense = nn.Linear(_POOLED, _DENSE)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 96, frames) -> (batch, 400)."""
        x = x.repeat(1, 1, -(-_PATCH // x.shape[2]))
        n_patches = x.shape[2] // _PATCH
        patches = x[..., : n_patches * _PATCH].reshape(*x.shape[:2], n_patches, _PATCH)[:, :, ::_EVERY]
        n_patches = patches.shape[2]
        image = self.norm(patches.permute(0, 2, 3, 1).reshape(-1, 1, _PATCH, _N_BANDS))  # (B n, 1, 187, 96)
        front = torch.cat([branch(image) for branch in self.branches], dim=1)  # (B n, 64, 187)
        first, second, third = self.middle
        one = first(F.pad(front, (0, 0, 0, 1), value=1.0))  # (B n, 64, 187)
        two = second(one) + one
        everything = torch.cat([front, one, two, third(two) + two], dim=1)  # (B n, 256, 187)
        pooled = torch.cat([everything.amax(dim=2), everything.mean(dim=2)], dim=1)  # (B n, 512)
        dense = F.relu(self.dense(pooled)).reshape(-1, n_patches, _DENSE)  # (B, n, 200)
        return torch.cat([dense.mean(dim=1), _spread(dense.mT)], dim=1)


class Windows(nn.Module):
    """EfficientAT before its tags, over windows of 10 s: mean and spread over time."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = trunk()

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, 128, frames) -> (batch, 768)."""
        starts = range((_WINDOW_STEP - _WINDOW) // 2, x.shape[3] - _WINDOW + 1, _WINDOW_STEP)
        windows = [x[..., start : start + _WINDOW] for start in starts] or [x]
        along = torch.cat([self.trunk(window).mean(dim=2) for window in windows], dim=2)  # (B, 384, places)
        return torch.cat([along.mean(dim=2), _spread(along)], dim=1)


def _statistics(x: Tensor, n_places: int) -> list[Tensor]:
    """(batch, filters, bands, frames) -> five of (batch, filters).

    With channels last, pools are several times as fast as means and maxima of a dimension.
    """
    bands, frames = (x.shape[2], 1), (1, x.shape[3])
    return [
        x.mean(dim=(2, 3)),
        F.max_pool1d(F.max_pool2d(x, bands).flatten(2), n_places).mean(dim=2),
        x.diff(dim=3).abs().mean(dim=(2, 3)),
        _spread(F.avg_pool2d(x, bands).flatten(2)),
        _spread(F.avg_pool2d(x, frames).flatten(2)),
    ]


def _spread(x: Tensor) -> Tensor:
    """(batch, filters, places) -> standard deviation (batch, filters)."""
    return _root(x.var(dim=2, correction=0))


def _root(x: Tensor) -> Tensor:
    return (x + _TINY).sqrt()  # whose slope at 0 is finite
