"""`soundnet`, `soundnet-lstm`, `soundnet-deep-lstm` (Hebbar & Srinivasa, "music2vec", "Raw Audio").

Convolutions over raw samples, after SoundNet (Aytar, Vondrick & Torralba 2016), whose BatchNorm and
ReLU follow each. The paper gives the strides of the first two, the order of pools, the sizes that
come out and the dense layers. Open, and chosen here:

- Filters and kernels as SoundNet's where the sizes allow; pools of 2, 2 and 4 where it has 8.
- `soundnet-deep-lstm`: kernels of 10 and of 5 in the threes that stand for a kernel of 64 and of
  32, so that they see 64 and 29 samples at once and give as many steps as those.
- ReLU between the dense layers; the 128 as they leave it are the embedding; dropout, of which the
  paper has none here, before each.

A sound is an image of one row whose channels come last in memory: up to 1.8 times as fast as
nn.Conv1d. ReLU comes after the pooling: the same as before it, and less to do.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from groovecli.messages.networks import too_few_samples
from groovecli.networks.layers import LastStep
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_EMBEDDING = 128


class _Layer(NamedTuple):
    """A convolution along time, and how many of its steps are pooled into one."""

    n_out: int
    kernel: int
    stride: int
    padding: int
    pool: int = 1

    def n_steps(self, n_steps: int) -> int:
        """How many steps are left of `n_steps`."""
        return ((n_steps + 2 * self.padding - self.kernel) // self.stride + 1) // self.pool


_FIRST = (_Layer(16, 64, 8, 32, pool=2), _Layer(32, 32, 8, 16, pool=2))
_FIRST_DEEP = (
    _Layer(16, 10, 2, 5), _Layer(16, 10, 2, 5), _Layer(16, 10, 2, 5, pool=2),
    _Layer(32, 5, 2, 2), _Layer(32, 5, 2, 2), _Layer(32, 5, 2, 2, pool=2),
)  # fmt: skip
_MIDDLE = (_Layer(64, 16, 1, 8), _Layer(128, 8, 1, 4), _Layer(256, 4, 1, 2, pool=4), _Layer(512, 4, 2, 1))
_LAST = (_Layer(1024, 4, 2, 0),)


class _RawNetwork(nn.Module):
    """Convolutions, a summary of what they give, dense layers of 512 and 128, the genres."""

    def __init__(
        self, layers: tuple[_Layer, ...], summary: nn.Module, n_summary: int, n_genres: int, dropout: float
    ) -> None:
        super().__init__()
        self.convolutions = _convolutions(layers)
        self.summary = summary
        self.dense = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(n_summary, 512), nn.ReLU(),
            nn.Dropout(dropout), nn.Linear(512, _EMBEDDING), nn.ReLU(),
        )  # fmt: skip
        self.genres = nn.Linear(_EMBEDDING, n_genres)

    def forward(self, x: Tensor) -> Output:
        """(batch, samples) -> logits and embedding."""
        row = x[:, None, :, None].permute(0, 3, 1, 2)  # (B, 1, 1, 30000)
        steps = self.convolutions(row)[:, :, 0].mT  # (B, 6, 1024) or (B, 15, 512)
        embedding = self.dense(self.summary(steps))  # (B, 128)
        return Output(logits=self.genres(embedding), embedding=embedding)

    def head(self) -> nn.Linear:
        """The layer with one row per genre."""
        return self.genres


class SoundNet(_RawNetwork):
    """Seven convolutions, down to 6 steps of 1024, all of which the dense layers see.

    Parameters
    ----------
    shapes : ((samples,),)
        Of the input.
    n_genres : int
        Outputs.
    dropout : float in [0, 1)
        Share of the dense layers' inputs dropped in training.

    Raises
    ------
    ModelError
        The input is none of samples, or too short.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        layers = (*_FIRST, *_MIDDLE, *_LAST)
        n_flat = _n_steps("soundnet", shapes, layers) * layers[-1].n_out
        super().__init__(layers, nn.Flatten(), n_flat, n_genres, dropout)


class SoundNetLSTM(_RawNetwork):
    """Six convolutions, down to 15 steps of 512, and two LSTMs of 256; otherwise as SoundNet."""

    name = "soundnet-lstm"
    first: tuple[_Layer, ...] = _FIRST

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:
        layers = (*self.first, *_MIDDLE)
        _n_steps(self.name, shapes, layers)
        super().__init__(layers, LastStep(layers[-1].n_out, 256, n_layers=2), 256, n_genres, dropout)


class DeepSoundNetLSTM(SoundNetLSTM):
    """Three convolutions of stride 2 for each of the first two; otherwise as SoundNetLSTM."""

    name = "soundnet-deep-lstm"
    first = _FIRST_DEEP


def _convolutions(layers: tuple[_Layer, ...]) -> nn.Sequential:
    modules: list[nn.Module] = []
    n_in = 1
    for n_out, kernel, stride, padding, pool in layers:
        # BatchNorm takes away any bias.
        modules.append(nn.Conv2d(n_in, n_out, (1, kernel), (1, stride), (0, padding), bias=False))
        modules += [nn.BatchNorm2d(n_out), *([nn.MaxPool2d((1, pool))] if pool > 1 else []), nn.ReLU()]
        n_in = n_out
    return nn.Sequential(*modules)


def _n_steps(name: str, shapes: tuple[Shape, ...], layers: tuple[_Layer, ...]) -> int:
    """How many steps come out; two at least, or BatchNorm has nothing to go by in a batch of one."""
    match shapes:
        case ((n_steps,),):
            for layer in layers:
                n_steps = layer.n_steps(n_steps)
            if n_steps >= 2:
                return n_steps
    raise too_few_samples(name, shapes)
