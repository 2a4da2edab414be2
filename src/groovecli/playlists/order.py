"""The songs of a playlist in the order in which they are heard, and how many of one artist it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from groovecli.messages.playlists import no_such_order
from groovecli.playlists.rows import Vectors

ORDERS = ("smooth", "exemplar", "title", "shuffle")
"""A short path through sound, from near to far of the exemplar, by title, or drawn."""

_AT_ONCE = 500  # songs of one path; a longer list is a chain of paths
_ROUNDS = 30  # of reversing stretches; a path of 500 songs is as short as it gets after 12
_FEW_ROUNDS = 3  # of a longer list's paths: three quarters of the gain in a quarter of the time
_OWN_LIST = 0.5  # share of the songs above which a list is its artist's own

VectorsOf = Callable[[NDArray[np.intp]], Vectors]
Order = tuple[int, ...]
Steps = NDArray[np.float32]


def check_order(name: str) -> None:
    """Refuse an order that there is not.

    Raises
    ------
    UsageError
    """
    if name not in ORDERS:
        raise no_such_order(name, ORDERS)


def ordered(
    order: str, artists: Sequence[str], titles: Sequence[str], vectors: VectorsOf, *, seed: int
) -> Order:
    """The places of a list's songs in an order.

    Parameters
    ----------
    order : str
        One of `ORDERS`.
    artists, titles : sequence of str
        Of songs from near to far of the exemplar, which is the first. Nobody is behind an empty artist.
    vectors : callable
        Gives the vectors (m, d) of songs at some places; only for "smooth".
    seed : int >= 0
        Of "shuffle".
    """
    check_order(order)
    n = len(artists)
    if order == "title":
        return tuple(sorted(range(n), key=lambda i: (titles[i].casefold(), i)))
    if order == "shuffle":
        return shuffled(artists, seed)
    return smooth(vectors, artists) if order == "smooth" and n > 2 else tuple(range(n))


def smooth(vectors: VectorsOf, artists: Sequence[str]) -> Order:
    """A short path through all songs from the first, without two songs of one artist in a row.

    Each song's nearest is next; then stretches of the path are turned round while that makes it shorter
    (2-opt: Croes 1958, Operations Research 6). Neighbours of one artist count as the farthest pair.
    """
    keys = np.unique([artist or f"\0{i}" for i, artist in enumerate(artists)], return_inverse=True)[1]
    path: list[int] = []
    n = len(keys)
    n_rounds = _ROUNDS if n <= _AT_ONCE else _FEW_ROUNDS
    for start in range(0, n, _AT_ONCE):
        places = np.arange(start, min(start + _AT_ONCE, n))
        some = np.concatenate([path[-1:], places]).astype(np.intp)  # from where the last stretch ended
        steps = steps_between(vectors(some), keys[some])
        found = _shortened(_greedy(steps), steps, n_rounds)
        path += some[found][1 if path else 0 :].tolist()
    return tuple(path)


def steps_between(vectors: Vectors, artists: NDArray[np.intp]) -> Steps:
    """How far songs are from each other (m, m); much farther where they have one artist."""
    own = vectors - vectors.mean(axis=0)  # single precision is enough: half of the time
    squares = (own**2).sum(axis=1) / 2
    steps: Steps = own @ own.T
    np.subtract(squares[:, None], steps, out=steps)
    steps += squares
    steps = np.sqrt(2 * np.maximum(steps, 0))
    steps += (artists[:, None] == artists) * (2 * steps.max() or np.float32(1))
    np.fill_diagonal(steps, 0)
    return steps


def length(vectors: Vectors, order: Sequence[int]) -> float:
    """Mean distance between a song and the next."""
    path = vectors[list(order)].astype(np.float64)
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).mean()) if len(path) > 1 else 0.0


def _greedy(steps: Steps) -> NDArray[np.intp]:
    path, free = [0], np.ones(len(steps), bool)
    free[0] = False
    while len(path) < len(steps):
        path.append(int(np.where(free, steps[path[-1]], np.inf).argmin()))
        free[path[-1]] = False
    return np.array(path, np.intp)


def _shortened(path: NDArray[np.intp], steps: Steps, n_rounds: int) -> NDArray[np.intp]:
    """Turn the stretch round that gains most from each place, until none gains; the first song stays."""
    n = len(path)
    least = 1e-6 * max(float(steps.max()), 1e-300)
    for _ in range(n_rounds):
        is_shorter = False
        for i in range(n - 1):
            before, first = path[i], path[i + 1]
            last, after = path[i + 1 :], path[i + 2 :]  # stretches from i + 1 to each later place
            gain = steps[before, first] - steps[before, last]
            gain[:-1] += steps[last[:-1], after] - steps[first, after]
            best = int(gain.argmax())
            if gain[best] > least:
                path[i + 1 : i + 2 + best] = path[i + 1 : i + 2 + best][::-1].copy()
                is_shorter = True
        if not is_shorter:
            break
    return path


def shuffled(artists: Sequence[str], seed: int) -> Order:
    """Songs drawn at random; a song waits while the one before it is by its artist."""
    waiting = np.random.default_rng(seed).permutation(len(artists)).tolist()
    order: list[int] = []
    left = Counter(artist for artist in artists if artist)
    while waiting:
        last = artists[order[-1]] if order else ""
        most, n_most = max(left.items(), key=lambda item: item[1], default=("", 0))
        must = 2 * n_most > len(waiting) and most != last  # else its songs would be left over in a row
        place = next(
            (
                place
                for place, song in enumerate(waiting)
                if (artists[song] == most if must else not last or artists[song] != last)
            ),
            0,
        )
        order.append(waiting.pop(place))
        left[artists[order[-1]]] -= 1
    return tuple(order)


def own_artist(artists: Sequence[str]) -> str:
    """The artist of more than half of a list's songs; empty where there is none."""
    if not artists:
        return ""
    artist, n_songs = Counter(artists).most_common(1)[0]
    return artist if n_songs > _OWN_LIST * len(artists) else ""


def capped(artists: Sequence[str], per_artist: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The places of the first songs of each artist, and those of the others.

    A list that is its artist's own keeps all of that artist's songs; nobody is behind an empty artist.
    """
    own, counts = own_artist(artists), Counter[str]()
    kept: list[int] = []
    others: list[int] = []
    for place, artist in enumerate(artists):
        counts[artist] += 1
        is_fine = not artist or artist == own or counts[artist] <= per_artist
        (kept if is_fine else others).append(place)
    return tuple(kept), tuple(others)
