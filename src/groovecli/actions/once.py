"""The songs of a library each once: which are one recording, and which are fit for playlists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context
from groovecli.library.answers import VectorRows
from groovecli.library.copies import pairs, prints_of
from groovecli.library.recordings import Alike
from groovecli.library.tracks import Rejected, Track
from groovecli.models.familiarity import familiar_with
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import Embedded
from groovecli.playlists.eligible import Eligible, Rules, eligible
from groovecli.playlists.repeats import (
    Limits,
    limits_for,
    parts,
    recordings,
    same_titles,
    suspects,
    versions,
)
from groovecli.playlists.rows import Vectors, blocks

# Times the distance from which `groove classify` calls a song unfamiliar: a note costs nothing, a song
# that is in no playlist does. Of 1,001 songs 1 is farther than that, and all of 10 synthetic voices.
_CLEARLY = 1.2


@dataclass(frozen=True)
class Compared:
    """Songs that are alike, by number, what could not be compared, and how much work that was.

    `n_compared` songs have a fingerprint, of which `n_made` were made now.
    """

    alike: tuple[Alike, ...]
    unread: tuple[Rejected, ...]
    n_compared: int
    n_made: int


@dataclass(frozen=True)
class Once:
    """The songs that playlists are made of, and the files that could not be compared with others."""

    songs: Eligible
    unread: tuple[Rejected, ...]


def songs_once(model: LoadedModel, embedded: Embedded, rules: Rules, context: Context) -> Once:
    """The songs of a library that playlists are made of; see `eligible`.

    Raises
    ------
    Interrupted
        The user stopped it; the fingerprints that were made are kept.
    """
    unread: list[Rejected] = []

    def compare(numbers: NDArray[np.intp]) -> Iterator[Alike]:
        some = [embedded.tracks[number] for number in numbers.tolist()]
        found = compared(some, only(embedded.stored, numbers), context)
        unread.extend(found.unread)
        for pair in found.alike:
            first, second = int(numbers[pair.first]), int(numbers[pair.second])
            yield Alike(first, second, pair.kind, pair.likeness, pair.distance)

    songs = eligible(embedded.tracks, _unlike(model, embedded.stored), compare, rules)
    return Once(songs, tuple(unread))


def compared(
    tracks: Sequence[Track], rows: Vectors | VectorRows, context: Context, limits: Limits | None = None
) -> Compared:
    """Which of some songs are one recording, or versions of one song.

    Only files that may be are read: those with a vector or a title like another one's. The catalogue
    keeps their fingerprints.

    Parameters
    ----------
    tracks : sequence of Track
        One file of each audio.
    rows : (n, d)
        Their vectors.
    limits : Limits, optional
        How near songs have to be; by default as these vectors say.

    Raises
    ------
    Interrupted
        The user stopped it; the fingerprints that were made are kept.
    """
    found: list[Alike] = []
    unread: dict[Path, Rejected] = {}
    n_compared = n_made = 0
    limits, same = limits or limits_for(rows), same_titles(tracks)
    for part, n_own in parts(tracks, suspects(tracks, rows, same, limits)):
        some = [tracks[number] for number in part.tolist()]
        prints = prints_of(context.catalog, some, jobs=context.jobs, monitor=context.monitor)
        place = {track.id: number for number, track in enumerate(some)}
        replicas = pairs(prints.tracks, prints.words)
        near = [(place[pair.first.id], place[pair.second.id], pair.likeness) for pair in replicas]
        new = [(part[a], part[b], likeness) for a, b, likeness in near if min(a, b) < n_own]
        found += recordings(tracks, rows, new, limits)
        unread |= {item.path: item for item in prints.unread}
        n_compared += sum(place[track.id] < n_own for track in prints.tracks)
        n_made += prints.n_made
    found += versions(same, rows, {(pair.first, pair.second) for pair in found}, limits)
    return Compared(tuple(found), tuple(unread.values()), n_compared, n_made)


Strange = Callable[[Vectors], NDArray[np.bool_]]
"""Rows of vectors -> which of them are clearly unlike all that a model has learnt from."""


def strange_to(model: LoadedModel) -> Strange | None:
    """What tells whether songs are unlike a model's music; None where the model can't tell."""
    known = familiar_with(model.memory.vectors) if model.memory else None
    if known is None:
        return None
    dim, far = model.description.spec.embedding_dim, _CLEARLY * known.limit
    return lambda vectors: known.distance(vectors[:, :dim]) > far


def _unlike(model: LoadedModel, stored: Vectors | VectorRows) -> NDArray[np.bool_] | None:
    """Which songs are strange to a model; None where it can't tell."""
    strange = strange_to(model)
    return None if strange is None else np.concatenate([strange(block) for _, block in blocks(stored)])


def only(stored: Vectors | VectorRows, numbers: NDArray[np.intp]) -> Vectors | VectorRows:
    """Some of the vectors, where they are."""
    return stored.only(numbers) if isinstance(stored, VectorRows) else stored[numbers]
