"""`musicnn` (Pons & Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging").

Its front looks for timbres (kernels 38 and 67 bands tall, 7 frames long) and for rhythms (one band,
up to 128 frames), each wherever in frequency it is strongest; its middle follows these along time.
The embedding is the 200 before the tags. Weights come from its authors: groove does not train it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor, nn

from groovecli.messages.networks import other_bands
from groovecli.networks.layers import EPSILON, N_MIDDLE, Branch, Middle
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

_N_BANDS = 96
_N_TAGS = 50
_EMBEDDING = 200
_BRANCHES = ((204, 7, 38), (204, 7, 67), (51, 128, 1), (51, 64, 1), (51, 32, 1))  # filters, frames, bands
_FRONT = sum(n_filters for n_filters, _, _ in _BRANCHES)

MSD_TAGS = (
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s",
    "alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock",
    "soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill", "instrumental", "punk",
    "oldies", "blues", "hard rock", "ambient", "acoustic", "experimental", "female vocalist", "guitar",
    "Hip-Hop", "70s", "party", "country", "easy listening", "sexy", "catchy", "funk", "electro",
    "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy",
)  # fmt: skip
"""The tags of the weights learnt from the Million Song Dataset, in their order."""

MTT_TAGS = (
    "guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast", "piano",
    "ambient", "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male", "singing",
    "vocals", "no vocals", "harpsichord", "loud", "quiet", "flute", "woman", "male vocal", "no vocal",
    "pop", "soft", "sitar", "solo", "man", "classic", "choir", "voice", "new age", "dance", "male voice",
    "female vocal", "beats", "harp", "cello", "no voice", "weird", "country", "metal", "female voice",
    "choral",
)  # fmt: skip
"""The tags of the weights learnt from MagnaTagATune, in their order."""


class MusiCNN(nn.Module):
    """The network of the paper, as small as it was published.

    Parameters
    ----------
    shapes : ((96, frames),)
        Of the input.
    n_genres : int
        Of no use: it names tags.
    dropout : float in [0, 1)
        Share of the dense layers' inputs dropped in training.

    Raises
    ------
    ModelError
        The input is not 96 bands.
    """

    def __init__(self, shapes: tuple[Shape, ...], n_genres: int, dropout: float) -> None:  # noqa: ARG002
        super().__init__()
        if len(shapes) != 1 or len(shapes[0]) != 2 or shapes[0][0] != _N_BANDS:
            raise other_bands(_N_BANDS, shapes)
        n_pooled = 2 * (_FRONT + 3 * N_MIDDLE)
        self.norm = nn.BatchNorm2d(1, EPSILON)
        self.branches = nn.ModuleList([Branch(*sizes) for sizes in _BRANCHES])
        self.middle = nn.ModuleList([Middle(n_in) for n_in in (_FRONT, N_MIDDLE, N_MIDDLE)])
        self.norm_pooled = nn.BatchNorm1d(n_pooled, EPSILON)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(n_pooled, _EMBEDDING)
        self.norm_dense = nn.BatchNorm1d(_EMBEDDING, EPSILON)
        self.tags = nn.Linear(_EMBEDDING, _N_TAGS)

    def forward(self, x: Tensor) -> Output:
        """(batch, bands, frames) -> embedding, and the probability of each tag."""
        image = self.norm(x.mT[:, None])  # (B, 1, 187, 96)
        front = torch.cat([branch(image) for branch in self.branches], dim=1)  # (B, 561, 187)
        first, second, third = self.middle
        one = first(front)  # (B, 64, 187)
        two = second(one) + one
        three = third(two) + two
        everything = torch.cat([front, one, two, three], dim=1)  # (B, 753, 187)
        pooled = torch.stack([everything.amax(dim=2), everything.mean(dim=2)], dim=2)  # (B, 753, 2)
        dense = self.dense(self.dropout(self.norm_pooled(pooled.flatten(1))))
        embedding = self.norm_dense(F.relu(dense))  # (B, 200)
        return Output(embedding=embedding, tags=self.tags(self.dropout(embedding)).sigmoid())


def from_tensorflow(tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, Tensor]:
    """The weights of the checkpoints that musicnn's authors published, as MusiCNN's.

    TensorFlow numbered layers in the order in which they were made. Its kernels are (height, width,
    in, out), height being time.

    Raises
    ------
    KeyError
        A tensor is missing.
    """
    weights = dict(_converted(tensors))
    return {name: torch.from_numpy(array.copy()) for name, array in weights.items()}


def _converted(tensors: Mapping[str, NDArray[np.float32]]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    branches = [f"branches.{number}" for number in range(len(_BRANCHES))]
    middle = [f"middle.{number}" for number in range(3)]
    for number, layer in enumerate([*branches, *middle]):
        theirs = f"conv2d{_suffix(number)}"
        kernel = tensors[f"{theirs}/kernel"].transpose(3, 2, 0, 1)  # (out, in, time, bands)
        if layer in middle:  # there, what comes in lies along the width
            kernel = kernel[:, 0].transpose(0, 2, 1)  # (out, in, time)
        yield f"{layer}.convolution.weight", kernel
        yield f"{layer}.convolution.bias", tensors[f"{theirs}/bias"]
    for number, layer in enumerate(("dense", "tags")):
        yield f"{layer}.weight", tensors[f"dense{_suffix(number)}/kernel"].T
        yield f"{layer}.bias", tensors[f"dense{_suffix(number)}/bias"]
    norms = ["norm", *(f"{layer}.norm" for layer in [*branches, *middle]), "norm_pooled", "norm_dense"]
    for number, layer in enumerate(norms):
        theirs = f"batch_normalization{_suffix(number)}"
        yield f"{layer}.weight", tensors[f"{theirs}/gamma"]
        yield f"{layer}.bias", tensors[f"{theirs}/beta"]
        yield f"{layer}.running_mean", tensors[f"{theirs}/moving_mean"]
        yield f"{layer}.running_var", tensors[f"{theirs}/moving_variance"]
        yield f"{layer}.num_batches_tracked", np.zeros((), np.int64)


def _suffix(number: int) -> str:
    return f"_{number}" if number else ""
