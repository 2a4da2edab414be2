"""Which songs of a library may be there again: cheap questions, before files are read to compare them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from groovecli.library.recordings import AS_LONG_S, Alike
from groovecli.library.titles import song_key, title_of
from groovecli.library.tracks import Track
from groovecli.playlists.rows import Rows, Vectors, along, main_axes, sample, unit

Pairs = NDArray[np.intp]

_NEAR = 0.1  # copies at 48 kbit/s are within 0.022; 12 of 470,935 pairs of other songs are within 0.1
_SAME_SOUND = 0.05
_USUAL = 0.2  # half of all pairs are farther apart than that: 0.84 by groove-net
_FEWEST = 100  # songs, to tell what is usual
_DIM = 256  # numbers of a vector that are compared first: 1 of 2,700 pairs passes, by 128 1 of 360
_LEARNT_FROM = 5000
_ROWS, _COLUMNS = 1024, 8192  # compared at once by their main parts
_PAIRS = 1024  # compared at once by the whole vectors
_SLACK = 1e-4  # of float32 sums
_AT_ONCE = 50_000  # songs whose fingerprints are in memory: 2.4 KB each, and an index
_MOST_OF_A_TITLE = 50  # files of one artist and title that are compared with each other


@dataclass(frozen=True)
class Lengths:
    """Songs from the shortest to the longest, without those of unknown length.

    order : np.ndarray [shape=(n,), dtype=int64]
        Numbers of the songs.
    durations_s : np.ndarray [shape=(n,), dtype=float64]
    """

    order: NDArray[np.int64]
    durations_s: NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """Up to which distance of their vectors songs are compared, and count as sounding the same.

    Parameters
    ----------
    near : float
        Two songs of one length are compared by their fingerprints.
    same_sound : float
        Two versions of one title are one song.
    """

    near: float = _NEAR
    same_sound: float = _SAME_SOUND


def limits_for(rows: Rows) -> Limits:
    """The limits for songs' vectors; narrower where a model finds all songs alike."""
    if len(rows) < _FEWEST:
        return Limits()
    some = unit(sample(rows, _LEARNT_FROM, seed=0))
    others = some[np.random.default_rng(0).permutation(len(some))]
    usual = float(np.median(1 - (some.astype(np.float64) * others).sum(axis=1)))
    scale = min(1.0, max(0.0, usual) / _USUAL)
    return Limits(scale * _NEAR, scale * _SAME_SOUND)


def by_length(tracks: Sequence[Track]) -> Lengths:
    """Put songs in the order of their lengths."""
    durations = np.array([track.duration_s for track in tracks], np.float64)
    order = np.argsort(durations, kind="stable")
    order = order[np.isfinite(durations[order])]
    return Lengths(order, durations[order])


def suspects(tracks: Sequence[Track], rows: Rows, same: Pairs, limits: Limits) -> NDArray[np.intp]:
    """Numbers of the songs that may be one recording with another, from short to long.

    With some other song they are about as long, and near to it or, as `same_titles` found, of one artist
    and title. Time grows with the songs times those of their length, memory with the songs.
    """
    lengths = by_length(tracks)
    found = np.zeros(len(tracks), bool)
    if len(lengths.order) > 1:
        found[lengths.order] = _near(rows, lengths, limits.near)
    for first, second in same.tolist():
        if abs(tracks[first].duration_s - tracks[second].duration_s) <= AS_LONG_S:
            found[[first, second]] = True
    return lengths.order[found[lengths.order]]


def parts(tracks: Sequence[Track], numbers: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], int]]:
    """Songs from short to long, some thousands at a time, whose fingerprints are compared in one go.

    Each part ends with songs of the next one that are as long as its last own song, and says how many are
    its own: a pair belongs to the part that the shorter song is in.
    """
    durations = np.array([tracks[number].duration_s for number in numbers.tolist()])
    for start in range(0, len(numbers), _AT_ONCE):
        own = numbers[start : start + _AT_ONCE]
        end = np.searchsorted(durations, durations[start + len(own) - 1] + AS_LONG_S, side="right")
        yield numbers[start:end], len(own)


def recordings(
    tracks: Sequence[Track], rows: Rows, replicas: Sequence[tuple[int, int, float]], limits: Limits
) -> Iterator[Alike]:
    """Of songs with like fingerprints (two numbers, likeness) those that are one recording.

    They are as long, and all of the song is near, not just the first seconds that a fingerprint is of:
    an instrumental may begin as the song does. Where titles name other versions, it has to be very near;
    where artist, title and version are the same, they say that it is one song.
    """
    gaps = distances_of(rows, np.array([pair[:2] for pair in replicas], np.intp).reshape(-1, 2))
    for (first, second, likeness), gap in zip(replicas, gaps.tolist(), strict=True):
        limit = _limit(tracks[first], tracks[second], limits)
        if abs(tracks[first].duration_s - tracks[second].duration_s) <= AS_LONG_S and gap <= limit:
            yield Alike(int(first), int(second), "recording", likeness, gap)


def versions(same: Pairs, rows: Rows, known: Set[tuple[int, int]], limits: Limits) -> Iterator[Alike]:
    """Songs of one artist and title that sound the same, and are not `known` to be one recording."""
    for (first, second), gap in zip(same.tolist(), distances_of(rows, same).tolist(), strict=True):
        if gap <= limits.same_sound and not {(first, second), (second, first)} & known:
            yield Alike(first, second, "version", None, gap)


def same_titles(tracks: Sequence[Track]) -> Pairs:
    """Pairs of songs of one artist and title (m, 2), whatever version the title names."""
    hashes = np.array([hash(song_key(track.tags)) for track in tracks], np.int64)  # keys would be many
    _, place, n_songs = np.unique(hashes, return_inverse=True, return_counts=True)
    songs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number in np.flatnonzero(n_songs[place] > 1).tolist():
        if key := song_key(tracks[number].tags):
            songs[key].append(number)
    some = (numbers[:_MOST_OF_A_TITLE] for numbers in songs.values())
    found = [pair for numbers in some for pair in combinations(numbers, 2)]
    return np.array(found, np.intp).reshape(-1, 2)


def _limit(first: Track, second: Track, limits: Limits) -> float:
    """How far apart two songs with like fingerprints may be as a whole."""
    one, two = first.tags.title, second.tags.title
    if one and two and title_of(one).version != title_of(two).version:
        return limits.same_sound
    key = song_key(first.tags)
    return math.inf if key is not None and key == song_key(second.tags) else limits.near


def distances_of(rows: Rows, pairs: NDArray[np.intp]) -> NDArray[np.float64]:
    """Cosine distance of each pair [shape=(m, 2)] of rows; 1 for a vector of zeros."""
    found = np.ones(len(pairs))
    for start in range(0, len(pairs), _PAIRS):
        part = pairs[start : start + _PAIRS]
        numbers, places = np.unique(part, return_inverse=True)
        scaled = unit(rows[numbers])
        one, two = places.reshape(part.shape).T
        found[start : start + _PAIRS] = 1 - (scaled[one].astype(np.float64) * scaled[two]).sum(axis=1)
    return found


def _near(rows: Rows, lengths: Lengths, near: float) -> NDArray[np.bool_]:
    """Which songs, from short to long, have another one of their length near them.

    Their main parts tell which may be; of these, the whole vectors are compared.
    """
    axes = main_axes(unit(sample(rows, _LEARNT_FROM, seed=0)), _DIM)
    found = np.zeros(len(lengths.order), bool)
    ends = np.searchsorted(lengths.durations_s, lengths.durations_s + AS_LONG_S, side="right")
    main = np.empty((0, axes.shape[1] + 2), np.float32)  # of the songs from `top` on, some at a time
    for top in range(0, len(found), _ROWS):
        last = int(ends[min(top + _ROWS, len(found)) - 1])
        main = np.concatenate([main, _main_parts(rows, lengths.order[top + len(main) : last], axes)])
        own = main[:_ROWS].copy()
        own[:, [-2, -1]] = own[:, [-1, -2]]
        for left in range(top, last, _COLUMNS):
            others = main[left - top : left - top + _COLUMNS]
            may_be = own @ others.T >= -(near + _SLACK)
            row, column = np.divmod(np.flatnonzero(may_be), may_be.shape[1])
            pairs = np.stack([row + top, column + left], axis=1)
            pairs = pairs[(pairs[:, 1] > pairs[:, 0]) & (pairs[:, 1] < ends[pairs[:, 0]])]
            for start in range(0, len(pairs), _PAIRS):
                some = pairs[start : start + _PAIRS]
                some = some[~found[some].all(axis=1)]
                is_near = distances_of(rows, lengths.order[some]) <= near
                found[some[is_near]] = True
        main = main[_ROWS:]
    return found


def _main_parts(rows: Rows, numbers: NDArray[np.int64], axes: Vectors) -> Vectors:
    """Of some vectors, of length one, the numbers in which songs differ most, and two more.

    Songs may be nearer to each other by them than by the whole vectors, but never farther. The two more
    are minus half their sum of squares, and 1: the product of one song's with another's, the two
    exchanged, is minus half the square of their distance.
    """
    main = np.ones((len(numbers), axes.shape[1] + 2), np.float32)
    for start in range(0, len(numbers), _ROWS):
        part = slice(start, start + _ROWS)
        main[part, :-2] = along(unit(rows[numbers[part]]), axes)
    main[:, -2] = -np.square(main[:, :-2], dtype=np.float64).sum(axis=1) / 2
    return main
