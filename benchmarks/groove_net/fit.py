"""groove-net's own part: which of what its layers find tells music apart, and the genres.

    python benchmarks/groove_net/fit.py WORK STUDENTS --music MUSIC --teachers TEACHERS

writes STUDENTS/fold-0.safetensors to fold-4.safetensors, each fitted without the artists of its fold,
and all.safetensors, fitted to all songs. Cross-validation over each student's artists chooses whether
to even out what changes within songs. The temperature comes from the songs that were held out there.
What the choices were worth is written beside the student as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from joblib import Parallel, delayed
from listen import COPIES, network_of
from music import GENRES, N_FOLDS, Piece, arguments, folds, of_library
from numpy.typing import NDArray
from safetensors.torch import save_file
from scipy.linalg import block_diag
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from groovecli.models.temperature import fit_temperature
from groovecli.networks.groove_net import EMBEDDING_DIM, N_PATCHES, N_SQUARES, N_WINDOWS, GrooveNet
from groovecli.training.head import fit_head

Table = NDArray[np.float64]
_N_INNER = 4
_EVENINGS = (0.0, 0.75)
_TINY = 1e-5  # batch norm's
_N_FIRST = 700  # principal components in which songs are evened out
# Of each tagger: the numbers that it finds, and the components that are kept of them.
_TAGGERS = ((N_SQUARES, EMBEDDING_DIM - 400), (N_PATCHES, 200), (N_WINDOWS, 200))
_WHOLE_WEIGHT = 3  # of a song in the head, where each of two excerpts has 1
_DEGRADED_WEIGHT = 3.0  # of degraded copies in what changes within songs
_FLOOR = 0.1  # of the mean variance: what changes less than that counts as if it did so


@dataclass(frozen=True)
class Heard:
    """What the layers find in pieces, and what is known of these.

    found : np.ndarray [shape=(n, clips, numbers)], of each piece as groove hears it, then of its copies
    labels : np.ndarray [shape=(n,)], -1 where no genre of the ten is known
    """

    found: NDArray[np.float32]
    labels: NDArray[np.int64]
    artists: NDArray[np.str_]
    keys: NDArray[np.str_]

    def at(self, which: NDArray[np.generic]) -> Heard:
        """Some of the pieces."""
        return Heard(*(part[which] for part in (self.found, self.labels, self.artists, self.keys)))

    def as_they_are(self) -> Table:
        """What is found in the pieces, without copies (n, numbers)."""
        return self.found[:, 0].astype(float)

    def copies(self, name: str) -> Table:
        """What is found in the first copy of a name (n, numbers)."""
        return self.found[:, 1 + COPIES.index(name)].astype(float)


@dataclass(frozen=True)
class Own:
    """embedding = (found - mean) / std @ axes, and the head on it."""

    mean: Table
    std: Table
    axes: Table
    weight: Table
    bias: Table

    def embeddings(self, found: NDArray[np.floating]) -> Table:
        """(..., numbers) -> (..., dim)."""
        embedded: Table = (found - self.mean) / self.std @ self.axes
        return embedded

    def logits(self, found: NDArray[np.floating]) -> Table:
        """(..., numbers) -> (..., genres)."""
        said: Table = self.embeddings(found) @ self.weight.T + self.bias
        return said


def load(work: Path, pieces: list[Piece]) -> Heard:
    """All pieces that were listened to."""
    return Heard(
        np.stack([np.load(work / "found" / f"{piece.key}.npy") for piece in pieces]),
        np.array([GENRES.index(piece.genre) if piece.genre in GENRES else -1 for piece in pieces]),
        np.array([piece.artist for piece in pieces]),
        np.array([piece.key for piece in pieces]),
    )


def fitted(songs: Heard, evenings: tuple[float, ...]) -> Iterator[tuple[float, Own]]:
    """The own part, however far songs are evened out; what that shares is computed once.

    Each tagger has components of its own, of as much weight as the others'.
    """
    found = songs.as_they_are()
    mean, std = found.mean(axis=0), np.sqrt(found.var(axis=0) + _TINY)
    table, copies = (found - mean) / std, (songs.found - mean) / std
    stops = np.cumsum([0, *(n_numbers for n_numbers, _ in _TAGGERS)])
    parts = [_Part(table[:, a:b], copies[..., a:b]) for a, b in pairwise(stops)]
    for evening in evenings:
        axes = [part.axes(evening, n) for part, (_, n) in zip(parts, _TAGGERS, strict=True)]
        yield evening, _own(songs, mean, std, block_diag(*axes))


class _Part:
    """What one tagger finds in songs (n, numbers) and in them and their copies (n, clips, numbers)."""

    def __init__(self, table: Table, copies: Table) -> None:
        self.table = table
        self.everything = _components(table, _N_FIRST)
        self.embedded = copies @ self.everything

    def axes(self, evening: float, n: int) -> Table:
        """The n directions in which songs differ most once they are evened out (numbers, n)."""
        evened = self.everything @ _evened(self.embedded, evening)
        axes = evened @ _components(self.table @ evened, n)
        scaled: Table = axes / np.sqrt(np.square(self.table @ axes).mean())
        return scaled


def _components(table: Table, n: int) -> Table:
    """The directions in which rows of mean 0 differ most (dim, n)."""
    _, directions = np.linalg.eigh(table.T @ table)
    return directions[:, ::-1][:, :n]


def _evened(embedded: Table, evening: float) -> Table:
    """What brings the scatter of songs' copies about them nearer to a sphere (dim, dim).

    embedded : np.ndarray [shape=(n, clips, dim)]
    evening : 0 leaves it as it is, with 1 it is the same in all directions
    """
    weights = [_DEGRADED_WEIGHT if name == "degraded" else 1.0 for name in COPIES]
    centres = embedded[:, 0]
    apart = (embedded[:, 1:] - centres[:, None]) * np.sqrt(weights)[:, None]
    rows = apart.reshape(-1, apart.shape[-1])
    variance, directions = np.linalg.eigh(rows.T @ rows / len(rows))
    floor = _FLOOR * centres.var(axis=0).mean()
    matrix: Table = directions * (np.maximum(variance, 0) + floor) ** (-evening / 2) @ directions.T
    return matrix


def _own(songs: Heard, mean: Table, std: Table, axes: Table) -> Own:
    """With a head that is fitted to songs, and a little to excerpts, so that it knows none by heart."""
    labelled = songs.at(songs.labels >= 0)
    headless = Own(mean, std, axes, np.zeros((0, 0)), np.zeros(0))
    heard = [labelled.as_they_are()] * _WHOLE_WEIGHT + [labelled.copies(name) for name in ("20 s", "15 s")]
    embedded = np.concatenate([headless.embeddings(found) for found in heard])
    labels, artists = np.tile(labelled.labels, len(heard)), labelled.artists.tolist() * len(heard)
    head = fit_head(embedded, labels, artists, len(GENRES))
    return Own(mean, std, axes, head.weight, head.bias)


def choose(songs: Heard) -> tuple[float, float, dict[float, float]]:
    """The evening that is best on artists held out, the temperature there, and what all are worth.

    Worth is the mean of accuracy and macro-F1, of songs as they are and of a degraded copy of each.
    """
    numbers = np.flatnonzero(songs.labels >= 0)
    tried = np.stack([songs.as_they_are(), songs.copies("degraded")])  # (2, n, numbers)
    said = {evening: np.zeros((*tried.shape[:2], len(GENRES))) for evening in _EVENINGS}
    splitter = StratifiedGroupKFold(_N_INNER, shuffle=True, random_state=1)
    for _, test in splitter.split(numbers, songs.labels[numbers], songs.artists[numbers]):
        held_out = np.isin(songs.artists, songs.artists[numbers[test]])
        for evening, own in fitted(songs.at(~held_out), _EVENINGS):
            said[evening][:, held_out] = own.logits(tried[:, held_out])
    truth = songs.labels[numbers]
    worth = {
        evening: float(np.mean([_worth(truth, one[numbers]) for one in logits]))
        for evening, logits in said.items()
    }
    best = max(worth, key=worth.__getitem__)
    return best, fit_temperature(said[best][0, numbers], truth), worth


def _worth(truth: NDArray[np.int64], logits: Table) -> float:
    guess = logits.argmax(axis=1)
    return float(np.mean(guess == truth) + f1_score(truth, guess, average="macro")) / 2


def network(own: Own, temperature: float, teachers: Path) -> GrooveNet:
    """groove-net with its own part; the temperature is in the layer of genres."""
    made = network_of(teachers)
    fields = {
        "standard.running_mean": own.mean,
        "standard.running_var": own.std**2 - _TINY,
        "embed.weight": own.axes.T,
        "embed.bias": np.zeros(EMBEDDING_DIM),
        "genres.weight": own.weight / temperature,
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
        evening, temperature, worth = choose(songs)
        ((_, own),) = fitted(songs, (evening,))
    print(
        f"{path.name} evened {evening}, worth {worth[evening]:.3f}, temperature {temperature:.2f}",
        flush=True,
    )
    tensors = {k: v.contiguous() for k, v in network(own, temperature, teachers).state_dict().items()}
    save_file(tensors, path.with_suffix(".safetensors"))
    path.with_suffix(".json").write_text(json.dumps({"temperature": temperature, "worth": worth}, indent=1))


def main() -> None:
    """Fit five students and the model that is included."""
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
