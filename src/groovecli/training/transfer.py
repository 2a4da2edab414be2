"""A head for the user's genres on a network that was trained on far more music than one library.

The network stays as it is; a linear discriminant on songs' mean embeddings names the genres, every
genre being as likely as every other. It is solved, not searched for, so five songs per genre are
enough and a hundred thousand songs take half a minute. Cross-validation over artists says how right it
is, how far its confidence can be believed, and whether songs' scatter within genres can be believed
further than usual.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from groovecli.datasets.windows import WindowDataset
from groovecli.models.answers import answers, batches_of
from groovecli.models.file import StoredModel
from groovecli.models.loaded import LoadedModel, load_model
from groovecli.models.memory import Memory, artist_hash
from groovecli.models.pooling import means
from groovecli.monitor import SILENT, Monitor
from groovecli.training.head import Head, fit_head

FEW_SONGS = {5: 0.498, 10: 0.580, 20: 0.625}
"""Songs of each of ten genres, and the share of others by unheard artists that is right then."""
ENOUGH_SONGS = 300  # per genre: from there, a network trained from scratch may be better


def likely_accuracy(n_songs: float) -> tuple[int, float] | None:
    """Accuracy measured with so many songs per genre: the nearest number not above, and the accuracy.

    None if there are fewer songs than were ever tried, or enough to train from scratch.
    """
    tried = [n for n in FEW_SONGS if n <= n_songs]
    return (max(tried), FEW_SONGS[max(tried)]) if tried and n_songs < ENOUGH_SONGS else None


def remembered(
    model: LoadedModel, data: WindowDataset, artists: Mapping[str, str], *, monitor: Monitor = SILENT
) -> Memory:
    """The vectors of a dataset's songs by a network.

    Parameters
    ----------
    artists : mapping of track id to artist
        A song that is not in it is its own group.

    Raises
    ------
    Interrupted
        The user stopped it.
    """
    batches = batches_of(data, model.n_together, "embed", monitor)
    embeddings = answers(model, batches).embeddings
    tracks = np.array([clip.track_id for clip in data.clips])[data.clip_numbers]
    songs, first, number = np.unique(tracks, return_index=True, return_inverse=True)
    genres = model.description.genres
    return Memory(
        means(embeddings, number).astype(np.float32),
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
