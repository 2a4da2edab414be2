"""All that says how healthy a space of sound is on a library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from groovecli.evaluation.health.agreement import Agreement, agreement, same_groups
from groovecli.evaluation.health.nearby import N_NEAR, NOBODY, Nearby, Numbers, nearby
from groovecli.evaluation.health.precision import UNKNOWN, Precision, precision
from groovecli.playlists import clusters
from groovecli.playlists.nearest import Metric
from groovecli.playlists.rows import Vectors, compared_by

FEWEST = 2 * N_NEAR
"""Songs, for a word on which are near: of fewer, a song's ten nearest are most of them."""
_SPARED = 0.1  # share of songs without which playlists are made again
_TIMES = 3
_LISTED = 20
N_STEPS = 3 + _TIMES


def _nothing() -> None:
    """Nobody counts."""


@dataclass(frozen=True)
class Songs:
    """The songs that are measured.

    rows : np.ndarray [shape=(n, d), dtype=float32]
    artists : np.ndarray [shape=(n,)]
        Number of each song's artist.
    genres : tuple of str
        "" where it is not known.
    labels : mapping of str to such a tuple
        What playlists are compared with, by what it is: "folders", "genre tags".
    listed : np.ndarray of int, optional
        The songs that playlists are made of, in the order in which these are made; all if not given.
    """

    rows: Vectors
    metric: Metric
    artists: Numbers
    genres: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    listed: Numbers | None = None

    @property
    def in_playlists(self) -> Numbers:
        """The songs that playlists are made of."""
        return np.arange(len(self), dtype=np.intp) if self.listed is None else self.listed

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Listed:
    """A song by its number, in how many lists of ten it is, corrected and by distance alone.

    `nearest` is the first of its own list; None where there is none.
    """

    song: int
    n_lists: int
    n_plain: int
    nearest: int | None = None


@dataclass(frozen=True)
class Hubs:
    """Songs that are in most lists of ten, and those that are in nobody's, before and after the correction.

    `hubs` and `orphans` are the first of many; `n_orphans` counts all. Orphans are from far to near of
    their nearest song. `most` is in how many lists one song is.
    """

    hubs: tuple[Listed, ...]
    orphans: tuple[Listed, ...]
    n_orphans: int
    n_orphans_plain: int
    most: int
    most_plain: int


@dataclass(frozen=True)
class Stability:
    """How far playlists are the same when they are made again: adjusted Rand indices, 1 is the same.

    by_seed : float
        With the next seed.
    by_songs : tuple of float
        Without a tenth of the songs, drawn at random, some times; of the songs that are left.
    """

    by_seed: float
    by_songs: tuple[float, ...]

    @property
    def of_songs(self) -> float:
        """The mean over draws."""
        return float(np.mean(self.by_songs))


@dataclass(frozen=True)
class Health:
    """How healthy a space is; what can't be measured of so few songs, or without genres, is None.

    `n_songs` were measured, of `n_library`.
    """

    n_songs: int
    n_library: int
    n_playlists: int
    precision: Precision | None
    hubs: Hubs | None
    agreement: Mapping[str, Agreement]
    stability: Stability | None


def health(songs: Songs, n_library: int, *, seed: int = 0, step: Callable[[], None] = _nothing) -> Health:
    """Measure the space that songs are in; `step` is called before each of `N_STEPS` parts of the work."""
    step()
    names, genres = _numbered(songs.genres)
    is_enough = len(songs) >= FEWEST
    near = nearby(songs.rows, songs.metric, songs.artists, genres != UNKNOWN) if is_enough else None
    step()
    listed = songs.in_playlists
    groups = _grouped(songs, seed, listed)
    compared = {
        what: agreement(groups, _numbered(labels)[1][listed], songs.artists[listed], seed=seed)
        for what, labels in songs.labels.items()
    }
    return Health(
        len(songs),
        n_library,
        len(np.unique(groups[groups >= 0])),
        precision(near.others, genres, songs.artists, names) if near else None,
        _hubs(near) if near else None,
        {what: each for what, each in compared.items() if each is not None},
        _stability(songs, groups, seed, step) if len(listed) >= FEWEST else None,
    )


def _numbered(labels: Sequence[str]) -> tuple[list[str], Numbers]:
    names = sorted(set(labels) - {""})
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([number.get(label, UNKNOWN) for label in labels], np.intp)


def _hubs(near: Nearby) -> Hubs:
    lists = near.all
    n = len(lists.corrected)
    counts, plain = (
        np.bincount(each[each != NOBODY], minlength=n) for each in (lists.corrected, lists.plain)
    )

    def listed(song: int) -> Listed:
        first = int(lists.corrected[song, 0])
        return Listed(song, int(counts[song]), int(plain[song]), None if first == NOBODY else first)

    most = np.lexsort((np.arange(n), -counts))[:_LISTED]
    alone = np.flatnonzero(counts == 0)
    far = alone[np.argsort(-lists.distance[alone], kind="stable")][:_LISTED]
    return Hubs(
        hubs=tuple(map(listed, most.tolist())),
        orphans=tuple(map(listed, far.tolist())),
        n_orphans=len(alone),
        n_orphans_plain=int((plain == 0).sum()),
        most=int(counts.max()),
        most_plain=int(plain.max()),
    )


def _grouped(songs: Songs, seed: int, only: Numbers) -> Numbers:
    """The playlist of each of some songs, as `groove cluster` groups them; of no song none."""
    if not len(only):
        return np.zeros(0, np.intp)
    compared = compared_by(songs.metric, songs.rows[only])
    return clusters.cluster(compared, seed=seed).labels


def _stability(songs: Songs, groups: Numbers, seed: int, step: Callable[[], None]) -> Stability:
    listed = songs.in_playlists
    n = len(listed)
    found = []
    for draw in range(_TIMES):
        step()
        rng = np.random.default_rng((seed, draw))
        kept = np.sort(rng.permutation(n)[: n - max(1, round(_SPARED * n))])
        found.append(same_groups(groups[kept], _grouped(songs, seed, listed[kept])))
    step()
    next_seed = seed + 1 if seed < 2**32 - 1 else 0
    return Stability(same_groups(groups, _grouped(songs, next_seed, listed)), tuple(found))
