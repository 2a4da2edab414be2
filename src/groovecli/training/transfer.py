"""A head for the user's genres on a network that has heard more music than any one library holds.

The network stays as it is; a linear discriminant on songs' mean embeddings names the genres, every
genre being as likely as every other. It is solved, not searched for, so that five songs a genre are
enough and a hundred thousand songs take half a minute. Cross-validation over artists says how right it
is, how far its confidence can be believed, and whether songs' scatter within genres can be believed
further than usual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax
from torch import nn

from groovecli.datasets.windows import WindowDataset
from groovecli.models.confidence import fit_temperature
from groovecli.models.file import LoadedModel, StoredModel, load_model
from groovecli.models.listen import answers, batches_of
from groovecli.models.memory import Memory, artist_hash
from groovecli.models.pooling import means
from groovecli.monitor import SILENT, Monitor

_USUAL = 0.4  # of the scatter within genres is made a sphere's
_OTHERS = (0.05, 0.1, 0.2, 0.6, 0.8)
_MOST_FOLDS = 5

FEW_SONGS = {5: 0.498, 10: 0.580, 20: 0.625}
"""Songs of each of ten genres, and the share of others by unheard artists that is right then."""
ENOUGH_SONGS = 300  # a genre: from there a network that learns from nothing may be better

Vectors = NDArray[np.float64]
Labels = NDArray[np.int64]
Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


@dataclass(frozen=True)
class Head:
    """A linear layer that names genres, and what cross-validation says of it.

    Weight and bias are divided by the temperature that fits songs which the folds' heads had not seen,
    so that its probabilities can be believed, and songs lie apart in them as far as they should.

    weight : np.ndarray [shape=(genres, dim)]
    bias : np.ndarray [shape=(genres,)]
    accuracy, loss : float, optional
        Share of such songs that are right, and their mean negative log-likelihood.
    training_accuracy, training_loss : float
        The same of the songs that it was fitted to.
    held_out : np.ndarray [shape=(n,)]
        For each song, the number of the genre that a head names which has not seen it; -1 where there
        is none.
    """

    weight: Vectors
    bias: Vectors
    accuracy: float | None
    loss: float | None
    training_accuracy: float
    training_loss: float
    held_out: Labels


def likely_accuracy(n_songs: float) -> tuple[int, float] | None:
    """What songs a genre were worth where it was measured: the nearest number not above, and the accuracy.

    None where there are fewer than were ever tried, or enough to train without.
    """
    tried = [n for n in FEW_SONGS if n <= n_songs]
    return (max(tried), FEW_SONGS[max(tried)]) if tried and n_songs < ENOUGH_SONGS else None


def fit_head(
    vectors: Vectors, labels: Labels, groups: Sequence[str], n_genres: int, *, seed: int = 0
) -> Head:
    """Fit a head to songs' vectors; every genre counts the same, whatever its number of songs.

    Parameters
    ----------
    vectors : np.ndarray [shape=(n, dim)]
    labels : np.ndarray [shape=(n,)]
        Numbers of the songs' genres; each genre has a song.
    groups : sequence of str
        Of songs that must not stand on both sides of a fold: their artists.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # with another job on the cores, several threads take many times as long
        return _head(vectors, labels, _folds(labels, groups, n_genres, seed), n_genres)


def _head(vectors: Vectors, labels: Labels, folds: Folds, n_genres: int) -> Head:
    shrinkage, temperature, accuracy, loss = _USUAL, 1.0, None, None
    held_out = np.full(len(labels), -1)
    if folds:
        seen = np.concatenate([test for _, test in folds])
        found = {s: logits[seen] for s, logits in _out_of_fold(vectors, labels, folds, n_genres).items()}
        shrinkage = _best(found, labels[seen])
        logits, truth = found[shrinkage], labels[seen]
        temperature = fit_temperature(logits, truth)
        accuracy, loss = _accuracy(logits, truth), _loss(logits, truth, temperature)
        held_out[seen] = logits.argmax(axis=1)
    solved = _solved(*_scatter(vectors, labels), shrinkage)
    weight, bias = (part / temperature for part in solved)
    logits = vectors @ weight.T + bias
    training = _accuracy(logits, labels), _loss(logits, labels, 1.0)
    return Head(weight, bias, accuracy, loss, *training, held_out)


def _best(found: Mapping[float, Vectors], truth: Labels) -> float:
    """The shrinkage with the fewest errors, but the usual one where that may be chance.

    It has to beat the usual one by more than a standard error of the difference: among a thousand songs
    hardly any does, and what they choose is then worse for others.
    """
    right = {s: (logits.argmax(axis=1) == truth).astype(float) for s, logits in found.items()}
    best = max(right, key=lambda s: right[s].mean())
    gain = right[best] - right[_USUAL]
    return best if gain.mean() > gain.std() / np.sqrt(len(truth)) else _USUAL


def _loss(logits: Vectors, truth: Labels, temperature: float) -> float:
    """Mean negative log-likelihood."""
    shares = log_softmax(logits / temperature, axis=1)
    return -float(shares[np.arange(len(truth)), truth].mean())


def _accuracy(logits: Vectors, truth: Labels) -> float:
    return float((logits.argmax(axis=1) == truth).mean())


def _folds(labels: Labels, groups: Sequence[str], n_genres: int, seed: int) -> Folds:
    """Training and test songs of each fold; only folds whose training side has every genre."""
    from sklearn.model_selection import StratifiedGroupKFold

    artists = Counter(label for label, _ in set(zip(labels.tolist(), groups, strict=True)))
    n_folds = min(_MOST_FOLDS, *(artists[genre] for genre in range(n_genres)))
    if n_folds < 2:
        return []
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    folds = splitter.split(labels, labels, list(groups))
    return [(train, test) for train, test in folds if len(np.unique(labels[train])) == n_genres]


def _out_of_fold(vectors: Vectors, labels: Labels, folds: Folds, n_genres: int) -> dict[float, Vectors]:
    """The logits of each fold's songs by heads fitted to the others', for each shrinkage."""
    logits = {s: np.zeros((len(labels), n_genres)) for s in (_USUAL, *_OTHERS)}
    for train, test in folds:
        centres, scatter = _scatter(vectors[train], labels[train])
        for shrinkage, found in logits.items():
            weight, bias = _solved(centres, scatter, shrinkage)
            found[test] = vectors[test] @ weight.T + bias
    return logits


def _scatter(vectors: Vectors, labels: Labels) -> tuple[Vectors, Vectors]:
    """The genres' centres (genres, dim), and how songs scatter about them, all songs alike (dim, dim)."""
    centres = means(vectors, labels)
    inside = vectors - centres[labels]
    return centres, inside.T @ inside / len(vectors)


def _solved(centres: Vectors, scatter: Vectors, shrinkage: float) -> tuple[Vectors, Vectors]:
    """Weight and bias of the discriminant, the scatter being drawn towards a sphere of its size."""
    dim = len(scatter)
    sphere = (np.trace(scatter) / dim or 1.0) * np.eye(dim)
    covariance = (1 - shrinkage) * scatter + shrinkage * sphere
    weight = np.linalg.solve(covariance, centres.T).T.astype(np.float64)
    return weight, -(centres * weight).sum(axis=1) / 2


def remembered(
    model: LoadedModel, data: WindowDataset, artists: Mapping[str, str], *, monitor: Monitor = SILENT
) -> Memory:
    """A dataset's songs as a network hears them.

    Parameters
    ----------
    artists : mapping of track id to artist
        A song that is not in it is its own group.

    Raises
    ------
    Interrupted
        The user stopped it.
    """
    said = answers(model, batches_of(data, model.description.spec.n_together, "embed", monitor))
    tracks = np.array([clip.track_id for clip in data.clips])[data.clip_numbers]
    songs, first, number = np.unique(tracks, return_index=True, return_inverse=True)
    genres = model.description.genres
    return Memory(
        means(said.embeddings, number).astype(np.float32),
        np.array([genres[label] for label in data.labels[first]]),
        np.array([artist_hash(artists.get(str(song), str(song))) for song in songs]),
    )


def head_of(memory: Memory, genres: tuple[str, ...], *, seed: int = 0) -> Head:
    """A head that tells `genres` apart, each of which a song in memory has."""
    return fit_head(
        memory.vectors.astype(np.float64),
        memory.labels(genres),
        memory.artists.tolist(),
        len(genres),
        seed=seed,
    )


def give_head(network: nn.Module, head: Head) -> None:
    """Replace a network's layer of genres."""
    layer: nn.Linear = network.head()  # type: ignore[operator]
    n_genres, dim = head.weight.shape
    layer.weight = nn.Parameter(torch.from_numpy(head.weight).to(layer.weight))
    layer.bias = nn.Parameter(torch.from_numpy(head.bias).to(layer.bias))
    layer.out_features, layer.in_features = n_genres, dim


def start_from(network: nn.Module, base: StoredModel) -> None:
    """Copy a model's weights; its last layer fills the first rows of a taller one."""
    weights = load_model(base, torch.device("cpu")).network.state_dict()
    own = network.state_dict()
    for name, tensor in weights.items():
        if own[name].shape == tensor.shape:
            own[name].copy_(tensor)
        else:
            own[name][: len(tensor)].copy_(tensor)


def take_trunk(network: nn.Module, base: StoredModel) -> None:
    """Copy a model's weights but for its layer of genres."""
    loaded = load_model(base, torch.device("cpu")).network
    genres = {id(tensor) for tensor in loaded.head().parameters()}  # type: ignore[operator]
    own = network.state_dict()
    for name, tensor in loaded.state_dict(keep_vars=True).items():
        if id(tensor) not in genres:
            own[name].copy_(tensor.detach())
