"""How good a model's space of sound is: its neighbours, its clusters, its reconstructions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.evaluation.measure import Measured
from groovecli.models.loaded import LoadedModel
from groovecli.models.pooling import pooled_vectors
from groovecli.models.results import Answers
from groovecli.networks.spec import ModelSpec

_N_NEIGHBOURS = 10


@dataclass(frozen=True)
class Space:
    """How well the embeddings of test songs agree with their genres; shares in [0, 1].

    None stands where there are too few songs, or too few artists, for a figure.

    Parameters
    ----------
    precision_at_10 : float, optional
        Share of a song's ten nearest songs by other artists that are of its genre. Songs count for which
        that is a question: there are more than ten songs by others, and some of them are of the genre.
    precision_by_chance : float, optional
        The same of ten such songs drawn at random.
    nmi : float, optional
        Normalised mutual information of the genres and as many clusters (k-means).
    reconstruction_error : float, optional
        Mean squared error as a share of the inputs' variance; 1 is what their mean would have.
    n_songs : int
        Test songs.
    """

    precision_at_10: float | None
    precision_by_chance: float | None
    nmi: float | None
    reconstruction_error: float | None
    n_songs: int


def space(model: LoadedModel, measured: Measured, *, seed: int = 0) -> Space:
    """Measure the space that a model puts a dataset's test songs in."""
    songs, first, number = np.unique(measured.songs, return_index=True, return_inverse=True)
    vectors = song_vectors(
        measured.answers.embeddings, number, model.description.spec, measured.answers.logits
    )
    clips = [measured.data.clips[measured.data.clip_numbers[i]] for i in first]
    genres = np.array([clip.genre for clip in clips])
    artists = np.array([measured.dataset.artists.get(str(song), str(song)) for song in songs])
    precision, by_chance = neighbour_precision(vectors, genres, artists)
    return Space(
        precision,
        by_chance,
        _nmi(vectors, genres, seed),
        reconstruction_error(measured.answers),
        len(songs),
    )


def song_vectors(
    embeddings: NDArray[np.float32],
    song_of_window: NDArray[np.intp],
    spec: ModelSpec,
    logits: NDArray[np.float32] | None = None,
) -> NDArray[np.float64]:
    """A vector per song [shape=(songs, dim)], of unit length where cosine compares them."""
    vectors = pooled_vectors(embeddings, song_of_window, spec, logits)
    if spec.similarity == "cosine":
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return vectors


def neighbour_precision(
    vectors: NDArray[np.float64], genres: NDArray[np.str_], artists: NDArray[np.str_]
) -> tuple[float | None, float | None]:
    """Mean share of each song's nearest ten by other artists that are of its genre, and by chance.

    Where a song's nearest ten are all that there are, or none of them could be of its genre, whatever the
    space, the song is left out; without any song left there is no figure.
    """
    precisions, chances = [], []
    for song in range(len(vectors)):
        others = np.flatnonzero(artists != artists[song])
        alike = genres[others] == genres[song]
        if len(others) <= _N_NEIGHBOURS or not alike.any():
            continue
        distances = ((vectors[others] - vectors[song]) ** 2).sum(axis=1)
        nearest = others[np.argsort(distances, kind="stable")[:_N_NEIGHBOURS]]
        precisions.append(float(np.mean(genres[nearest] == genres[song])))
        chances.append(float(np.mean(alike)))
    if not precisions:
        return None, None
    return float(np.mean(precisions)), float(np.mean(chances))


def reconstruction_error(answers: Answers) -> float | None:
    """Mean squared error as a share of the inputs' variance; None where nothing is reconstructed."""
    if answers.errors is None or answers.moments is None:
        return None
    mean, mean_square = answers.moments.mean(axis=0, dtype=np.float64)
    variance = mean_square - mean**2
    return float(answers.errors.mean(dtype=np.float64) / variance) if variance > 0 else 0.0


def _nmi(vectors: NDArray[np.float64], genres: NDArray[np.str_], seed: int) -> float | None:
    from sklearn.cluster import KMeans
    from sklearn.metrics import normalized_mutual_info_score
    from threadpoolctl import threadpool_limits

    n_clusters = len(np.unique(genres))
    if len(vectors) <= n_clusters:
        return None
    with threadpool_limits(1):
        labels = KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(vectors)
    return float(normalized_mutual_info_score(genres, labels))
