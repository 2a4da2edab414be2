"""The tag heads of groove-net's taggers: from the vectors that groove keeps of songs to words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from scipy.special import expit

from groovecli.home import shipped

HEADS = Path("words") / "heads.safetensors"
"""Their file, in the folder of what is included."""
N_COMPONENTS = 200
"""How many numbers of a vector each head takes."""
MSD_FROM, SOUNDS_FROM = 320, 520
"""Where these begin: musicnn's, and EfficientAT's."""
MSD, SOUNDS = "musicnn", "AudioSet"
"""Who says them, in a word: the tagger learnt from the Million Song Dataset, and the other data set."""

Floats = NDArray[np.float32]
F = TypeVar("F", np.float32, np.float64)


@dataclass(frozen=True)
class Tag:
    """A tag of one of the heads: the data set that it is of, its name there, and its number."""

    source: str
    name: str
    number: int


@dataclass(frozen=True)
class Heads:
    """Weights and tags: the Million Song Dataset's (musicnn's head), then AudioSet's (EfficientAT's).

    msd : weight [shape=(50, 200)] and bias
    hidden : weight [shape=(512, 200)] and bias; `sounds` [shape=(527, 512)] follow
    """

    tags: tuple[Tag, ...]
    msd: tuple[Floats, Floats]
    hidden: tuple[Floats, Floats]
    sounds: tuple[Floats, Floats]

    def probabilities(self, vectors: NDArray[np.floating], tags: Sequence[Tag]) -> Floats:
        """Probability of each of some tags for each song.

        Parameters
        ----------
        vectors : np.ndarray [shape=(n, 720 or more)]
            As groove-net embeds songs.

        Returns
        -------
        probabilities : np.ndarray [shape=(n, tags), dtype=float32, range=0..1]
        """
        logits = np.zeros((len(vectors), len(tags)), np.float32)
        of_msd = [i for i, tag in enumerate(tags) if tag.source == MSD]
        if of_msd:
            weight, bias = (part[[tags[i].number for i in of_msd]] for part in self.msd)
            logits[:, of_msd] = _part(vectors, MSD_FROM) @ weight.T + bias
        of_sounds = [i for i, tag in enumerate(tags) if tag.source == SOUNDS]
        if of_sounds:
            weight, bias = (part[[tags[i].number for i in of_sounds]] for part in self.sounds)
            hidden = hard_swish(_part(vectors, SOUNDS_FROM) @ self.hidden[0].T + self.hidden[1])
            logits[:, of_sounds] = hidden @ weight.T + bias
        said: Floats = expit(logits)
        return said


def _part(vectors: NDArray[np.floating], start: int) -> Floats:
    part: Floats = np.nan_to_num(vectors[:, start : start + N_COMPONENTS]).astype(np.float32)
    return part


def hard_swish(x: NDArray[F]) -> NDArray[F]:
    """x min(max(x + 3, 0), 6) / 6, which is EfficientAT's (Howard et al. 2019, MobileNetV3)."""
    squashed: NDArray[F] = x * np.clip(x + 3, 0, 6) / x.dtype.type(6)
    return squashed


@cache
def heads() -> Heads:
    """The included heads.

    Raises
    ------
    ModelError
        groove was installed without them.
    """
    with safe_open(shipped("pretrained") / HEADS, "numpy") as file:
        about = file.metadata()
        layers = {
            name: (
                file.get_tensor(f"{name}.weight").astype(np.float32),
                file.get_tensor(f"{name}.bias"),
            )
            for name in ("msd", "hidden", "sounds")
        }
    tags = [Tag(MSD, name, number) for number, name in enumerate(json.loads(about["msd"]))]
    tags += [Tag(SOUNDS, name, number) for number, name in enumerate(json.loads(about["sounds"]))]
    return Heads(tuple(tags), **layers)
