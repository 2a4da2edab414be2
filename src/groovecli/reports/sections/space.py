"""The test songs as points: which of them the network finds alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from groovecli.evaluation.judged import Judged
from groovecli.messages.words import count
from groovecli.reports.colours import Scheme
from groovecli.reports.sections.listed import Listed
from groovecli.reports.vectors import project
from groovecli.reports.web.frame import Section
from groovecli.reports.web.html import tag
from groovecli.reports.web.song_map import Dot, song_map

_FEWEST_SONGS = 6  # for t-SNE
_HINT = "Point at a song, or go there with Tab and the arrow keys; a click or Enter plays it."
_OF_TSNE = (
    "t-SNE of the network's embeddings: songs that are close for the network are close here. Distances"
    " between groups, and their sizes, mean nothing."
)
_OF_PCA = "Drawn along the two directions in which the embeddings of songs differ most (PCA)."


def sample(embeddings: NDArray[np.float64], most: int, seed: int) -> list[int]:
    """The numbers of the songs to draw, at random where there are more; none without a plane."""
    n_songs, width = embeddings.shape
    chosen: list[int] = np.random.default_rng(seed).permutation(n_songs)[:most].tolist()
    return chosen if width > 1 else []


def space(
    songs: Sequence[Judged],
    embeddings: NDArray[np.float64],
    on_map: Sequence[int],
    listed: Listed,
    scheme: Scheme,
    seed: int,
) -> Section | None:
    """The map of those songs `on_map` that the page lists; None without any.

    The embeddings [shape=(n, dim)] are in the order of the songs.
    """
    chosen = np.array(sorted(n for n in on_map if songs[n].track_id in listed.numbers), np.int64)
    if not len(chosen):
        return None
    method = "tsne" if len(chosen) >= _FEWEST_SONGS else "pca"
    points = project(embeddings[chosen].astype(np.float32), method, seed=seed)
    dots = [_dot(songs[number], listed.numbers) for number in chosen.tolist()]
    sampled = (
        f"{count(len(dots), 'song')} of {len(songs):,}, drawn at random. " if len(dots) < len(songs) else ""
    )
    caption = tag("p", sampled, _OF_TSNE if method == "tsne" else _OF_PCA, class_="soft small")
    title = f"Map of {count(len(dots), 'test song')}: neighbours sound alike to the network"
    return Section(title, (song_map(points, dots, scheme, _HINT), caption), "map")


def _dot(song: Judged, numbers: Mapping[str, int]) -> Dot:
    return Dot(numbers[song.track_id], song.genre, not song.is_right)
