"""groove-net's own part: which of what its layers find tells music apart, and the genres.

    python benchmarks/groove_net/fit.py WORK STUDENTS --music MUSIC --teachers TEACHERS

writes STUDENTS/fold-0.safetensors to fold-4.safetensors, each fitted to nothing by the artists of its fold,
and all.safetensors, fitted to all songs. How each is fitted is chosen anew, by cross-validation over the
artists that it may hear: whether musicnn's patches and FCN-5's pairs help, and how many principal
components. Its temperature is that of the songs that were held out there. What all choices were worth is
written beside it as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import torch
from joblib import Parallel, delayed
from listen import network_of
from music import GENRES, N_FOLDS, Piece, arguments, folds, of_library
from numpy.typing import NDArray
from safetensors.torch import save_file
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from groovecli.confidence import fit_temperature
from groovecli.models.groove_net import EMBEDDING_DIM, N_PAIRED, GrooveNet
from groovecli.transfer import fit_head

Table = NDArray[np.float64]
_N_SQUARES = 1241  # the first numbers are FCN-5's, the next its pairs, the last musicnn's
_N_PAIRS = N_PAIRED * (N_PAIRED + 1) // 2
_PAIRS_WEIGHT = 0.35
_N_INNER = 4
_TINY, _TINIER = 1e-5, 1e-6  # batch norm's, and groove-net's


@dataclass(frozen=True)
class Heard:
    """What the layers find in pieces, and what is known of these.

    found : np.ndarray [shape=(n, 2, numbers)], of a piece's first and last clip, their pairs not made yet
    products : np.ndarray [shape=(n, 2, 128, 128)], likewise
    labels : np.ndarray [shape=(n,)], -1 where no genre of the ten is known
    """

    found: Table
    products: Table
    labels: NDArray[np.int64]
    artists: NDArray[np.str_]
    keys: NDArray[np.str_]

    def at(self, which: NDArray[np.generic]) -> Heard:
        """Some of the pieces."""
        parts = (self.found, self.products, self.labels, self.artists, self.keys)
        return Heard(*(part[which] for part in parts))


@dataclass(frozen=True)
class Choice:
    """How the own part is fitted."""

    has_patches: bool
    has_pairs: bool
    n_components: int


@dataclass(frozen=True)
class Own:
    """embedding = (found - mean) / std @ axes, and the head on it; `sums` make the pairs."""

    sums: Table
    mean: Table
    std: Table
    axes: Table
    weight: Table
    bias: Table

    def embeddings(self, heard: Heard) -> Table:
        """(n, dim)."""
        found = mean_found(heard, self.sums)
        embedded: Table = (found - self.mean) / self.std @ self.axes
        return embedded

    def logits(self, heard: Heard) -> Table:
        """(n, genres)."""
        said: Table = self.embeddings(heard) @ self.weight.T + self.bias
        return said


def load(work: Path, pieces: list[Piece]) -> Heard:
    """All pieces that were listened to."""
    files = [np.load(work / "found" / f"{piece.key}.npz") for piece in pieces]
    return Heard(
        np.stack([file["found"][[0, -1]] for file in files]),
        np.stack([file["products"][[0, -1]] for file in files]),
        np.array([GENRES.index(piece.genre) if piece.genre in GENRES else -1 for piece in pieces]),
        np.array([piece.artist for piece in pieces]),
        np.array([piece.key for piece in pieces]),
    )


def sums_of(products: Table) -> Table:
    """The sums of filters that hold most of what equally strong filters do (sums, filters)."""
    mean = products.mean(axis=(0, 1)).astype(float)
    strength = np.sqrt(np.diag(mean))
    _, vectors = np.linalg.eigh(mean / np.outer(strength, strength))
    made: Table = vectors[:, ::-1][:, :N_PAIRED].T / strength
    return made


def with_pairs(found: Table, products: Table, sums: Table) -> Table:
    """What is found in clips, with the pairs as the sums make them: what GrooveNet.found gives."""
    rows, columns = np.triu_indices(N_PAIRED)
    pairs = (sums @ products @ sums.T)[..., rows, columns]
    pairs = pairs / np.sqrt(np.abs(pairs) + _TINIER)
    return np.concatenate([found[..., :_N_SQUARES], pairs, found[..., _N_SQUARES + _N_PAIRS :]], axis=-1)


def mean_found(heard: Heard, sums: Table) -> Table:
    """The mean over each piece's clips of what is found in them."""
    mean: Table = with_pairs(heard.found, heard.products, sums).mean(axis=1)
    return mean


def fitted(songs: Heard, choices: list[Choice]) -> Iterator[tuple[Choice, Own]]:
    """The own part by each choice; what they share is computed once."""
    sums = sums_of(songs.products)
    found = mean_found(songs, sums)
    for has_patches, has_pairs in sorted({(c.has_patches, c.has_pairs) for c in choices}):
        weight = np.ones(found.shape[1])
        weight[_N_SQUARES : _N_SQUARES + _N_PAIRS] = _PAIRS_WEIGHT * has_pairs
        weight[_N_SQUARES + _N_PAIRS :] = has_patches
        mean, std = found.mean(axis=0), np.sqrt(found.var(axis=0) + _TINY)
        table = (found - mean) / std * weight
        _, _, vectors = np.linalg.svd(table, full_matrices=False)
        for choice in choices:
            if (choice.has_patches, choice.has_pairs) == (has_patches, has_pairs):
                axes = weight[:, None] * vectors[: choice.n_components].T
                axes = axes / np.sqrt(np.square((found - mean) / std @ axes).mean())
                yield choice, _own(songs, sums, mean, std, axes)


def _own(songs: Heard, sums: Table, mean: Table, std: Table, axes: Table) -> Own:
    labelled = songs.at(songs.labels >= 0)
    headless = Own(sums, mean, std, axes, np.zeros((0, 0)), np.zeros(0))
    embedded = headless.embeddings(labelled)
    head = fit_head(embedded, labelled.labels, labelled.artists.tolist(), len(GENRES))
    return Own(sums, mean, std, axes, head.weight, head.bias)


def choose(songs: Heard) -> tuple[Choice, float, dict[Choice, float]]:
    """The choice that is best on artists held out, the temperature there, and what all are worth.

    Worth is the mean of accuracy and macro-F1.
    """
    grid = [Choice(*c) for c in product((False, True), (False, True), (EMBEDDING_DIM // 2, EMBEDDING_DIM))]
    numbers = np.flatnonzero(songs.labels >= 0)
    said = {choice: np.zeros((len(songs.labels), len(GENRES))) for choice in grid}
    splitter = StratifiedGroupKFold(_N_INNER, shuffle=True, random_state=1)
    for _, test in splitter.split(numbers, songs.labels[numbers], songs.artists[numbers]):
        held_out = np.isin(songs.artists, songs.artists[numbers[test]])
        for choice, own in fitted(songs.at(~held_out), grid):
            said[choice][held_out] = own.logits(songs.at(held_out))
    truth = songs.labels[numbers]
    worth = {choice: _worth(truth, logits[numbers]) for choice, logits in said.items()}
    best = max(worth, key=worth.__getitem__)
    return best, fit_temperature(said[best][numbers], truth), worth


def _worth(truth: NDArray[np.int64], logits: Table) -> float:
    guess = logits.argmax(axis=1)
    return float(np.mean(guess == truth) + f1_score(truth, guess, average="macro")) / 2


def network(own: Own, temperature: float, teachers: Path) -> GrooveNet:
    """groove-net with its own part; the temperature is in the layer of genres."""
    made = network_of(teachers)
    n_components = own.axes.shape[1]
    axes, weight = np.zeros((len(own.mean), EMBEDDING_DIM)), np.zeros((len(GENRES), EMBEDDING_DIM))
    axes[:, :n_components], weight[:, :n_components] = own.axes, own.weight / temperature
    fields = {
        "squares.sums": own.sums,
        "standard.running_mean": own.mean,
        "standard.running_var": own.std**2 - _TINY,
        "embed.weight": axes.T,
        "embed.bias": np.zeros(EMBEDDING_DIM),
        "genres.weight": weight,
        "genres.bias": own.bias / temperature,
    }
    made.load_state_dict(
        made.state_dict() | {name: torch.from_numpy(array) for name, array in fields.items()}
    )
    return made


def make(path: Path, songs: Heard, teachers: Path) -> None:
    """Choose, fit and write one student."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        choice, temperature, worth = choose(songs)
        ((_, own),) = fitted(songs, [choice])
    print(path.name, choice, f"worth {worth[choice]:.3f}, temperature {temperature:.2f}", flush=True)
    tensors = {k: v.contiguous() for k, v in network(own, temperature, teachers).state_dict().items()}
    save_file(tensors, path.with_suffix(".safetensors"))
    ranked = sorted(worth.items(), key=lambda pair: -pair[1])
    found = [{"choice": asdict(choice), "worth": value} for choice, value in ranked]
    path.with_suffix(".json").write_text(json.dumps(found, indent=1))


def main() -> None:
    """Fit five students and what ships."""
    parser = arguments(__doc__, "students", "--music", "--teachers")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    pieces = of_library(asked.music)
    fold = folds(pieces)
    songs = load(asked.work, pieces)
    numbers = np.array([fold[key] for key in songs.keys])
    asked.students.mkdir(parents=True, exist_ok=True)
    sides = {f"fold-{n}": songs.at(numbers != n) for n in range(N_FOLDS)} | {"all": songs}
    Parallel(n_jobs=asked.jobs)(
        delayed(make)(asked.students / name, heard, asked.teachers) for name, heard in sides.items()
    )


if __name__ == "__main__":
    main()
