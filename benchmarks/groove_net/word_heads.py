"""The tag heads of the taggers in groove-net, for the vectors that groove keeps of songs.

    python benchmarks/groove_net/word_heads.py WORK --music MUSIC --teachers TEACHERS

reads WORK/found (see listen.py) and writes pretrained/words/heads.safetensors: musicnn's last layer, for
50 tags of the Million Song Dataset, and the last two of EfficientAT, for 527 of AudioSet. A song's vector
has 200 principal components of the means and spreads of what each of the two finds. So the means that a
head takes are fitted to the components of songs by ridge regression, which is multiplied into the head's
first layer. Prints how well tags from vectors agree with those from the means, by artists held out.
With WORK/rivals (see rivals.py) for some songs, the same with the taggers as their authors run them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from music import Piece, arguments, folds, of_library
from numpy.typing import NDArray
from safetensors.numpy import load_file, save
from scipy.special import expit, logit
from scipy.stats import rankdata

from groovecli.files import write_bytes
from groovecli.networks.efficientat import TRUNK_DIM
from groovecli.networks.groove_net import N_PATCHES, N_SQUARES
from groovecli.words.heads import HEADS, MSD_FROM, N_COMPONENTS, SOUNDS_FROM, hard_swish, heads

Table = NDArray[np.float64]
SHIPPED = Path(__file__).parents[2] / "pretrained"
LICENCE = "ISC (MTG-UPF), MIT (F. Schmid); names of AudioSet: CC BY 4.0 (Google); see README.md"
_N_DENSE = 200  # of musicnn
_EPSILON = 1e-3  # of its batch norm
_RIDGE = 0.1  # of the mean variance of the components
_AUDIBLE, _IN_SONGS = 0.02, 0.02  # probability, and share of songs: of tags that music has
_TINY = 1e-5  # batch norm's, as in fit.py


@dataclass(frozen=True)
class Layer:
    """x @ weight.T + bias."""

    weight: Table
    bias: Table

    def __call__(self, x: Table) -> Table:
        """(n, inputs) -> (n, outputs)."""
        given: Table = x @ self.weight.T + self.bias
        return given

    def after(self, first: Layer) -> Layer:
        """Both in one: the first, then this one."""
        return Layer(self.weight @ first.weight, self.weight @ first.bias + self.bias)


def head_of_musicnn(teachers: Path) -> Layer:
    """From the mean of its 200 numbers, before their batch norm, to 50 tags."""
    w = {
        name: array.astype(float) for name, array in load_file(teachers / "MSD_musicnn.safetensors").items()
    }
    norm = "batch_normalization_10"
    gain = w[f"{norm}/gamma"] / np.sqrt(w[f"{norm}/moving_variance"] + _EPSILON)
    offset = w[f"{norm}/beta"] - w[f"{norm}/moving_mean"] * gain
    tags = Layer(w["dense_1/kernel"].T, w["dense_1/bias"])
    return tags.after(Layer(np.diag(gain), offset))


def heads_of_efficientat(teachers: Path) -> tuple[Layer, Layer]:
    """From the mean of its 384 numbers to 512, and from these, squashed, to 527 tags."""
    w = load_file(teachers / "efficientat_mn04_as.safetensors")
    one, two = (
        Layer(w[f"classifier.{n}.weight"].astype(float), w[f"classifier.{n}.bias"].astype(float))
        for n in (2, 5)
    )
    return one, two


def restored(components: Table, found: Table) -> Layer:
    """What gives the means that were found in songs from the songs' components."""
    centre, mean = components.mean(axis=0), found.mean(axis=0)
    x = components - centre
    moment = x.T @ x
    moment += _RIDGE * np.trace(moment) / len(moment) * np.eye(len(moment))
    weight = np.linalg.solve(moment, x.T @ (found - mean)).T
    return Layer(weight, mean - weight @ centre)


def embedded(found: Table) -> Table:
    """What the layers find in songs (n, 2477) to the vectors that groove keeps (n, 720)."""
    w = load_file(SHIPPED / "groove-net" / "model.safetensors")
    std = np.sqrt(w["standard.running_var"] + _TINY)
    vectors: Table = ((found - w["standard.running_mean"]) / std) @ w["embed.weight"].T.astype(float)
    return vectors


def agreement(one: Table, other: Table) -> Table:
    """Rank correlation over songs (Spearman) for each tag."""
    a, b = (rankdata(table, axis=0) - (len(table) + 1) / 2 for table in (one, other))
    found: Table = (a * b).sum(axis=0) / np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return found


def measure(said: Table, meant: Table, what: str) -> None:
    """Print how well tags agree: all of them, and those that music has."""
    is_used = (expit(meant) > _AUDIBLE).mean(axis=0) > _IN_SONGS
    found = agreement(said, meant)
    for name, some in ((f"{what}: all {len(found)}", found), (f"{is_used.sum()} of music", found[is_used])):
        low = np.percentile(some, 10)
        print(
            f"{name} tags: median {np.median(some):.3f}, tenth part below {low:.3f}, least {some.min():.3f}"
        )


def main() -> None:
    """Fit, measure and write the heads."""
    asked = arguments(__doc__, "--music", "--teachers").parse_args()
    pieces = [p for p in of_library(asked.music) if (asked.work / "found" / f"{p.key}.npy").exists()]
    found = np.stack([np.load(asked.work / "found" / f"{p.key}.npy")[0] for p in pieces]).astype(float)
    fold, vectors = folds(pieces), embedded(found)
    numbers = np.array([fold[piece.key] for piece in pieces])
    starts = {
        "msd": (MSD_FROM, N_SQUARES, _N_DENSE),
        "sounds": (SOUNDS_FROM, N_SQUARES + N_PATCHES, TRUNK_DIM),
    }
    sides = {
        name: (vectors[:, at : at + N_COMPONENTS], found[:, begin : begin + n])
        for name, (at, begin, n) in starts.items()
    }
    tags, (hidden, sounds) = head_of_musicnn(asked.teachers), heads_of_efficientat(asked.teachers)
    named: dict[str, Callable[[Table], Table]] = {
        "msd": tags,
        "sounds": lambda means: sounds(hard_swish(hidden(means))),
    }
    for name, (components, means) in sides.items():
        guessed = np.zeros_like(means)
        for n in sorted(set(numbers)):
            guessed[numbers == n] = restored(components[numbers != n], means[numbers != n])(
                components[numbers == n]
            )
        measure(named[name](guessed), named[name](means), name)
    measure_rivals(asked.work / "rivals", pieces, vectors, asked.teachers)
    write(
        tags.after(restored(*sides["msd"])),
        hidden.after(restored(*sides["sounds"])),
        sounds,
        asked.teachers,
    )


def measure_rivals(folder: Path, pieces: list[Piece], vectors: Table, teachers: Path) -> None:
    """Print how well tags by the included heads agree with those that the taggers name window by window."""
    there = [i for i, piece in enumerate(pieces) if (folder / f"{piece.key}.npz").exists()]
    if not there or not (SHIPPED / HEADS).exists():
        return
    heads.cache_clear()
    said = logit(heads().probabilities(vectors[there], heads().tags).astype(float))
    tensors = load_file(teachers / "MSD_musicnn.safetensors")
    tags = Layer(tensors["dense_1/kernel"].T, tensors["dense_1/bias"])
    hidden, sounds = heads_of_efficientat(teachers)
    msd, eat = [], []
    for i in there:
        with np.load(folder / f"{pieces[i].key}.npz") as windows:
            msd.append(expit(tags(windows["msd"].astype(float))).mean(axis=0))
            eat.append(expit(sounds(hard_swish(hidden(windows["eat"].astype(float))))).mean(axis=0))
    print(f"{len(there)} songs, against the taggers themselves:")
    measure(said[:, : len(tags.bias)], logit(np.array(msd)), "msd")
    measure(said[:, len(tags.bias) :], logit(np.array(eat)), "sounds")


def write(msd: Layer, hidden: Layer, sounds: Layer, teachers: Path) -> None:
    """Write the heads at half precision, with the names of their tags."""
    with (teachers / "audioset_classes.csv").open(newline="", encoding="utf-8") as file:
        names = [row["display_name"] for row in csv.DictReader(file)]
    tags = (teachers / "msd_tags.txt").read_text("utf-8").splitlines()
    assert (len(tags), len(names)) == (len(msd.bias), len(sounds.bias))
    tensors = {}
    for name, layer in {"msd": msd, "hidden": hidden, "sounds": sounds}.items():
        tensors[f"{name}.weight"] = np.ascontiguousarray(layer.weight, "<f2")
        tensors[f"{name}.bias"] = layer.bias.astype("<f4")
    about = {
        "msd": json.dumps(tags),
        "sounds": json.dumps(names),
        "licence": LICENCE,
        "model": "groove-net",
    }
    write_bytes(SHIPPED / HEADS, save(tensors, about))


if __name__ == "__main__":
    main()
