"""groove's own network: two published taggers in one, and 512 numbers of what they make of 30 s.

The taggers are FCN-5 (Won, Ferraro, Bogdanov & Serra, "Evaluation of CNN-based Automatic Music Tagging
Models", 2020) and musicnn (Pons & Serra, "musicnn: pre-trained convolutional neural networks for music
audio tagging", 2019), both learnt from the Million Song Dataset. Most filters of musicnn's front and some
of FCN-5's died in training: they give the same number whatever they hear. Here are those that live, so that
the answers are the same and musicnn costs a tenth. Not their tags but what all their layers find goes
on; that, which of it tells music apart, and the genres are groove's.
"""

from __future__ import annotations

import operator
from itertools import accumulate, pairwise
from typing import Self

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli.errors import ModelError
from groovecli.models.musicnn import Branch, Middle
from groovecli.models.output import Output
from groovecli.models.spec import Shape

EMBEDDING_DIM = 512
_N_BANDS = 96
# FCN-5: filters of 3 x 3, and what is pooled after them (bands, frames).
_SQUARES = ((40, (2, 4)), (82, (2, 4)), (121, (2, 4)), (128, (3, 5)), (64, (4, 4)))
_SHORTEST = 1280  # frames that its pooling leaves one of
_STRETCH = 320  # frames, 5 s: what is strongest in 30 s would not be so in 15 of them
_HOPS = accumulate((pool[1] for _, pool in _SQUARES), operator.mul)
_IN_STRETCH = tuple(max(1, _STRETCH // hop) for hop in _HOPS)  # places of each layer
# musicnn: filters, frames, bands.
_BRANCHES = ((23, 7, 38), (14, 7, 67), (3, 128, 1), (7, 64, 1), (17, 32, 1))
_FRONT = sum(n_filters for n_filters, _, _ in _BRANCHES)
_MIDDLE = 64
_DENSE = 200
_PATCH = 187  # frames: 3 s
_EVERY = 2  # half of them say nearly as much
_POOLED = 2 * (_FRONT + 3 * _MIDDLE)
_N_STATISTICS = 5
_FOUND = _N_STATISTICS * sum(n_filters for n_filters, _ in _SQUARES[:-1]) + _SQUARES[-1][0] + 2 * _DENSE
_TINY = 1e-6


class GrooveNet(nn.Module):
    """Two kinds of mel bands of a clip to 512 numbers, and from these the genres.

    Parameters
    ----------
    shapes : ((1, 192, frames),)
        Of the input, whose values are in [0, 1]: 96 bands as FCN-5 hears them above 96 as musicnn does.
    n_genres : int
        Outputs; with 0 it gives embeddings alone.
    dropout : float in [0, 1)
        Share of the embedding dropped before the genres, in training.

    Raises
    ------
    ModelError
        The input is no such image.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        super().__init__()
        if len(shapes) != 1 or len(shapes[0]) != 3 or shapes[0][1] != 2 * _N_BANDS:
            raise ModelError(f"groove-net eats one image of {2 * _N_BANDS} bands, not {shapes}")
        self.squares = Squares()
        self.patches = Patches()
        self.standard = nn.BatchNorm1d(_FOUND, affine=False)
        self.embed = nn.Linear(_FOUND, EMBEDDING_DIM)
        self.dropout = nn.Dropout(dropout)
        self.genres = nn.Linear(EMBEDDING_DIM, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, 1, 192, frames) -> logits and embedding (batch, 512)."""
        embedding = self.embed(self.standard(self.found(x)))
        return Output(logits=self.genres(self.dropout(embedding)), embedding=embedding)

    def found(self, x: Tensor) -> Tensor:
        """(batch, 1, 192, frames) -> what the layers find (batch, 2319)."""
        return torch.cat([self.squares(x[:, :, :_N_BANDS]), self.patches(x[:, 0, _N_BANDS:])], dim=1)

    def train(self, mode: bool = True) -> Self:
        """As PyTorch's, but the statistics stay: those of a user's few songs would be worse."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.eval()
        return self

    def head(self) -> nn.Linear:
        """The layer with one row a genre."""
        return self.genres


class Squares(nn.Module):
    """FCN-5: small filters over ever larger stretches; of each layer how much, how strong, how restless,
    and how uneven in time and over the bands; of the last, of which little is left, how much.

    How strong is the mean of what is strongest in 5 s, so that a song's 15 s say what 30 of them say. Its
    batch norms are folded into the convolutions.
    """

    def __init__(self) -> None:
        super().__init__()
        sizes = [2, *(n_filters for n_filters, _ in _SQUARES)]
        self.norm = nn.BatchNorm2d(1)
        self.layers = nn.ModuleList(nn.Conv2d(n_in, n_out, 3, padding=1) for n_in, n_out in pairwise(sizes))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, 96, frames) -> roots of the layers' statistics (batch, 1919)."""
        x = self.norm(x.repeat(1, 1, 1, -(-_SHORTEST // x.shape[3])))
        # A second, empty channel lets PyTorch keep channels last, which is thrice as fast.
        x = F.pad(x, (0, 0, 0, 0, 0, 1)).contiguous(memory_format=torch.channels_last)
        found = []
        for layer, (_, pool), n_places in zip(self.layers, _SQUARES, _IN_STRETCH, strict=True):
            x = F.relu(F.max_pool2d(layer(x), pool))
            found.append(x.mean(dim=(2, 3)))
            if layer is not self.layers[-1]:
                bands, frames = (x.shape[2], 1), (1, x.shape[3])
                # With channels last, pools are several times as fast as means and maxima of a dimension.
                found += [
                    F.max_pool1d(F.max_pool2d(x, bands).flatten(2), n_places).mean(dim=2),
                    x.diff(dim=3).abs().mean(dim=(2, 3)),
                    _spread(F.avg_pool2d(x, bands).flatten(2)),
                    _spread(F.avg_pool2d(x, frames).flatten(2)),
                ]
        return _root(torch.cat(found, dim=1))


class Patches(nn.Module):
    """musicnn up to its 200 numbers, over every other patch of 3 s: their mean and spread."""

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


def _spread(x: Tensor) -> Tensor:
    """(batch, filters, places) -> standard deviation (batch, filters)."""
    return _root(x.var(dim=2, correction=0))


def _root(x: Tensor) -> Tensor:
    return (x + _TINY).sqrt()  # whose slope at 0 is finite
