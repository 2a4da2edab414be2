"""ModelSpec: what a network is; Hyperparameters: how it is trained; Published: what its paper says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from groovecli.checked import Checked
from groovecli.messages.options import out_of_range

Objective = Literal["classify", "reconstruct", "joint", "tag"]
Shape = tuple[int, ...]
_LARGEST = 1e36  # float32 holds 3e38, and Adam begins with ten times its rate


@dataclass(frozen=True)
class Hyperparameters(Checked):
    """How a network is trained; a row's defaults are its paper's.

    Parameters
    ----------
    l1, l2 : float
        Weights of the sums of absolute values and of squares of the dense layers' weights.
    reconstruction_weight : float in [0, 1]
        Share of the reconstruction in a joint loss; the rest is the genres'.
    resample : (int, int), optional
        Number of songs drawn with replacement in each epoch, of the largest genre if it leads and of each
        other one; see `training.sampling.draw_of`.
    min_songs : int
        Genres with fewer songs to learn from are dropped.
    subset : int
        Number of windows in each epoch; 0 is all.
    redraw_every : int
        Number of epochs after which new windows are drawn.

    Raises
    ------
    UsageError
        A value is out of range.
    """

    optimizer: Literal["sgd", "adam"]
    learning_rate: float
    batch_size: int
    epochs: int
    momentum: float = 0.0
    weight_decay: float = 0.0
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    reconstruction_weight: float = 0.5
    resample: tuple[int, int] | None = None
    min_songs: int = 0
    subset: int = 0
    redraw_every: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        count, weight, below_1 = "1 or more", "0 or more", "0 or more, and less than 1"
        allowed = {
            "learning_rate": (0 < self.learning_rate <= _LARGEST, f"more than 0, at most {_LARGEST:g}"),
            "batch_size": (self.batch_size >= 1, count),
            "epochs": (self.epochs >= 1, count),
            "momentum": (0 <= self.momentum < 1, below_1),
            "weight_decay": (0 <= self.weight_decay <= _LARGEST, f"0 to {_LARGEST:g}"),
            "dropout": (0 <= self.dropout < 1, below_1),
            "l1": (0 <= self.l1 < math.inf, weight),
            "l2": (0 <= self.l2 < math.inf, weight),
            "reconstruction_weight": (0 <= self.reconstruction_weight <= 1, "0 to 1"),
            "resample": (self.resample is None or min(self.resample) >= 1, "two numbers, each 1 or more"),
            "min_songs": (self.min_songs >= 0, weight),
            "subset": (self.subset >= 0, weight),
            "redraw_every": (self.redraw_every >= 1, count),
        }
        for name, (is_right, takes) in allowed.items():
            if not is_right:
                raise out_of_range(f"--{name.replace('_', '-')}", takes, getattr(self, name))


@dataclass(frozen=True)
class Published:
    """What a paper reports, and on what.

    `accuracy` is a share in [0, 1]; `of` says what was counted; `split_by` how the paper split:
    by "song", or by "window", which puts pieces of one clip into training and into test.
    `validation_by` says the same of its validation part, and `shares` are those of validation and
    test.
    """

    accuracy: float | None
    text: str
    of: Literal["clip", "window", "song"]
    n_genres: int
    split_by: Literal["song", "window"]
    validation_by: Literal["song", "clip", "window"]
    validation_share: float
    test_share: float


@dataclass(frozen=True)
class ModelSpec:
    """A network: its input, what it learns, how its paper trained it.

    `factory` is "module:class" below groovecli.networks; `similarity` says how its embeddings are
    compared; `squared_error` whether reconstructions are judged by the sum of squared errors over
    an input or by their mean; `n_together` the most windows that it is shown at once, which its
    memory follows; `averages` what of a song's windows is averaged into its genres; `joins_genres`
    whether a song's vector has its genres' probabilities beside the mean embedding; `joins_clips` whether
    it hears a song as one clip, joined of stretches, instead of several clips. `starts_from` names the
    included model whose weights a training starts from; what `is_trainable` is not comes with weights.
    `channels_last_on_cuda` and `bf16_on_cuda` say whether CUDA trains it faster so, each step one graph.
    `published` is None where no paper says how the network was trained and how right it was.
    """

    name: str
    summary: str
    paper: str
    features: tuple[str, ...]
    objective: Objective
    embedding_dim: int
    similarity: Literal["cosine", "euclidean"]
    factory: str
    defaults: Hyperparameters
    published: Published | None
    squared_error: Literal["mean", "sum"] = "mean"
    n_together: int = 128
    averages: Literal["probabilities", "logits"] = "probabilities"
    joins_genres: bool = False
    joins_clips: bool = False
    starts_from: str = ""
    is_trainable: bool = True
    channels_last_on_cuda: bool = False
    bf16_on_cuda: bool = False

    @property
    def has_genres(self) -> bool:
        """Whether it can name a genre."""
        return self.objective in ("classify", "joint")

    @property
    def reconstructs(self) -> bool:
        """Whether it gives its input back."""
        return self.objective in ("reconstruct", "joint")
